"""Items, columns and frames become requests, in order; the ledger keeps them until they are acknowledged."""
import collections

import numpy
import penstock
import pytest
from penstock import columns
from penstock._batching import Batcher, Gathered
from penstock._items import to_bar, to_fair_value
from penstock._ledger import Ledger
from penstock.v1 import market_data_pb2 as md

NOW = 1_700_000_000_000_000_000
MINUTE = 60 * 10**9
BAR = ("A", NOW, MINUTE, 10.0, 12.0, 9.0, 11.0, 500.0)


def requests(batcher, items, *convert):
    return [gathered.request for gathered in (*batcher.add_all(items, *convert), *batcher.rest())]


# --- Failure paths


def test_uneven_columns_are_named_before_anything_is_made():
    with pytest.raises(ValueError, match="column close has 1 entries, start_ns has 2"):
        columns.bar_batches("A", [1, 2], MINUTE, [1, 1], [1, 1], [1, 1], [1], [1, 1])
    with pytest.raises(ValueError, match="column model has 3 entries, timestamp_ns has 1"):
        columns.fair_value_batches("A", [1], [1.0], model=["x", "y", "z"])
    with pytest.raises(ValueError, match="rows is 0"):
        columns.tick_columns("A", [1], [1.0], [1.0], rows=0)
    with pytest.raises(ValueError, match="start_ns must have an entry for each row"):
        columns.bar_batches("A", 5, MINUTE, [1], [1], [1], [1], [1])


def test_a_frame_without_its_columns_is_refused_with_those_it_has():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match="no column duration_ns, volume; it has symbol, start_ns, open, high, low, close"):
        columns.bar_frame(pandas.DataFrame(columns=["symbol", "start_ns", "open", "high", "low", "close"]))


def test_tuples_of_another_length_and_other_objects_are_refused():
    for bad in (BAR[:-1], (*BAR, 1.0, 2, True, 3)):
        with pytest.raises(ValueError):
            to_bar(bad)
    with pytest.raises(ValueError, match="too many"):
        to_fair_value(("A", NOW, 1.0, 1.0, 1.0, "m", 5))
    with pytest.raises(AttributeError):
        to_bar(md.Tick())
    with pytest.raises(ValueError, match="batch_size"):
        Batcher(0)


def test_an_item_that_cannot_be_read_leaves_the_others_in_order():
    batcher = Batcher(2)
    sent = []
    with pytest.raises(ValueError):
        for gathered in batcher.add_all([BAR, BAR, BAR, BAR[:3]], to_bar):
            sent.append(gathered.request)
    # Of the one that was not taken.
    assert batcher.items == 3
    assert [len(r.bars.bars) for r in [*sent, *requests(batcher, [BAR], to_bar)]] == [2, 2]


# --- Batches


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("count", [0, 1, 2, 7, 8])
def test_batches_are_full_but_the_last(size, count):
    made = requests(Batcher(size), [(*BAR[:1], NOW + i, *BAR[2:]) for i in range(count)], to_bar)
    assert [bar.start_ns - NOW for request in made for bar in request.bars.bars] == list(range(count))
    assert [len(r.bars.bars) for r in made] == [size] * (count // size) + ([count % size] if count % size else [])


def test_a_change_of_kind_ends_a_batch_so_that_the_order_stays():
    tick = md.Tick(symbol="A", timestamp_ns=NOW, price=1, size=1)
    bar, value = to_bar(BAR), to_fair_value(("A", NOW, 5.0))
    whole = md.TickColumns(symbols=["A"])
    made = requests(Batcher(10), [tick, tick, bar, value, value, whole, value, tick])
    assert [r.WhichOneof("payload") for r in made] == [
        "ticks", "bars", "fair_market_values", "tick_columns", "fair_market_values", "ticks",
    ]
    assert [len(r.ticks.ticks) for r in made if r.HasField("ticks")] == [2, 1]


def test_bars_come_from_tuples_named_tuples_and_objects():
    Row = collections.namedtuple("Row", "Index symbol start_ns duration_ns open high low close volume vwap trade_count")
    expected = md.Bar(
        symbol="A", start_ns=NOW, duration_ns=MINUTE, open=10, high=12, low=9, close=11, volume=500, vwap=10.5, trade_count=7
    )
    assert to_bar((*BAR, 10.5, 7)) == to_bar(Row(0, *BAR, 10.5, 7)) == expected
    assert to_bar((*BAR, float("nan"), None)) == to_bar(BAR)
    assert to_bar(BAR).vwap == 0 and to_bar(BAR).trade_count == 0
    value = to_fair_value(("A", NOW, 5.0, 4.0, 0.5, "mid"))
    assert (value.market_price, value.confidence, value.model) == (4, 0.5, "mid")


# --- Columns


def test_bar_columns_of_every_kind_are_the_same_bars():
    pandas = pytest.importorskip("pandas")
    starts = [NOW + i * MINUTE for i in range(5)]
    bars = [to_bar(("AB"[i % 2], start, *BAR[2:], 10.5, i)) for i, start in enumerate(starts)]
    symbols = [bar.symbol for bar in bars]
    prices = [numpy.full(5, price) for price in BAR[3:]]
    given = [
        columns.bar_batches(symbols, starts, MINUTE, *map(list, prices), [10.5] * 5, list(range(5)), rows=2),
        columns.bar_batches(
            numpy.array(symbols), numpy.array(starts), numpy.full(5, MINUTE), *prices, numpy.full(5, 10.5), numpy.arange(5),
        ),
    ]
    frame = pandas.DataFrame(
        dict(
            symbol=symbols, start_ns=pandas.to_datetime(starts, utc=True), duration_ns=pandas.to_timedelta([60] * 5, "s"),
            **dict(zip(("open", "high", "low", "close", "volume"), prices)), vwap=10.5, trade_count=range(5),
        ),
        # Labels that are no places.
        index=[4.0, 3.0, 2.0, 1.0, 0.0],
    )
    given.append(columns.bar_frame(frame, rows=3))
    for batches in given:
        assert [bar for batch in batches for bar in batch.bars] == bars


def test_missing_averages_and_counts_of_a_frame_are_not_given():
    batch = next(columns.bar_batches("A", [NOW], MINUTE, [1], [1], [1], [1], [1], numpy.array([numpy.nan]), numpy.array([numpy.nan])))
    assert (batch.bars[0].vwap, batch.bars[0].trade_count) == (0, 0)


def test_unfinished_bars_say_so_in_every_form():
    pandas = pytest.importorskip("pandas")
    said = [True, False, True]
    starts = [NOW + i * MINUTE for i in range(3)]
    bars = [to_bar(("A", start, *BAR[2:], 0, 0, partial)) for start, partial in zip(starts, said)]
    assert [bar.partial for bar in bars] == said
    prices = dict(zip(("open", "high", "low", "close", "volume"), BAR[3:]))
    frame = pandas.DataFrame(dict(symbol="A", start_ns=starts, duration_ns=MINUTE, **prices, partial=said))
    lists = {name: [value] * 3 for name, value in prices.items()}
    for batches in (
        columns.bar_frame(frame), columns.bar_frame(frame.assign(partial=[1.0, float("nan"), 1.0])),
        columns.bar_batches("A", starts, MINUTE, **lists, partial=numpy.array(said)),
        columns.bar_batches("A", starts, MINUTE, **lists, partial=[1, 0, 1]),
    ):
        assert [bar for batch in batches for bar in batch.bars] == bars
    whole = columns.bar_batches("A", starts, MINUTE, **lists, partial=True)
    assert all(bar.partial for batch in whole for bar in batch.bars)
    for bad in ("0", 2, b"1"):
        with pytest.raises(TypeError, match="partial is"):
            to_bar((*BAR, 0, 0, bad))


def test_times_of_numpy_in_any_unit_are_nanoseconds():
    times = numpy.array(["2023-11-14T22:13:20"], dtype="datetime64[s]")
    (ticks,) = columns.tick_columns("A", times, [1.0], [1.0])
    assert list(ticks.timestamp_ns) == [NOW]
    (values,) = columns.fair_value_batches("A", times, [1.0], model="m")
    assert values.values[0] == md.FairMarketValue(symbol="A", timestamp_ns=NOW, fair_value=1, model="m")


# --- The ledger


def gathered(first_item, items):
    return Gathered(md.PublishRequest(), first_item, items)


def test_what_is_above_the_resume_sequence_is_due_again_and_nothing_else():
    ledger = Ledger()
    assert ledger.begin_call(7) == [] and ledger.acked == 7
    sent = [ledger.add(gathered(i * 10, 10)) for i in range(5)]
    assert [request.sequence for request in sent] == [8, 9, 10, 11, 12]
    ledger.heard(md.PublishResponse(acked_sequence=9, accepted=20))
    assert [request.sequence for request in ledger.unacknowledged] == [10, 11, 12]
    # Processed, and its acknowledgement lost.
    assert [request.sequence for request in ledger.begin_call(11)] == [12]
    assert ledger.totals == penstock.Totals(accepted=20, unheard=20)
    ledger.heard(md.PublishResponse(acked_sequence=12, accepted=10, duplicates=0))
    assert not ledger.unacknowledged and ledger.totals == penstock.Totals(accepted=30, unheard=20)
    # A server that began anew knows nothing; numbers go on rising.
    assert ledger.begin_call(0) == [] and ledger.add(gathered(50, 1)).sequence == 13


def test_a_server_that_has_more_than_was_sent_has_it_from_another_of_the_name():
    ledger = Ledger()
    ledger.begin_call(7)
    ledger.add(gathered(0, 1))
    ledger.begin_call(8)
    ledger.add(gathered(1, 1))
    with pytest.raises(penstock.errors.Aborted, match="another publisher of this name has published up to request 10, this one up to 9"):
        ledger.begin_call(10)
