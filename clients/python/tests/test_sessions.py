"""Sessions, metrics and symbol states, synchronous and from asyncio, against a real server."""
import asyncio
import contextlib

import grpc
import penstock
import penstock.aio
import pytest
from conftest import RealServer, running
from penstock import errors
from penstock import market_data as md

NOW = 1_700_006_400_000_000_000
SECOND = 10**9
QUICK = penstock.Backoff(initial=0.01, maximum=0.1, attempts=None)


def request(sequence, symbol="SA", price=1.0):
    return md.PublishRequest(sequence=sequence, tick=md.Tick(symbol=symbol, timestamp_ns=NOW + sequence * SECOND, price=price, size=1))


def run(coroutine, seconds=60):
    return asyncio.run(asyncio.wait_for(coroutine, seconds))


def rising(symbol, count):
    return [(symbol, NOW + i * SECOND, 100 * 1.002**i, 1.0) for i in range(count)]


# --- Failure paths


def test_a_session_that_is_refused_says_why_where_it_is_read_and_where_it_is_sent(server):
    with penstock.connect(server.target) as client, client.session() as session:
        session.watch_metrics(5)
        with pytest.raises(errors.InvalidArgument, match="interval_ms is 5"):
            list(session)
        with pytest.raises(errors.InvalidArgument, match="interval_ms is 5"):
            session.ping(1)

    async def asynchronously():
        async with penstock.aio.connect(server.target) as client, client.session() as session:
            await session.watch_metrics(5)
            with pytest.raises(errors.InvalidArgument, match="interval_ms is 5"):
                [frame async for frame in session]
            with pytest.raises(errors.InvalidArgument, match="interval_ms is 5"):
                await session.ping(1)

    run(asynchronously())


def test_filters_that_there_are_not_are_refused_before_anything_is_sent(server):
    with penstock.connect(server.target) as client, client.session() as session:
        with pytest.raises(ValueError, match="HIGH"):
            session.subscribe(types=["NOTHING"])

    async def asynchronously():
        async with penstock.aio.connect(server.target) as client, client.session() as session:
            with pytest.raises(ValueError, match="HIGH"):
                await session.subscribe(types=["NOTHING"])
            with pytest.raises(ValueError, match="HIGH"):
                client.subscribe(types=["NOTHING"])

    run(asynchronously())


def test_a_session_whose_server_is_killed_is_lost(tmp_path):
    with running(tmp_path) as server, penstock.connect(server.target) as client, client.session("lost") as session:
        session.publish(request(1))
        frames = iter(session)
        assert next(frame for frame in frames if frame.ack.acked_sequence == 1)
        server.freeze()
        session.publish(request(2))
        server.kill()
        with pytest.raises(errors.Unavailable):
            list(frames)
        with pytest.raises(errors.Unavailable):
            session.publish(request(3))
        session.half_close()


def test_an_asyncio_session_whose_server_is_killed_is_lost(tmp_path):
    async def asynchronously(server):
        async with penstock.aio.connect(server.target) as client, client.session("lost") as session:
            await session.publish(request(1))
            frames = aiter(session)
            while (await anext(frames)).ack.acked_sequence != 1:
                pass
            server.freeze()
            await session.publish(request(2))
            # In the middle of reading.
            reading = asyncio.create_task(anext(frames))
            await asyncio.sleep(0)
            server.kill()
            with pytest.raises(errors.Unavailable):
                await reading
            with pytest.raises(errors.Unavailable):
                await session.publish(request(3))
            await session.half_close()

    with running(tmp_path) as server:
        run(asynchronously(server))


def test_a_newer_session_of_the_name_ends_the_older(server):
    with penstock.connect(server.target) as client, client.session("s-name") as older:
        assert next(iter(older)).ack.acked_sequence == 0
        with client.session("s-name") as newer:
            assert next(iter(newer)).HasField("ack")
            with pytest.raises(errors.Aborted, match="a newer stream publishes as 's-name'"):
                list(older)
            with pytest.raises(errors.Aborted):
                older.publish(request(1))

    async def asynchronously():
        async with penstock.aio.connect(server.target) as client, client.session("a-name") as older:
            assert (await anext(aiter(older))).HasField("ack")
            async with client.session("a-name") as newer:
                assert (await anext(aiter(newer))).HasField("ack")
                with pytest.raises(errors.Aborted, match="a newer stream publishes as 'a-name'"):
                    [frame async for frame in older]
                with pytest.raises(errors.Aborted):
                    await older.publish(request(1))

    run(asynchronously())


def test_garbage_on_a_session_is_rejected_by_request_and_place(server):
    batch = md.PublishRequest(sequence=2, ticks=md.TickBatch(ticks=[request(1).tick, md.Tick(symbol="SG"), md.Tick()]))
    with penstock.connect(server.target) as client, client.session() as session:
        for one in (request(1, "SG", price=-1), batch, request(2), md.PublishRequest(sequence=3)):
            session.publish(one)
        session.half_close()
        found = [(told.sequence, told.index, told.code) for frame in session for told in frame.ack.rejections]
    assert found == [
        (1, 0, md.REJECTION_CODE_BAD_PRICE), (2, 1, md.REJECTION_CODE_BAD_TIMESTAMP), (2, 2, md.REJECTION_CODE_BAD_SYMBOL),
        (2, 0, md.REJECTION_CODE_SEQUENCE_REGRESSION), (3, 0, md.REJECTION_CODE_EMPTY_PAYLOAD),
    ]


def test_nothing_is_sent_behind_a_half_close(server):
    with penstock.connect(server.target) as client, client.session() as session:
        session.subscribe(symbols=["NOBODY"])
        session.half_close()
        # It goes on while it is subscribed.
        assert next(iter(session)).HasField("subscription")
        with pytest.raises(RuntimeError, match="half-closed"):
            session.ping(1)

    async def asynchronously():
        async with penstock.aio.connect(server.target) as client, client.session() as session:
            await session.subscribe(symbols=["NOBODY"])
            await session.half_close()
            assert (await anext(aiter(session))).HasField("subscription")
            with pytest.raises(RuntimeError, match="half-closed"):
                await session.ping(1)

    run(asynchronously())


def test_closing_ends_whoever_reads(server):
    with penstock.connect(server.target) as client:
        session = client.session()
        session.subscribe(heartbeat_ms=60_000)
        for frame in session:
            if frame.subscription.HasField("caught_up"):
                session.close()
        with pytest.raises(penstock.ServerError) as error:
            session.ping(1)
        assert error.value.status is grpc.StatusCode.CANCELLED

    async def asynchronously():
        async with penstock.aio.connect(server.target) as client:
            session = client.session()
            await session.subscribe(heartbeat_ms=60_000)

            async def read():
                return [frame async for frame in session]

            reading = asyncio.create_task(read())
            await asyncio.sleep(0)
            await session.close()
            await reading
            with pytest.raises(penstock.ServerError) as error:
                await session.ping(1)
            assert error.value.status is grpc.StatusCode.CANCELLED

    run(asynchronously())


@pytest.mark.parametrize("what", ["session", "subscribe", "watch_metrics"])
def test_a_cancelled_reader_is_cancelled(server, what):
    """A call that ends like a cancelled one must not hide that a task was."""

    async def asynchronously():
        async with penstock.aio.connect(server.target) as client:
            source = {
                "session": client.session, "subscribe": lambda: client.subscribe(heartbeat_ms=60_000),
                "watch_metrics": lambda: client.watch_metrics(60_000),
            }[what]()
            if what == "session":
                await source.watch_metrics(60_000)
            started = asyncio.Event()

            async def read():
                started.set()
                return [item async for item in source]

            reading = asyncio.create_task(read())
            await started.wait()
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            if what == "session":
                await source.close()

    run(asynchronously())


def test_many_tasks_may_send_at_once(server):
    async def asynchronously():
        async with penstock.aio.connect(server.target) as client, client.session() as session:
            await asyncio.gather(*(session.ping(token) for token in range(200)))
            await session.half_close()
            assert [frame.pong.token async for frame in session] == list(range(200))

    run(asynchronously())


def test_metrics_are_refused_or_lost_with_a_word(tmp_path):
    with running(tmp_path) as server, penstock.connect(server.target) as client:
        with pytest.raises(errors.InvalidArgument, match="interval_ms is 7; must be from 100 to 60,000"):
            next(client.watch_metrics(7))

        async def refused():
            async with penstock.aio.connect(server.target) as client:
                with pytest.raises(errors.InvalidArgument, match="interval_ms is 7; must be from 100 to 60,000"):
                    await anext(client.watch_metrics(7))
                snapshots = client.watch_metrics(60_000)
                assert (await anext(snapshots)).channels
                server.kill()
                with pytest.raises(errors.Unavailable):
                    await anext(snapshots)
                with pytest.raises(errors.Unavailable):
                    await client.symbol_states(["A"])
                with pytest.raises(errors.Unavailable):
                    await client.metrics()

        snapshots = client.watch_metrics(60_000)
        assert next(snapshots).channels
        run(refused())
        with pytest.raises(errors.Unavailable):
            next(snapshots)
        with pytest.raises(errors.Unavailable):
            client.symbol_states(["A"])


def test_closing_the_client_ends_its_metrics(server):
    client = penstock.connect(server.target)
    snapshots = client.watch_metrics(60_000)
    assert next(snapshots).channels
    client.close()
    assert list(snapshots) == []

    async def asynchronously():
        client = penstock.aio.connect(server.target)
        snapshots = client.watch_metrics(60_000)
        assert (await anext(snapshots)).channels

        async def read():
            return [snapshot async for snapshot in snapshots]

        reading = asyncio.create_task(read())
        await asyncio.sleep(0)
        await client.close()
        assert await reading == []

    run(asynchronously())


def test_too_many_symbols_are_refused(server):
    names = [f"S{i}" for i in range(1001)]
    with penstock.connect(server.target) as client, pytest.raises(errors.InvalidArgument, match="1001 entries"):
        client.symbol_states(names)

    async def asynchronously():
        async with penstock.aio.connect(server.target) as client:
            with pytest.raises(errors.InvalidArgument, match="1001 entries"):
                await client.symbol_states(names)

    run(asynchronously())


# --- Subscriptions over a killed server


def test_an_asyncio_subscription_goes_on_after_its_server_was_killed(tmp_path):
    async def asynchronously(first, start_second):
        async with penstock.aio.connect(first.target) as client:
            async with client.publisher() as publisher:
                await publisher.publish(rising("SK", 5))
                await publisher.flush(20)
            async with client.subscribe(symbols=["SK"], types=["HIGH"], from_sequence=1, backoff=QUICK) as subscriber:
                events = aiter(subscriber)
                assert [(await anext(events)).symbol for _ in range(4)] == ["SK"] * 4
                waiting = asyncio.create_task(anext(events))
                await asyncio.sleep(0)
                first.kill()
                await asyncio.get_running_loop().run_in_executor(None, start_second)
                async with client.publisher(backoff=QUICK) as publisher:
                    await publisher.publish(rising("SK", 3))
                    await publisher.flush(20)
                # Without a store the log began anew: said, and read from its start.
                assert (await waiting).timestamp_ns == NOW + SECOND
                assert [missed.reason for missed in subscriber.missed] == ["LOG_REPLACED"] and subscriber.reconnects >= 1
                assert subscriber.last_sequence >= 1 and subscriber.watermark_ns >= 0

    with contextlib.ExitStack() as stack:
        first = stack.enter_context(running(tmp_path))
        second = []
        run(asynchronously(first, lambda: second.append(RealServer(tmp_path, port=first.port))))
        second[0].stop()


@pytest.mark.parametrize("is_lost", [False, True])
def test_closing_an_asyncio_subscription_ends_it_wherever_it_is(tmp_path, is_lost):
    async def asynchronously(server):
        async with penstock.aio.connect(server.target) as client:
            slow = penstock.Backoff(initial=1000, maximum=1000, attempts=None)
            subscriber = client.subscribe(everything=True, heartbeat_ms=60_000, backoff=slow)
            caught_up = asyncio.Event()

            async def read():
                items = []
                async for item in subscriber:
                    items.append(item)
                    if isinstance(item, penstock.CaughtUp):
                        caught_up.set()
                return items

            reading = asyncio.create_task(read())
            await caught_up.wait()
            if is_lost:
                server.kill()
                # It waits for its next attempt, for many minutes.
                while not subscriber.reconnects:
                    await asyncio.sleep(0.001)
            await subscriber.close()
            assert [type(item) for item in await reading] == [penstock.Heartbeat, penstock.CaughtUp]

    with running(tmp_path) as server:
        run(asynchronously(server))


# --- What it is for




def test_a_session_does_everything_on_one_call(server):
    with penstock.connect(server.target) as client, client.session() as session:
        for sequence in range(1, 6):
            session.publish(request(sequence, "SE", price=100 * 1.002**sequence))
        frames = iter(session)
        while next(frames).ack.acked_sequence < 5:
            pass
        session.subscribe(symbols=["SE"], types=["HIGH"], from_sequence=1, subscription_id="mine")
        events = []
        for frame in frames:
            assert frame.subscription.subscription_id == "mine"
            events.extend(frame.subscription.events.events)
            if frame.subscription.HasField("caught_up"):
                break
        assert [event.symbol for event in events] == ["SE"] * 4
        session.unsubscribe()
        session.watch_metrics(60_000)
        assert next(frame for frame in frames if frame.HasField("metrics")).metrics.channels
        session.stop_metrics()
        session.ping(7)
        assert next(frame for frame in frames if frame.HasField("pong")).pong.token == 7
        session.half_close()
        assert [frame for frame in frames if not frame.HasField("notice")] == []


def test_an_asyncio_session_does_everything_on_one_call(server):
    async def asynchronously():
        async with penstock.aio.connect(server.target) as client, client.session() as session:
            for sequence in range(1, 6):
                await session.publish(request(sequence, "SF", price=100 * 1.002**sequence))
            frames = aiter(session)
            while (await anext(frames)).ack.acked_sequence < 5:
                pass
            await session.subscribe(symbols=["SF"], types=["HIGH"], from_sequence=1, subscription_id="mine")
            events = []
            async for frame in frames:
                assert frame.subscription.subscription_id == "mine"
                events.extend(frame.subscription.events.events)
                if frame.subscription.HasField("caught_up"):
                    break
            assert [event.symbol for event in events] == ["SF"] * 4
            # The iteration can be taken up again.
            await session.unsubscribe()
            await session.watch_metrics(60_000)
            async for frame in session:
                if frame.HasField("metrics"):
                    assert frame.metrics.channels
                    break
            await session.stop_metrics()
            await session.ping(7)
            async for frame in session:
                if frame.HasField("pong"):
                    assert frame.pong.token == 7
                    break
            await session.half_close()
            assert [frame async for frame in session if not frame.HasField("notice")] == []

    run(asynchronously())


def test_asyncio_asks_for_states_metrics_and_what_the_server_is(server):
    async def asynchronously():
        async with penstock.aio.connect(server.target, options=[("grpc.primary_user_agent", "test")]) as client:
            async with client.publisher() as publisher:
                await publisher.tick("SS", NOW, 5.0, 1.0)
                await publisher.flush(20)
                assert publisher.acked_sequence == 1
            states = await client.symbol_states(["SS", "NOBODY"])
            assert states.keys() == {"SS"} and states["SS"].last_price == 5
            # One name, and not its letters.
            assert (await client.symbol_states("SS")).keys() == {"SS"}
            assert (await client.metrics()).channels and (await client.server_info()).version
            assert len(await client.channels()) == 4
            times = []
            async for snapshot in client.watch_metrics(100):
                times.append(snapshot.timestamp_ns)
                if len(times) == 3:
                    break
            assert times == sorted(set(times))

    run(asynchronously())
    with penstock.connect(server.target) as client:
        assert client.symbol_states("SS").keys() == {"SS"}
