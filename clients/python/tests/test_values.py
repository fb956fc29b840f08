"""What a source leaves out is not made up, and times are exact in whatever form they come."""
import collections
import datetime

import numpy
import penstock
import pytest
from conftest import NOW, SECOND, places
from penstock import columns
from penstock import market_data as md
from penstock._batching import Batcher
from penstock._items import to_bar, to_fair_value, to_item
from penstock._values import NOT_A_TIME, is_missing, nanoseconds, text

pandas = pytest.importorskip("pandas")

MINUTE = 60 * SECOND
NAN = float("nan")
MISSING = {"None": None, "NaN": NAN, "numpy's NaN": numpy.float32(NAN), "NA": pandas.NA, "NaT": pandas.NaT}

# --- A symbol that is missing


@pytest.mark.parametrize("missing", MISSING)
def test_a_missing_symbol_is_none_in_every_form(missing):
    symbol = MISSING[missing]
    assert is_missing(symbol) and text(symbol, "symbol") == ""
    assert to_item((symbol, NOW, 1.0, 1.0)).symbol == ""
    assert to_bar((symbol, NOW, MINUTE, 1, 1, 1, 1, 1)).symbol == ""
    assert to_fair_value((symbol, NOW, 1.0, 1.0, 1.0, symbol)) == md.FairMarketValue(
        timestamp_ns=NOW, fair_value=1, market_price=1, confidence=1,
    )
    Row = collections.namedtuple("Row", "symbol timestamp_ns price size")
    assert to_item(Row(symbol, NOW, 1.0, 1.0)).symbol == ""
    for column in (["A", symbol], ("A", symbol), numpy.array(["A", symbol], dtype=object), pandas.Series(["A", symbol])):
        (ticks,) = columns.tick_columns(column, [NOW, NOW], [1.0, 1.0], [1.0, 1.0])
        assert [ticks.symbols[place] for place in ticks.symbol_index] == ["A", ""]
        (bars,) = columns.bar_batches(column, [NOW] * 2, MINUTE, *[[1.0] * 2] * 5)
        assert [bar.symbol for bar in bars.bars] == ["A", ""]
        (values,) = columns.fair_value_batches(column, [NOW] * 2, [1.0] * 2, model=column)
        assert [(value.symbol, value.model) for value in values.values] == [("A", "A"), ("", "")]
    (ticks,) = columns.tick_columns(symbol, [NOW], [1.0], [1.0])
    assert list(ticks.symbols) == [""]


def test_a_missing_symbol_of_each_of_pandas_own_types():
    for dtype in ("object", "string", "category"):
        frame = pandas.DataFrame({
            "symbol": pandas.Series(["A", None, "NA"], dtype=dtype), "timestamp_ns": [NOW] * 3, "price": [1.0] * 3, "size": [1.0] * 3,
        })
        (ticks,) = columns.tick_frame(frame)
        assert [ticks.symbols[place] for place in ticks.symbol_index] == ["A", "", "NA"]


@pytest.mark.parametrize("symbol", [700, 700.0, True, b"\xff", ["A"]])
def test_what_is_no_text_is_named_with_its_row(symbol):
    column = ["A", "A", "A", symbol]
    with pytest.raises(TypeError, match="row 3: .*symbol is|row 3: .*utf-8"):
        list(columns.tick_columns(column, [NOW] * 4, [1.0] * 4, [1.0] * 4, rows=2))
    with pytest.raises(TypeError, match="row 3: .*symbol is|row 3: .*utf-8"):
        list(columns.bar_batches(column, [NOW] * 4, MINUTE, *[[1.0] * 4] * 5, rows=3))
    batcher = Batcher(10)
    with pytest.raises((TypeError, ValueError), match="item 3: .*symbol is|item 3: .*utf-8"):
        list(batcher.add_all([(one, NOW, 1.0, 1.0) for one in column]))
    assert batcher.items == 3


def test_bytes_are_text():
    (ticks,) = columns.tick_columns(numpy.array([b"SPY", b"QQQ"]), [NOW] * 2, [1.0] * 2, [1.0] * 2)
    assert list(ticks.symbols) == ["SPY", "QQQ"]


def test_the_server_rejects_the_rows_without_a_symbol_and_takes_the_others(server, tmp_path):
    path = tmp_path / "ticks.csv"
    # A symbol of its own right, which pandas reads as missing unless it is told otherwise.
    path.write_text("symbol,timestamp_ns,price,size\n" + "".join(f"{name},{NOW + i},1,1\n" for i, name in enumerate(["VA", "NA", "", "VB"])))
    with penstock.connect(server.target) as client, client.publisher() as publisher:
        publisher.publish_frame(pandas.read_csv(path))
        publisher.publish([("VC", NOW, 1.0, 1.0), (None, NOW, 1.0, 1.0), (NAN, NOW, 1.0, 1.0)])
        publisher.tick(pandas.NA, NOW, 1.0, 1.0)
        publisher.bar(None, NOW, MINUTE, 1, 1, 1, 1, 1)
        publisher.fair_value(NAN, NOW, 1.0)
        publisher.publish_bar_columns(["VD", None], [NOW] * 2, MINUTE, *[[1.0] * 2] * 5)
        publisher.flush(20)
        assert places(publisher) == [1, 2, 5, 6, 7, 8, 9, 11]
        assert {rejection.reason for rejection in publisher.rejections} == {"BAD_SYMBOL"}
        assert (publisher.totals.accepted, publisher.totals.rejected) == (4, 8)
        assert client.symbol_states(["VA", "VB", "VC", "nan", "None", "<NA>", "0", "NaN"]).keys() == {"VA", "VB", "VC"}
        publisher.publish_frame(pandas.read_csv(path, keep_default_na=False))
        publisher.flush(20)
        assert client.symbol_states(["NA"]).keys() == {"NA"}


# --- Times and durations

UTC = datetime.timezone.utc
NEW_YORK = datetime.timezone(datetime.timedelta(hours=-5))
WHEN = datetime.datetime(2023, 11, 15, 0, 0, 0, 123_457)
WHEN_NS = 1_700_006_400_123_457_000
TIMES = {
    "naive": WHEN,
    "utc": WHEN.replace(tzinfo=UTC),
    "elsewhere": WHEN.replace(tzinfo=UTC).astimezone(NEW_YORK),
    "pandas": pandas.Timestamp(WHEN),
    "pandas in New York": pandas.Timestamp(WHEN, tz="UTC").tz_convert("America/New_York"),
    "numpy": numpy.datetime64(WHEN),
    "nanoseconds": WHEN_NS,
    "numpy's integer": numpy.int64(WHEN_NS),
}


@pytest.mark.parametrize("kind", TIMES)
def test_a_time_is_the_same_in_every_form(kind):
    time = TIMES[kind]
    assert to_item(("A", time, 1.0, 1.0)).timestamp_ns == WHEN_NS
    assert to_bar(("A", time, MINUTE, 1, 1, 1, 1, 1)).start_ns == WHEN_NS
    assert to_fair_value(("A", time, 1.0)).timestamp_ns == WHEN_NS
    for column in ([time], (time,), numpy.array([time], dtype=object), pandas.Series([time]), pandas.Series([time], dtype=object)):
        (ticks,) = columns.tick_columns("A", column, [1.0], [1.0])
        assert list(ticks.timestamp_ns) == [WHEN_NS]
        (bars,) = columns.bar_batches("A", column, MINUTE, *[[1.0]] * 5)
        assert bars.bars[0].start_ns == WHEN_NS


DURATIONS = [
    datetime.timedelta(minutes=1), pandas.Timedelta("1min"), numpy.timedelta64(1, "m"), numpy.timedelta64(60_000, "ms"), MINUTE,
    numpy.int64(MINUTE),
]


@pytest.mark.parametrize("duration", DURATIONS, ids=[f"{type(one).__module__}.{type(one).__name__}" for one in DURATIONS])
def test_a_duration_is_the_same_in_every_form_and_may_be_one_for_all(duration):
    assert to_bar(("A", NOW, duration, 1, 1, 1, 1, 1)).duration_ns == MINUTE
    for given in (duration, [duration] * 3, pandas.Series([duration] * 3)):
        (bars,) = columns.bar_batches("A", [NOW] * 3, given, *[[1.0] * 3] * 5)
        assert [bar.duration_ns for bar in bars.bars] == [MINUTE] * 3


def test_nanoseconds_below_a_microsecond_are_kept():
    for number in (NOW + 789, -NOW - 789, 1, -1):
        assert nanoseconds(pandas.Timestamp(number)) == number and nanoseconds(pandas.Timedelta(number)) == number
        assert nanoseconds(numpy.datetime64(number, "ns")) == number


def test_a_missing_time_is_no_time():
    for missing in MISSING.values():
        assert nanoseconds(missing) == NOT_A_TIME
    (ticks,) = columns.tick_columns("A", [WHEN, None, pandas.NaT], [1.0] * 3, [1.0] * 3)
    assert list(ticks.timestamp_ns) == [WHEN_NS, NOT_A_TIME, NOT_A_TIME]
    with pytest.raises(TypeError):
        to_item(("A", "2023-11-15", 1.0, 1.0))


def test_datetimes_reach_the_server(server):
    with penstock.connect(server.target) as client, client.publisher() as publisher:
        publisher.tick("VT", WHEN, 1.0, 1.0)
        publisher.publish([("VT", WHEN + datetime.timedelta(seconds=1), 1.0, 1.0)])
        publisher.publish_columns("VT", [WHEN + datetime.timedelta(seconds=i) for i in (2, 3)], [1.0] * 2, [1.0] * 2)
        publisher.publish_bar_columns("VT", [WHEN, None], datetime.timedelta(minutes=1), *[[1.0] * 2] * 5)
        publisher.flush(20)
        assert (publisher.totals.accepted, places(publisher)) == (5, [5])
        assert client.symbol_states(["VT"])["VT"].last_price_ns == WHEN_NS + 3 * SECOND
