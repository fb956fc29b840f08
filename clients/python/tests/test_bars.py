"""Bars and fair market values against a real server: what it does not take, lost servers, and the same items in every form."""
import asyncio
import contextlib

import numpy
import penstock
import penstock.aio
import pytest
from conftest import CONTINUOUS, RealServer, eventually, running
from penstock import market_data as md

NOW = 1_700_006_400_000_000_000
MINUTE = 60 * 10**9
QUICK = penstock.Backoff(initial=0.01, maximum=0.1, attempts=None)


def rising(symbol, count, start=NOW):
    """Minute bars that rise by 2 % each: every one of them a significant move."""
    closes = [100 * 1.02 ** (i + 1) for i in range(count)]
    return [
        (symbol, start + i * MINUTE, MINUTE, close / 1.02, close, close / 1.02, close, 10.0) for i, close in enumerate(closes)
    ]


def events(client, symbol, **filters):
    return list(client.subscribe(symbols=[symbol], from_sequence=1, end_when_caught_up=True, **filters))


# --- Failure paths


BAD = {
    "high below close": (("HB", NOW, MINUTE, 10, 10, 9, 11, 1), md.REJECTION_CODE_BAD_BAR),
    "no duration": (("HB", NOW, 0, 10, 11, 9, 10, 1), md.REJECTION_CODE_BAD_BAR),
    "negative volume": (("HB", NOW, MINUTE, 10, 11, 9, 10, -1), md.REJECTION_CODE_BAD_BAR),
    "infinite": (("HB", NOW, MINUTE, 10, float("inf"), 9, 10, 1), md.REJECTION_CODE_BAD_BAR),
    "no symbol": (("", NOW, MINUTE, 10, 11, 9, 10, 1), md.REJECTION_CODE_BAD_SYMBOL),
    "no time": (("HB", 0, MINUTE, 10, 11, 9, 10, 1), md.REJECTION_CODE_BAD_TIMESTAMP),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_bar_is_rejected_with_its_code_and_place_and_the_others_are_taken(server, what):
    bad, code = BAD[what]
    seen = []
    good = rising("HB", 3)
    with penstock.connect(server.target) as client, client.publisher(on_rejection=seen.append) as publisher:
        publisher.publish_bars([good[0], good[1], bad, good[2]])
        publisher.flush(20)
        # They are in before what they are part of counts as acknowledged.
        assert [(r.sequence, r.index, r.code) for r in seen] == [(1, 2, code)] and seen[0].detail
        assert list(publisher.rejections) == seen
        assert (publisher.totals.accepted, publisher.totals.rejected) == (3, 1)


def test_a_bad_fair_value_is_rejected_with_its_code(server):
    bad = [("FV", NOW, 0.0), ("FV", NOW, 1.0, -1.0), ("FV", NOW, 1.0, 1.0, 1.5), ("FV", NOW, 1.0, 1.0, 0.5, "x" * 33)]
    with penstock.connect(server.target) as client, client.publisher() as publisher:
        publisher.publish_fair_values([*bad, ("FV", NOW, 1.0, 1.0)])
        publisher.publish_fair_value_columns("FV", [NOW], [1.0], numpy.array([numpy.nan]))
        publisher.flush(20)
        assert [r.code for r in publisher.rejections] == [md.REJECTION_CODE_BAD_FAIR_VALUE] * 5
        assert publisher.totals.accepted == 1


def test_a_server_without_a_channel_for_bars_says_so(tmp_path):
    with running(tmp_path, CONTINUOUS + "channels: [{name: ticks-1}]\n") as server:
        with penstock.connect(server.target) as client, client.publisher() as publisher:
            publisher.publish_bars(rising("NC", 2))
            publisher.fair_value("NC", NOW, 5.0)
            publisher.flush(20)
            assert [r.code for r in publisher.rejections] == [md.REJECTION_CODE_NO_CHANNEL] * 3


def test_more_items_than_the_server_takes_end_the_stream_with_the_limit(tmp_path):
    with running(tmp_path, CONTINUOUS + "server: {limits: {max_items: 4}}\n") as server:
        with penstock.connect(server.target) as client:
            publisher = client.publisher(batch_size=5)
            with pytest.raises(penstock.PublishError, match="max_items") as error:
                publisher.publish_bars(rising("MI", 5))
                publisher.flush(20)
            assert error.value.status.name == "RESOURCE_EXHAUSTED"
            with pytest.raises(penstock.PublishError):
                publisher.publish_bars(rising("MI", 5))
            publisher.close()


def test_a_newer_publisher_of_the_name_ends_the_older(server):
    with penstock.connect(server.target) as client:
        older = client.publisher("takeover")
        with client.publisher("takeover") as newer:
            with pytest.raises(penstock.PublishError) as error:
                eventually(lambda: older.publish_bars(rising("TO", 1)) or older.flush(20) and None)
            assert error.value.status.name == "ABORTED"
            newer.publish_bars(rising("TO", 2))
            newer.flush(20)


@pytest.mark.parametrize("name", [None, "killed"])
def test_a_server_that_is_killed_and_started_again_gets_every_bar(tmp_path, name):
    bars = rising("KI", 120)
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(running(tmp_path))
        client = stack.enter_context(penstock.connect(first.target))
        publisher = stack.enter_context(client.publisher(name, batch_size=2, max_in_flight=100, backoff=QUICK))
        publisher.publish_bars(bars[:40])
        acknowledged = publisher.flush(20)
        assert acknowledged == 20
        # Sent, and never answered: what a crash in the middle leaves.
        first.freeze()
        publisher.publish_bars(bars[40:80])
        assert publisher.acked_sequence == acknowledged
        first.kill()
        publisher.publish_bars(bars[80:])
        second = stack.enter_context(running(tmp_path, port=first.port))
        assert publisher.flush(20) == 60
        assert publisher.reconnects >= 1
        assert (publisher.totals.accepted, publisher.totals.rejected, publisher.totals.duplicates) == (120, 0, 0)
        # The second life saw all but what the first had acknowledged, each once and in order.
        metrics = {channel.channel: channel for channel in client.metrics().channels}["bars-1"]
        assert (metrics.received, metrics.processed, metrics.late) == (80, 80, 0)
        moves = events(client, "KI", types=["SIGNIFICANT_MOVE"])
        times = [event.timestamp_ns for event in moves]
        assert times == sorted(set(times)) and times[-1] >= bars[-1][1]
        assert second.process.poll() is None


def test_asyncio_gets_over_a_killed_server_too(tmp_path):
    bars = rising("KA", 60)

    async def run(first, start_second):
        async with penstock.aio.connect(first.target) as client:
            async with client.publisher("killed", batch_size=2, backoff=QUICK) as publisher:
                await publisher.publish_bars(bars[:20])
                assert await publisher.flush() == 10
                first.freeze()
                await publisher.publish_bars(bars[20:40])
                first.kill()
                await publisher.publish_bars(bars[40:])
                await asyncio.get_running_loop().run_in_executor(None, start_second)
                assert await publisher.flush() == 30
                assert publisher.reconnects >= 1 and publisher.totals.accepted == 60

    with contextlib.ExitStack() as stack:
        first = stack.enter_context(running(tmp_path))
        second = []
        asyncio.run(
            asyncio.wait_for(run(first, lambda: second.append(RealServer(tmp_path, port=first.port))), 60)
        )
        second[0].stop()


# --- The same items in every form


def test_bars_make_the_same_events_in_every_form(server):
    pandas = pytest.importorskip("pandas")
    with penstock.connect(server.target) as client:
        with client.publisher("bar-forms", batch_size=7) as publisher:
            for bar in rising("F1", 20):
                publisher.bar(*bar)
            publisher.publish_bars(rising("F2", 20))
            publisher.publish(md.Bar(**dict(zip(FIELDS, bar))) for bar in rising("F3", 20))
            columns = [numpy.array(column) for column in list(zip(*rising("F4", 20)))[3:]]
            publisher.publish_bar_columns("F4", [bar[1] for bar in rising("F4", 20)], MINUTE, *columns, rows=8)
            publisher.publish_bar_frame(pandas.DataFrame(rising("F5", 20), columns=FIELDS), rows=8)
            publisher.flush(20)
            assert (publisher.totals.accepted, publisher.totals.rejected) == (100, 0)
        ids = [[event.id.partition("/")[2] for event in events(client, f"F{i}")] for i in range(1, 6)]
        assert len(ids[0]) >= 19 and all(other == ids[0] for other in ids)


FIELDS = ["symbol", "start_ns", "duration_ns", "open", "high", "low", "close", "volume"]


def test_fair_values_are_compared_with_the_last_tick_before_them(server):
    with penstock.connect(server.target) as client, client.publisher() as publisher:
        # Kinds change within one list: each value meets the tick before it.
        publisher.publish([("FT", NOW, 100.0, 1.0), md.FairMarketValue(symbol="FT", timestamp_ns=NOW, fair_value=110)])
        publisher.flush(20)
        publisher.fair_value("FT", NOW + 1, 80.0, 100.0, 1.0, "mine")
        publisher.flush(20)
        found = [(event.valuation.state, event.valuation.market_price) for event in events(client, "FT", types=["VALUATION"])]
        assert found[-1] == (penstock.events.VALUATION_STATE_OVERVALUED, 100)


def test_asyncio_publishes_every_kind(server):
    pandas = pytest.importorskip("pandas")

    async def run():
        async with penstock.aio.connect(server.target) as client:
            async with client.publisher("async-kinds", batch_size=7) as publisher:
                await publisher.publish_bars(rising("AK", 20))
                await publisher.publish_bar_frame(pandas.DataFrame(rising("AL", 20), columns=FIELDS))
                await publisher.publish_fair_values([("AK", NOW, 5.0, 4.0)])
                await publisher.publish_fair_value_columns("AK", [NOW + 1], [5.0], [4.0], [0.9], "mine")
                await publisher.publish_bars([("AK", NOW, 0, 1, 1, 1, 1, 1)])
                await publisher.flush()
                assert [r.code for r in publisher.rejections] == [md.REJECTION_CODE_BAD_BAR]
                return publisher.totals

    totals = asyncio.run(asyncio.wait_for(run(), 30))
    assert (totals.accepted, totals.rejected) == (42, 1)


# --- A real week


def test_a_week_of_minute_bars_is_the_same_from_a_frame_and_one_by_one(tmp_path, data):
    frame = data("us_equities_bars_1m_201310.csv.gz").rename(columns={"trades": "trade_count"})
    ids = []
    for form in ("frame", "rows"):
        with running(tmp_path, "") as server, penstock.connect(server.target) as client:
            with client.publisher(form) as publisher:
                if form == "frame":
                    publisher.publish_bar_frame(frame)
                else:
                    publisher.publish_bars(frame.itertuples())
                publisher.flush(60)
                assert (publisher.totals.accepted, publisher.totals.rejected) == (len(frame), 0)
            ids.append({event.id for event in client.subscribe(from_sequence=1, end_when_caught_up=True)})
    assert len(ids[0]) > 100 and ids[0] == ids[1]


def test_a_day_of_fair_values_is_taken_whole(tmp_path, data):
    frame = data("us_equities_fmv_1s_20131008.csv.gz").rename(columns={"fmv": "fair_value", "bid": "market_price"})
    with running(tmp_path, "") as server, penstock.connect(server.target) as client:
        with client.publisher() as publisher:
            publisher.publish_fair_value_frame(frame)
            publisher.flush(60)
            assert (publisher.totals.accepted, publisher.totals.rejected) == (len(frame), 0)
