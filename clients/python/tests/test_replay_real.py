"""Replays by a real server."""
import asyncio
import contextlib

import penstock
import penstock.aio
import pytest
from conftest import CONTINUOUS, running
from penstock import columns, errors
from penstock import market_data as md

NOW = 1_700_006_400_000_000_000
SECOND = 10**9
MINUTE = 60 * SECOND


def rising(symbol, count):
    return [(symbol, NOW + i * SECOND, 100 * 1.002**i, 1.0) for i in range(count)]


@pytest.fixture
def client(server):
    with penstock.connect(server.target) as client:
        yield client


# --- Failure paths


def test_each_bad_value_of_the_setup_is_named(client):
    with pytest.raises(errors.InvalidArgument) as error:
        client.replay(
            rising("A", 3), channels=[{"name": "t", "type": "TICK", "ring_capacity": 3}],
            profiles=[{"name": "p", "symbols": ["*"], "detectors.tick.surge.z": -5}],
        ).run()
    assert "ring_capacity" in error.value.message and "surge.z" in error.value.message


def test_bad_items_are_rejected_in_their_place_and_the_replay_goes_on(client):
    replay = client.replay(
        [*rising("A", 2), ("A", NOW + 2 * SECOND, -1.0, 1.0), *rising("A", 5)[3:], md.Bar(symbol="A", start_ns=NOW, duration_ns=MINUTE)]
    )
    assert replay.run().by_type()["HIGH"] == 3
    assert [(r.sequence, r.index, r.code) for r in replay.rejections] == [
        (1, 2, md.REJECTION_CODE_BAD_PRICE), (2, 0, md.REJECTION_CODE_BAD_BAR),
    ]
    assert (replay.totals.accepted, replay.totals.rejected) == (4, 2)


# --- What it is for


def test_events_and_counts_agree_and_the_live_log_stays_as_it_was(client):
    before = client.server_info().last_event_sequence
    replay = client.replay([*rising("A", 20), *rising("B", 5)])
    counts = {}
    for event in replay:
        kind = penstock.events.EventType.Name(event.type).removeprefix("EVENT_TYPE_")
        counts[kind, event.symbol] = counts.get((kind, event.symbol), 0) + 1
    assert replay.summary.counts == counts and counts["HIGH", "A"] == 19 and counts["HIGH", "B"] == 4
    assert len(replay.summary.digest) == 32
    assert client.server_info().last_event_sequence == before and client.symbol_states(["A", "B"]) == {}


def test_the_digest_depends_on_neither_batching_nor_form_nor_channels(client):
    rows = [row for pair in zip(rising("A", 300), rising("B", 300)) for row in pair]
    whole = columns.tick_columns(*map(list, zip(*rows)), rows=50)
    two = [{"name": "t-1", "type": "TICK"}, {"name": "t-2", "type": "TICK"}]
    # One after the other: a server runs two at once.
    summaries = [
        client.replay(items, **options).run()
        for items, options in [
            (rows, {"batch_size": 1}), (rows, {"batch_size": 1000}), (whole, {}),
            (rows, {"channels": two}), (rows, {"channels": two[:1]}),
        ]
    ]
    assert len({summary.digest for summary in summaries}) == 1
    assert client.replay(rows[:-1]).run().digest != summaries[0].digest

    async def run():
        async with penstock.aio.connect(client.target) as other:
            return await other.replay(rows).run()

    assert asyncio.run(asyncio.wait_for(run(), 30)) == summaries[0]


def test_other_settings_find_other_events(client):
    profile = {"name": "p", "symbols": ["*"], "calendar": {"preset": "continuous"}, "detectors.tick.high_low.enabled": False}
    assert "HIGH" not in client.replay(rising("A", 20), profiles=[profile]).run().by_type()


def test_bars_and_ticks_in_one_replay(client):
    bars = [("B", NOW + i * MINUTE, MINUTE, 100 + i, 110 + i, 100 + i, 109 + i, 10.0) for i in range(5)]
    replay = client.replay([*rising("A", 5), *(md.Bar(**dict(zip(FIELDS, bar))) for bar in bars)])
    assert {event.symbol for event in replay} == {"A", "B"} and replay.totals.accepted == 10


FIELDS = ["symbol", "start_ns", "duration_ns", "open", "high", "low", "close", "volume"]


def test_a_replayed_day_is_the_day_as_it_was_live(tmp_path, data):
    """Two hours of trades: the events of a replay are those of live channels with the same settings, by their ids."""
    frame = data("us_equities_ticks_20131008.csv.gz").iloc[:40_000]
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(running(tmp_path, CONTINUOUS))
        client = stack.enter_context(penstock.connect(server.target))
        replayed = sorted(event.id for event in client.replay(columns.tick_frame(frame)))
        with client.publisher() as publisher:
            publisher.publish_frame(frame)
            publisher.flush(60)
        live = sorted(event.id for event in client.subscribe(from_sequence=1, end_when_caught_up=True))
        assert len(live) > 50 and replayed == live
