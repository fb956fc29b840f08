"""Items, columns and frames become requests, in order; the ledger keeps them until they are acknowledged."""
import collections

import numpy
import penstock
import pytest
from penstock import columns
from penstock._batching import Batcher, Gathered
from penstock._items import to_bar, to_fair_value, to_item
from penstock._ledger import Ledger
from penstock._values import NOT_A_TIME
from penstock.v1 import market_data_pb2 as md

NOW = 1_700_000_000_000_000_000
MINUTE = 60 * 10**9
DAY = 1440 * MINUTE
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


def test_a_frame_whose_columns_cannot_be_told_is_refused():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(dict(symbol=["A"], timestamp_ns=[NOW], price=[1.0], size=[1.0], other=[1]))
    with pytest.raises(ValueError, match="price is several columns of the frame"):
        columns.tick_frame(pandas.concat([frame, frame[["price"]]], axis=1))
    with pytest.raises(ValueError, match="no column timestamp_ns; it has symbol, .* and timestamp_ns as its index: pass frame.reset_index"):
        columns.tick_frame(frame.set_index("timestamp_ns"))
    with pytest.raises(ValueError, match="column price has 2 dimensions"):
        columns.tick_columns("A", [NOW], numpy.ones((1, 1)), [1.0])
    # What is not ours may be there twice.
    assert len(list(columns.tick_frame(pandas.concat([frame, frame[["other"]]], axis=1)))) == 1
    assert list(columns.tick_frame(frame[:0])) == []


UNREADABLE = {
    "timestamp_ns": [
        ("2024-01-02", TypeError, "is '2024-01-02'; must be nanoseconds or a time .pandas.to_datetime"),
        (1.7e18, TypeError, r"is 1.7e\+18, a float, which rounds nanoseconds; read the column as Int64"),
        (1.5, TypeError, "is 1.5; must be nanoseconds"), (True, TypeError, "is True; must be nanoseconds"),
        (2**63, ValueError, "is 9223372036854775808, which is more than 64 bits"),
    ],
    "price": [("1,000.5", TypeError, "is '1,000.5'; must be a number"), ([1.0], TypeError, "must be a number")],
    "size": [(b"1", TypeError, "is b'1'; must be a number")],
    "conditions": [
        (1.5, TypeError, "is 1.5; must be a whole number"), ("37", TypeError, "is '37'; must be a whole number"),
        (-1, ValueError, "is -1; must be 0 to 4294967295"), (float("inf"), TypeError, "is inf; must be"),
    ],
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_named_with_its_row_and_column(name):
    for bad, kind, words in UNREADABLE[name]:
        given = dict(symbol="A", timestamp_ns=[NOW] * 4, price=[1.0] * 4, size=[1.0] * 4, conditions=[0] * 4)
        given[name] = [*given[name][:3], bad]
        with pytest.raises(kind, match=f"row 3: {name} {words}|row 3: {name} .*{words}"):
            list(columns.tick_columns(**given, rows=2))


def test_a_column_of_times_is_no_price_and_no_duration():
    stamps = numpy.array([NOW], dtype="datetime64[ns]")
    with pytest.raises(TypeError, match="column price has times"):
        columns.tick_columns("A", [NOW], stamps, [1.0])
    with pytest.raises(TypeError, match="column duration_ns has times"):
        columns.bar_batches("A", stamps, stamps, *[[1.0]] * 5)
    with pytest.raises(TypeError, match="column timestamp_ns has durations"):
        columns.fair_value_batches("A", stamps - stamps, [1.0])


def test_unreadable_values_of_single_items_are_named():
    for item, words in (
        (("A", NOW, "1", 1.0), "price is '1'; must be a number"), (("A", 1.5, 1.0, 1.0), "timestamp_ns is 1.5; must be"),
        (("A", NOW, 1.0, 1.0, 1.5), "conditions is 1.5; must be a whole number"),
    ):
        with pytest.raises(TypeError, match=f"item 1: .*{words}"):
            list(Batcher(9).add_all([("A", NOW, 1.0, 1.0), item]))
    # What is missing is no 0, which the server would take.
    assert numpy.isnan(to_item(("A", NOW, 1.0, None)).size) and numpy.isnan(to_bar((*BAR[:-1], None)).volume)


def test_unreadable_entries_of_bars_are_named_too():
    lists = {name: [value] * 2 for name, value in zip(("open", "high", "low", "close", "volume"), BAR[3:])}
    for name, bad, words in (
        ("open", "x", "must be a number"), ("trade_count", 1.7, "must be a whole number"), ("partial", "True", "must be True, False"),
        ("duration_ns", "1m", "must be nanoseconds or a time"), ("vwap", "x", "must be a number"),
    ):
        given = {"duration_ns": MINUTE, **lists, name: [None if name in ("trade_count", "partial", "vwap") else 1, bad]}
        with pytest.raises(TypeError, match=f"row 1: {name} is {bad!r}; {words}"):
            list(columns.bar_batches("A", [NOW] * 2, **given))
    # One for all has no row.
    with pytest.raises(TypeError, match="^duration_ns is '1m'; must be"):
        list(columns.bar_batches("A", [NOW] * 2, "1m", **lists))
    (batch,) = columns.bar_batches("A", [NOW] * 2, MINUTE, **lists, trade_count=[2**64 - 1, 7.0])
    assert [bar.trade_count for bar in batch.bars] == [2**64 - 1, 7]


def test_a_time_that_nanoseconds_cannot_hold_never_becomes_another():
    pandas = pytest.importorskip("pandas")
    never = numpy.datetime64("9999-12-31", "s")
    for column in (
        numpy.array([NOW // 10**9, never], dtype="datetime64[s]"), pandas.Series(numpy.array([0, never], dtype="datetime64[s]")),
        pandas.Series(numpy.array([0, never], dtype="datetime64[s]")).dt.tz_localize("America/New_York"), [NOW, never],
        [NOW, pandas.Timestamp(never)], [NOW, pandas.Timestamp(never).to_pydatetime()],
    ):
        with pytest.raises(ValueError, match="row 1: .*9999-12-31.* more than 64 bits of nanoseconds hold"):
            list(columns.tick_columns("A", column, [1.0] * 2, [1.0] * 2))


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


def ticks_of(**given):
    frame = dict(symbol="A", timestamp_ns=[NOW, NOW + 1], price=[1.5, 2.5], size=[1.0, 2.0])
    (ticks,) = columns.tick_frame(pytest.importorskip("pandas").DataFrame({**frame, **given}))
    return ticks


def test_times_of_each_of_pandas_types_are_exact():
    pandas = pytest.importorskip("pandas")
    whole = pandas.Series([NOW, NOW + 1])
    stamps = pandas.to_datetime(whole, utc=True)
    for column in (
        whole, whole.astype("uint64"), whole.astype("Int64"), whole.astype("category"), whole.astype(object), stamps,
        stamps.dt.tz_convert("America/New_York"), stamps.dt.tz_localize(None), stamps.astype("category"), stamps.astype(object),
        stamps.dt.tz_convert("Asia/Tokyo").astype(object),
    ):
        assert list(ticks_of(timestamp_ns=column).timestamp_ns) == [NOW, NOW + 1]
    # Beside a missing one: floats would round them.
    for column in (pandas.Series([None, NOW + 1], dtype="Int64"), pandas.Series([pandas.NaT, stamps[1]]), [None, stamps[1]]):
        assert list(ticks_of(timestamp_ns=column).timestamp_ns) == [NOT_A_TIME, NOW + 1]
    # Seconds, which are no nanoseconds: for the server to say.
    assert list(ticks_of(timestamp_ns=numpy.array([1_704_205_800, 7], dtype="int32")).timestamp_ns) == [1_704_205_800, 7]
    assert list(ticks_of(timestamp_ns=[1_704_205_800.0, float("nan")]).timestamp_ns) == [1_704_205_800, NOT_A_TIME]
    assert list(ticks_of(timestamp_ns=[stamps[0].date()] * 2).timestamp_ns) == [NOW // DAY * DAY] * 2


@pytest.mark.parametrize("dtype", ["Float64", "Int64", "object", "category", "float32"])
def test_numbers_of_each_of_pandas_types_are_sent_and_missing_ones_are_nan(dtype):
    pandas = pytest.importorskip("pandas")
    ticks = ticks_of(price=pandas.Series([2, None], dtype=dtype), size=pandas.Series([None, 3], dtype=dtype))
    assert ticks.price[0] == 2 and ticks.size[1] == 3
    assert numpy.isnan(ticks.price[1]) and numpy.isnan(ticks.size[0])
    volumes = pandas.Series([None, 3], dtype=dtype)
    (batch,) = columns.bar_batches("A", [NOW] * 2, MINUTE, *[[1.0] * 2] * 4, volumes, vwap=volumes, trade_count=volumes)
    assert numpy.isnan(batch.bars[0].volume) and [(bar.vwap, bar.trade_count) for bar in batch.bars] == [(0, 0), (3, 3)]


@pytest.mark.parametrize("dtype", ["Int64", "float64", "object", "boolean"])
def test_conditions_and_flags_of_each_of_pandas_types_are_none_where_missing(dtype):
    pandas = pytest.importorskip("pandas")
    column = pandas.Series([1, None], dtype=dtype)
    assert list(ticks_of(conditions=column).conditions) == [1, 0]
    (batch,) = columns.bar_batches("A", [NOW] * 2, MINUTE, *[[1.0] * 2] * 5, partial=column)
    assert [bar.partial for bar in batch.bars] == [True, False]


def test_columns_of_pyarrow_are_taken():
    pandas = pytest.importorskip("pandas")
    arrow = pytest.importorskip("pyarrow", exc_type=ImportError)

    def column(values, kind):
        return pandas.Series(values, dtype=pandas.ArrowDtype(kind))

    stamp = pandas.Timestamp(NOW, tz="UTC")
    for times in (
        column([None, NOW + 1], arrow.int64()), column([None, stamp + pandas.Timedelta(1)], arrow.timestamp("ns", "America/New_York")),
    ):
        ticks = ticks_of(
            symbol=column(["A", None], arrow.string()), timestamp_ns=times, price=column([1.5, None], arrow.float64()),
            conditions=column([True, None], arrow.bool_()),
        )
        assert (list(ticks.symbols), list(ticks.timestamp_ns), list(ticks.conditions)) == (["A", ""], [NOT_A_TIME, NOW + 1], [1, 0])
        assert ticks.price[0] == 1.5 and numpy.isnan(ticks.price[1])


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
