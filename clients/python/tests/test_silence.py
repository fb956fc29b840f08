"""A network that goes silent without closing anything: a TCP proxy between the client and a real server does."""
import asyncio
import threading

import penstock
import penstock.aio
import pytest
import silent_proxy
from conftest import CONTINUOUS, NOW, SECOND, eventually, running, ticks
from penstock import _silence
from penstock._silence import Silence, of_answers, of_heartbeats, of_snapshots

QUICK = penstock.Backoff(initial=0.01, maximum=0.02)


def rising(symbol, start, count):
    return [(symbol, NOW + i * SECOND, 100 * 1.002**i, 1.0) for i in range(start, start + count)]


@pytest.fixture
def proxy(server):
    with silent_proxy.before(server) as one:
        yield one


@pytest.fixture
def impatient(monkeypatch):
    """A fraction of the client's own patience, for calls that owe nothing at fixed times."""
    monkeypatch.setattr(_silence, "ANSWER_PATIENCE", 1.0)
    monkeypatch.setattr(_silence, "ALIVE_TIMEOUT", 2.0)
    monkeypatch.setattr(Silence, "CONNECTING", 2.0)


def publish(server, rows):
    with penstock.connect(server.target) as client, client.publisher() as publisher:
        publisher.publish(rows)
        publisher.flush(20)


def test_a_subscriber_connects_again_and_gets_every_event_once(server, proxy):
    found = []
    with penstock.connect(proxy.target) as client:
        subscriber = client.subscribe(symbols=["QA"], types=["HIGH"], from_sequence=1, heartbeat_ms=300, backoff=QUICK)
        reader = threading.Thread(target=lambda: found.extend(event.sequence for event in subscriber), daemon=True)
        publish(server, rising("QA", 0, 11))
        reader.start()
        eventually(lambda: len(found) == 10)
        proxy.go_silent()
        publish(server, rising("QA", 11, 10))
        eventually(lambda: len(found) == 20)
        subscriber.close()
        reader.join(20)
    assert found == sorted(set(found)) and subscriber.reconnects >= 1 and not reader.is_alive()


def test_asyncio_connects_again_and_gets_every_event_once(server, proxy):
    async def run():
        found = []
        async with penstock.aio.connect(proxy.target) as client:
            async with client.subscribe(
                symbols=["QB"], types=["HIGH"], from_sequence=1, heartbeat_ms=300, backoff=QUICK,
            ) as subscriber:
                await asyncio.to_thread(publish, server, rising("QB", 0, 11))
                async for event in subscriber:
                    found.append(event.sequence)
                    if len(found) == 10:
                        proxy.go_silent()
                        await asyncio.to_thread(publish, server, rising("QB", 11, 10))
                    if len(found) == 20:
                        break
                return found, subscriber.reconnects

    found, reconnects = asyncio.run(asyncio.wait_for(run(), 30))
    assert found == sorted(set(found)) and reconnects >= 1


def test_a_network_that_stays_silent_is_an_error_that_says_so(server, proxy):
    with penstock.connect(proxy.target) as client:
        once = penstock.Backoff(attempts=0)
        events = iter(client.subscribe(heartbeat_ms=200, everything=True, backoff=once))
        assert isinstance(next(events), penstock.Heartbeat)
        proxy.go_silent()
        with pytest.raises(penstock.errors.Unavailable, match="nothing has come for 1 s and more"):
            for _ in events:
                pass


def test_flush_ends_on_a_silent_network(server, proxy, impatient):
    with penstock.connect(proxy.target) as client:
        with client.publisher("silent", backoff=QUICK) as publisher:
            publisher.publish(ticks("QC", 3))
            publisher.flush(20)
            proxy.go_silent()
            publisher.publish(ticks("QC", 6)[3:])
            publisher.flush(20)
            assert publisher.totals.accepted == 6 and publisher.reconnects >= 1


def test_flush_ends_on_a_silent_network_from_asyncio(server, proxy, impatient):
    async def run():
        async with penstock.aio.connect(proxy.target) as client:
            async with client.publisher("silent-aio", backoff=QUICK) as publisher:
                await publisher.publish(ticks("QD", 3))
                await publisher.flush(20)
                proxy.go_silent()
                await publisher.publish(ticks("QD", 6)[3:])
                await publisher.flush(20)
                return publisher.totals.accepted, publisher.reconnects

    accepted, reconnects = asyncio.run(asyncio.wait_for(run(), 60))
    assert accepted == 6 and reconnects >= 1


def test_a_session_ends_on_a_silent_network(server, proxy, impatient):
    with penstock.connect(proxy.target) as client, client.session() as session:
        session.ping(1)
        frames = iter(session)
        assert next(frames).pong.token == 1
        proxy.go_silent()
        session.ping(2)
        with pytest.raises(penstock.errors.Unavailable):
            next(frames)


def test_a_session_ends_on_a_silent_network_from_asyncio(server, proxy, impatient):
    async def run():
        async with penstock.aio.connect(proxy.target) as client, client.session() as session:
            await session.ping(1)
            async for frame in session:
                assert frame.pong.token == 1
                proxy.go_silent()

    with pytest.raises(penstock.errors.Unavailable, match="silent"):
        asyncio.run(asyncio.wait_for(run(), 30))


class Endless:
    """Ticks, until the network is silent."""

    def __init__(self, proxy):
        self.proxy = proxy

    def __iter__(self):
        yield from rising("QE", 0, 20)
        self.proxy.go_silent()
        yield from rising("QE", 20, 1)


def test_a_replay_ends_on_a_silent_network(server, proxy, impatient):
    with penstock.connect(proxy.target) as client, client.replay(Endless(proxy), batch_size=1) as replay:
        with pytest.raises(penstock.errors.Unavailable, match="silent"):
            replay.run()


def test_a_replay_ends_on_a_silent_network_from_asyncio(server, proxy, impatient):
    async def run():
        async with penstock.aio.connect(proxy.target) as client, client.replay(Endless(proxy), batch_size=1) as replay:
            await replay.run()

    with pytest.raises(penstock.errors.Unavailable, match="silent"):
        asyncio.run(asyncio.wait_for(run(), 30))


@pytest.mark.parametrize("kind", ["sync", "asyncio"])
def test_a_channel_that_is_paused_is_not_taken_for_a_silent_network(tmp_path, impatient, monkeypatch, kind):
    # However busy the machine is.
    monkeypatch.setattr(_silence, "ALIVE_TIMEOUT", 20.0)

    def synchronous(target):
        with penstock.connect(target) as client, client.publisher() as publisher:
            publisher.publish(ticks("QF", 3))
            with pytest.raises(TimeoutError):
                publisher.flush(5)
            client.admin.resume_channel("ticks-1")
            publisher.flush(20)
            return publisher.reconnects, publisher.totals.accepted

    async def asynchronous(target):
        async with penstock.aio.connect(target) as client, client.publisher() as publisher:
            await publisher.publish(ticks("QF", 3))
            with pytest.raises(TimeoutError):
                await publisher.flush(5)
            await client.admin.resume_channel("ticks-1")
            await publisher.flush(20)
            return publisher.reconnects, publisher.totals.accepted

    with running(tmp_path, CONTINUOUS + "channels: [{name: ticks-1}]\n") as server:
        with penstock.connect(server.target) as client:
            client.admin.pause_channel("ticks-1")
        found = synchronous(server.target) if kind == "sync" else asyncio.run(asyncio.wait_for(asynchronous(server.target), 60))
    assert found == (0, 3)


def test_metrics_end_on_a_silent_network(server, proxy, monkeypatch):
    monkeypatch.setattr(_silence, "DEFAULT_HEARTBEAT", 0.3)
    with penstock.connect(proxy.target) as client:
        snapshots = client.watch_metrics(100)
        next(snapshots)
        proxy.go_silent()
        with pytest.raises(penstock.errors.Unavailable, match="silent"):
            for _ in snapshots:
                pass


# -- What decides


def checks_until_found(silence, most=1000):
    for count in range(1, most):
        if silence.check():
            return count
    raise AssertionError("silence was not found")


def test_silence_is_three_heartbeats_found_at_most_a_quarter_later():
    for heartbeat_ms, patience in ((0, 15), (5_000, 15), (60_000, 180), (1_000, 3), (100, 1)):
        silence = of_heartbeats(heartbeat_ms)
        silence.waits()
        silence.heard()
        silence.waits()
        # The first check still sees that something has come; it may be made at once or an interval later.
        seconds = checks_until_found(silence) * silence.interval
        assert silence.patience == patience and patience < seconds <= patience * 1.25
    assert of_heartbeats(0).patience * 1.25 < 22


def test_a_call_that_has_not_begun_has_ten_seconds():
    silence = of_heartbeats(100)
    silence.waits()
    assert checks_until_found(silence) * silence.interval == 10


def test_nothing_is_expected_of_a_call_that_nobody_reads():
    silence = of_heartbeats(100)
    assert not any(silence.check() for _ in range(1000))
    silence.waits()
    silence.heard()
    assert not any(silence.check() for _ in range(1000))


def test_whatever_comes_begins_anew():
    silence = of_heartbeats(1000)
    for _ in range(10):
        silence.waits()
        assert not any(silence.check() for _ in range(silence.CHECKS - 1))
        silence.heard()
    silence.waits()
    assert checks_until_found(silence) == silence.CHECKS + 1


def test_a_watch_of_metrics_is_as_patient_as_a_subscription():
    assert of_snapshots(100).patience == of_heartbeats(0).patience and of_snapshots(60_000).patience == 180


def test_a_call_that_is_owed_nothing_is_not_silent():
    owed = []
    silence = of_answers(lambda: bool(owed))
    silence.waits()
    assert not any(silence.check() for _ in range(1000))
    owed.append(1)
    assert checks_until_found(silence) * silence.interval == silence.CONNECTING
    silence.begin_anew()
    assert not silence.is_found and checks_until_found(silence) > 1


def test_a_publisher_notices_in_time():
    assert _silence.ANSWER_PATIENCE * 1.25 + _silence.ALIVE_TIMEOUT < 22
    assert Silence.CONNECTING + _silence.ANSWER_PATIENCE / Silence.CHECKS + _silence.ALIVE_TIMEOUT < 22 + 1
