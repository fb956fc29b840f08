"""The client against a real server."""
import asyncio

import numpy
import penstock
import penstock.aio
import pytest

NOW = 1_700_000_000_000_000_000
SECOND = 10**9


def rising(symbol, count):
    return [(symbol, NOW + i * SECOND, 100 * 1.002**i, 1.0) for i in range(count)]


def highs(client, symbol):
    return list(client.subscribe(symbols=[symbol], types=["HIGH"], from_sequence=1, end_when_caught_up=True))


def test_ticks_batches_and_columns_make_events(server):
    with penstock.connect(server.target) as client:
        with client.publisher("shapes", batch_size=7) as publisher:
            for row in rising("PA", 20):
                publisher.tick(*row)
            publisher.publish(rising("PB", 20))
            rows = rising("PC", 20)
            publisher.publish_columns(
                "PC", numpy.array([r[1] for r in rows]), numpy.array([r[2] for r in rows]), numpy.ones(20), rows=8
            )
            publisher.flush(20)
            assert publisher.totals.accepted == 60 and publisher.totals.rejected == 0
            assert publisher.acked_sequence > 0
        for symbol in ("PA", "PB", "PC"):
            assert len(highs(client, symbol)) == 19


def test_rejections_are_handed_over(server):
    seen = []
    with penstock.connect(server.target) as client:
        with client.publisher(on_rejection=seen.append) as publisher:
            publisher.publish([("PD", NOW, 1, 1), ("PD", NOW, -1, 1)])
            publisher.flush(20)
            assert publisher.totals.rejected == 1 and publisher.totals.accepted == 1
    assert [r.code for r in seen] == [penstock.market_data.REJECTION_CODE_BAD_PRICE]


def test_a_name_goes_on_where_it_stopped(server):
    with penstock.connect(server.target) as client:
        with client.publisher("again") as publisher:
            publisher.publish(rising("PE", 5))
            first = publisher.flush(20)
        with client.publisher("again") as publisher:
            publisher.publish(rising("PE", 8)[5:])
            assert publisher.flush(20) == first + 1
            assert publisher.totals.duplicates == 0
        assert len(highs(client, "PE")) == 7


def test_columns_of_uneven_length_are_refused_at_once(server):
    with penstock.connect(server.target) as client, client.publisher() as publisher:
        with pytest.raises(ValueError, match="price"):
            publisher.publish_columns("X", [1, 2], [1.0], [1.0, 1.0])
        with pytest.raises(ValueError, match="HIGH"):
            client.subscribe(types=["NOTHING"])


def test_everything_tells_heartbeats_and_caught_up(server):
    with penstock.connect(server.target) as client:
        items = list(client.subscribe(symbols=["NOBODY"], from_sequence=1, end_when_caught_up=True, everything=True))
        assert isinstance(items[0], penstock.Heartbeat) and isinstance(items[-1], penstock.CaughtUp)


def test_session_metrics_state_and_info(server):
    with penstock.connect(server.target) as client:
        with client.session() as session:
            session.ping(5)
            assert next(iter(session)).pong.token == 5
            session.publish(penstock.market_data.PublishRequest(tick=dict(symbol="PF", timestamp_ns=NOW, price=1, size=1)))
            assert next(frame for frame in session if frame.HasField("ack") and frame.ack.acked_sequence == 1)
        assert client.symbol_states(["PF", "NOBODY"]).keys() == {"PF"}
        assert client.server_info().version and client.metrics().channels and len(client.channels()) == 4
        assert next(client.watch_metrics(100)).server.uptime_ns > 0


def test_asyncio(server):
    async def run():
        async with penstock.aio.connect(server.target) as client:
            async with client.publisher("async") as publisher:
                await publisher.publish(rising("PG", 30))
                await publisher.flush()
                assert publisher.totals.accepted == 30
            subscription = client.subscribe(symbols=["PG"], types=["HIGH"], from_sequence=1, end_when_caught_up=True)
            return [event.sequence async for event in subscription]

    sequences = asyncio.run(asyncio.wait_for(run(), 30))
    assert len(sequences) == 29 and sequences == sorted(set(sequences))
