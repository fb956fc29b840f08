"""Replays against a small server that does what the protos say, and what a real one should not."""
import asyncio
import hashlib
import logging
import threading
from concurrent import futures

import grpc
import penstock
import penstock.aio
import pytest
from penstock import columns, errors
from penstock import market_data as md
from penstock.v1 import admin_pb2 as ad
from penstock.v1 import admin_pb2_grpc
from penstock.v1 import events_pb2 as ev
from penstock.v1 import service_pb2 as sv
from penstock.v1 import service_pb2_grpc

NOW = 1_700_000_000_000_000_000


class Replaying(service_pb2_grpc.MarketStreamServicer, admin_pb2_grpc.ChannelAdminServicer):
    """Makes a HIGH of every good tick and a BAR_CLOSED of every bar."""

    def __init__(self):
        self.setups = []
        self.sequences = []
        self.ended = threading.Event()
        self.abort_after = None
        self.with_summary = True

    def Replay(self, requests, context):
        context.add_callback(self.ended.set)
        first = next(requests)
        if first.WhichOneof("request") != "setup":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the first request must be setup")
        self.setups.append(first.setup)
        ack = md.PublishResponse()
        events = []
        for request in requests:
            if self.abort_after == len(self.sequences):
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "max_items is 1")
            self.sequences.append(request.publish.sequence)
            new = []
            for index, item in enumerate(items_of(request.publish)):
                if isinstance(item, md.Tick) and item.price <= 0:
                    ack.rejected += 1
                    ack.rejections.add(
                        sequence=request.publish.sequence, index=index, code=md.REJECTION_CODE_BAD_PRICE, detail="price"
                    )
                    continue
                ack.accepted += 1
                kind = ev.EVENT_TYPE_HIGH if isinstance(item, md.Tick) else ev.EVENT_TYPE_BAR_CLOSED
                new.append(ev.Event(id=f"{item.symbol}/{ack.accepted}", type=kind, symbol=item.symbol))
            events += new
            if new:
                yield sv.ReplayResponse(events=ev.EventBatch(events=new))
            ack.acked_sequence = request.publish.sequence
            yield sv.ReplayResponse(ack=ack)
            del ack.rejections[:]
        if not self.with_summary:
            return
        counts = {}
        for event in events:
            counts[event.type, event.symbol] = counts.get((event.type, event.symbol), 0) + 1
        yield sv.ReplayResponse(
            summary=sv.ReplaySummary(
                counts=[sv.ReplayCount(type=kind, symbol=symbol, events=count) for (kind, symbol), count in counts.items()],
                digest=hashlib.sha256("".join(sorted(event.id for event in events)).encode()).digest(),
            )
        )

    def ListSessions(self, request, context):
        return ad.ListSessionsResponse(sessions=[ad.SessionInfo(id="s1", peer="127.0.0.1:5", streams=2, lag=7)])

    def DisconnectSession(self, request, context):
        if request.id != "s1":
            context.abort(grpc.StatusCode.NOT_FOUND, f"there is no session '{request.id}'")
        return ad.DisconnectSessionResponse()

    def Shutdown(self, request, context):
        self.grace_ms = request.grace_ms
        return ad.ShutdownResponse()


def items_of(publish):
    kind = publish.WhichOneof("payload")
    if kind == "tick_columns":
        taken = publish.tick_columns
        return [
            md.Tick(symbol=taken.symbols[place], price=price) for place, price in zip(taken.symbol_index, taken.price)
        ]
    return {"ticks": publish.ticks.ticks, "bars": publish.bars.bars, "fair_market_values": publish.fair_market_values.values}[kind]


@pytest.fixture
def replaying():
    servicer = Replaying()
    server = grpc.server(futures.ThreadPoolExecutor(4))
    service_pb2_grpc.add_MarketStreamServicer_to_server(servicer, server)
    admin_pb2_grpc.add_ChannelAdminServicer_to_server(servicer, server)
    servicer.target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield servicer
    server.stop(None).wait(10)


@pytest.fixture
def client(replaying):
    with penstock.connect(replaying.target) as client:
        yield client


def ticks(count, symbol="A"):
    return [(symbol, NOW + i, 10.0 + i, 1.0) for i in range(count)]


def failing(count):
    yield from ticks(count)
    raise OSError("the disk is gone")


def in_asyncio(replaying, run):
    """`run(client)` to its end; a bound for a broken client, not for luck."""

    async def whole():
        async with penstock.aio.connect(replaying.target) as client:
            return await run(client)

    return asyncio.run(asyncio.wait_for(whole(), 30))


# --- Failure paths


@pytest.mark.parametrize("count", [0, 1, 600])
def test_data_that_fail_end_the_replay_with_what_they_raised(replaying, client, count, caplog):
    with pytest.raises(OSError, match="the disk is gone"):
        list(client.replay(failing(count), batch_size=1))

    async def run(client):
        async for _ in client.replay(failing(count), batch_size=1):
            pass

    with pytest.raises(OSError, match="the disk is gone"):
        in_asyncio(replaying, run)
    # grpcio's own queue may still know the closed loop of a test before this one, and says so in this one's log.
    ours = [record for record in caplog.records if "PollerCompletionQueue" not in record.getMessage()]
    assert not [record for record in ours if record.levelno >= logging.ERROR]


def test_the_servers_refusal_ends_the_replay_with_its_status_and_words(replaying, client):
    replaying.abort_after = 3
    replay = client.replay(ticks(4), batch_size=1)
    with pytest.raises(penstock.ServerError, match="max_items is 1") as error:
        list(replay)
    assert error.value.status is grpc.StatusCode.RESOURCE_EXHAUSTED
    with pytest.raises(RuntimeError, match="after the last event"):
        replay.summary

    async def run(client):
        async for _ in client.replay(ticks(4), batch_size=1):
            pass

    replaying.sequences.clear()
    with pytest.raises(penstock.ServerError, match="max_items is 1"):
        in_asyncio(replaying, run)


def test_an_end_without_a_summary_is_an_error(replaying, client):
    replaying.with_summary = False
    with pytest.raises(penstock.ServerError, match="without a summary"):
        list(client.replay(ticks(3)))
    with pytest.raises(penstock.ServerError, match="without a summary"):
        in_asyncio(replaying, lambda client: client.replay(ticks(3)).run())


def test_an_absent_server_is_not_tried_again():
    with penstock.connect("127.0.0.1:1") as client:
        with pytest.raises(errors.Unavailable):
            list(client.replay(ticks(3)))


def test_settings_that_there_are_not_are_refused_before_anything_is_sent(replaying, client):
    with pytest.raises(ValueError, match="overflows is no setting"):
        client.replay([], channels=[{"name": "t", "overflows": 1}])
    with pytest.raises(ValueError, match="a profile needs a name"):
        client.replay([], profiles=[{"detectors.tick.surge.z": 5}])
    assert replaying.setups == []


def test_a_replay_that_is_left_ends_at_the_server(replaying, client):
    def endless():
        while True:
            yield from ticks(1000)

    with client.replay(endless()) as replay:
        assert next(replay).symbol == "A"
    assert replaying.ended.wait(20)

    async def run(client):
        async with client.replay(endless()) as replay:
            async for event in replay:
                assert event.symbol == "A"
                break

    replaying.ended.clear()
    in_asyncio(replaying, run)
    assert replaying.ended.wait(20)


def test_a_deadline_bounds_the_whole_replay(client):
    over = threading.Event()

    def waiting():
        yield from ticks(1)
        over.wait(20)

    with pytest.raises(penstock.ServerError) as error:
        list(client.replay(waiting(), batch_size=1, timeout=0.3))
    over.set()
    assert error.value.status is grpc.StatusCode.DEADLINE_EXCEEDED


# --- What comes


def test_the_setup_comes_first_and_holds_what_was_given(replaying, client):
    client.replay(
        ticks(5), batch_size=2, channels=[{"name": "t", "type": "TICK", "batching.max_batch": 9}],
        profiles=[ad.ProfileSpec(name="p"), {"name": "q", "symbols": ["A*"], "detectors.tick.surge.z": 5}],
    ).run()
    (setup,) = replaying.setups
    assert (setup.channels[0].name, setup.channels[0].batching.max_batch) == ("t", 9)
    assert [profile.name for profile in setup.profiles] == ["p", "q"]
    assert setup.profiles[1].detectors.tick.surge.z == 5
    # Counted from 1, so that rejections have a place.
    assert replaying.sequences == [1, 2, 3]


def test_events_come_and_then_the_summary(client):
    bars = columns.bar_batches("B", [NOW, NOW + 1], 5, *[[1.0, 1.0]] * 5)
    replay = client.replay([*ticks(3), ("A", NOW, -1.0, 1.0), *bars, *columns.tick_columns("C", [NOW], [1.0], [1.0])])
    with pytest.raises(RuntimeError):
        replay.summary
    assert [event.symbol for event in replay] == ["A", "A", "A", "B", "B", "C"]
    summary = replay.summary
    assert summary.counts == {("HIGH", "A"): 3, ("BAR_CLOSED", "B"): 2, ("HIGH", "C"): 1}
    assert summary.by_type() == {"HIGH": 4, "BAR_CLOSED": 2} and summary.by_symbol() == {"A": 3, "B": 2, "C": 1}
    assert summary.events == 6 and len(summary.digest) == 32
    assert (replay.totals.accepted, replay.totals.rejected) == (6, 1)
    assert [(r.sequence, r.index, r.code) for r in replay.rejections] == [(1, 3, md.REJECTION_CODE_BAD_PRICE)]
    assert list(replay) == [] and replay.run() == summary


def test_run_reads_on_past_what_was_read(client):
    replay = client.replay(ticks(1000))
    next(replay)
    assert replay.run().events == 1000


def test_a_replay_of_nothing_has_a_summary(client):
    summary = client.replay([]).run()
    assert summary.counts == {} and len(summary.digest) == 32


def test_much_data_and_many_events_pass_each_other(replaying, client):
    """More of both than the windows hold: neither side waits for the other for ever."""
    count = 50_000
    assert client.replay(ticks(count), batch_size=100, timeout=60).run().events == count
    assert in_asyncio(replaying, lambda client: client.replay(ticks(count), batch_size=100).run()).events == count


def test_asyncio_gives_the_same(replaying, client):
    async def run(client):
        replay = client.replay(ticks(700), channels=[{"name": "t"}])
        with pytest.raises(RuntimeError):
            replay.summary
        events = [event.id async for event in replay]
        return events, replay.summary, replay.totals

    events, summary, totals = in_asyncio(replaying, run)
    again = client.replay(ticks(700))
    assert events == [event.id for event in again] and summary == again.summary and totals == again.totals


# --- Calls of ChannelAdmin that some servers do not have


def test_sessions_and_shutdown(replaying, client):
    (session,) = client.admin.list_sessions()
    assert (session.id, session.peer, session.streams, session.lag) == ("s1", "127.0.0.1:5", 2, 7)
    client.admin.disconnect_session("s1")
    with pytest.raises(errors.NotFound, match="s2"):
        client.admin.disconnect_session("s2")
    client.admin.shutdown(2500)
    assert replaying.grace_ms == 2500
    with pytest.raises(errors.Unimplemented):
        client.admin.list_channels()

    async def run(client):
        assert [session.id for session in await client.admin.list_sessions()] == ["s1"]
        await client.admin.disconnect_session("s1")
        await client.admin.shutdown(7)

    in_asyncio(replaying, run)
    assert replaying.grace_ms == 7
