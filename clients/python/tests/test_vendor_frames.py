"""The small files of Tests/Interop/vendor_files.py, read by pandas and published as frames and columns: the server makes of each what it makes of
the same file by `feed`."""
import contextlib
import importlib.util
import inspect
import io
import json
import os
import pathlib
import subprocess

import penstock
import pytest
from conftest import running

pandas = pytest.importorskip("pandas")

_path = pathlib.Path(__file__).resolve().parents[3] / "Tests/Interop/vendor_files.py"
if not _path.exists():
    pytest.skip("the files are not beside the package", allow_module_level=True)
_spec = importlib.util.spec_from_file_location("vendor_files", _path)
vendor_files = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(vendor_files)

CONFIG = (
    "channels:\n  - {name: ticks, type: tick}\n  - {name: bars, type: bar}\n  - {name: values, type: fmv}\n"
    "profiles: [{name: default, calendar: {preset: continuous}}]\n"
)

# --- What a user writes for each file

PRICES = ["open", "high", "low", "close", "volume"]
MINUTE, FIVE_MINUTES, DAY = pandas.to_timedelta(["1min", "5min", "1D"])
#: Polygon's codes, those of the file: docs/files.md has all.
CONDITIONS = {"37": 1, "16": 3, "15": 7}


def lower(frame):
    return frame.rename(columns=str.lower)


def times(column, unit=None, **options):
    return pandas.to_datetime(column, unit=unit, utc=True, **options)


def databento_trades(text):
    frame = pandas.read_csv(text).rename(columns={"ts_event": "timestamp_ns"})
    if frame.price.dtype.kind == "i":
        return frame.assign(price=frame.price / 1e9)
    return frame.assign(timestamp_ns=times(frame.timestamp_ns))


def databento_bars(text):
    frame = pandas.read_csv(text).rename(columns={"ts_event": "start_ns"})
    frame["duration_ns"] = frame.rtype.map({33: MINUTE, 35: DAY})
    if frame.open.dtype.kind == "i":
        return frame.assign(**{name: frame[name] / 1e9 for name in PRICES[:4]})
    return frame.assign(start_ns=times(frame.start_ns))


def polygon_trades(text):
    frame = pandas.read_csv(text, dtype={"conditions": "string"}).rename(columns={"ticker": "symbol", "sip_timestamp": "timestamp_ns"})
    codes = frame.conditions.str.split(",").explode().map(CONDITIONS)
    # Of several codes all bits count.
    frame["conditions"] = codes.groupby(level=0).agg(lambda bits: max(bits.dropna(), default=0))
    frame.loc[frame.correction >= 7, "conditions"] = 3
    return frame


def aggregates(duration):
    return lambda text: pandas.read_csv(text).rename(
        columns={"ticker": "symbol", "window_start": "start_ns", "transactions": "trade_count"}
    ).assign(duration_ns=duration)


def binance_trades(names, unit, symbol, **options):
    def read(text):
        frame = pandas.read_csv(text, **(options or {"header": None, "names": names}))
        return frame.assign(symbol=symbol, timestamp_ns=times(frame.transact_time, unit)).rename(columns={"quantity": "size"})

    return read


AGG_TRADES = ["agg_trade_id", "price", "quantity", "first_trade_id", "last_trade_id", "transact_time", "is_buyer_maker", "is_best_match"]
TRADES = ["id", "price", "quantity", "quote_quantity", "transact_time", "is_buyer_maker", "is_best_match"]


def binance_klines(unit):
    def read(text):
        names = ["open_time", *PRICES, "close_time", "quote_volume", "trade_count"]
        frame = pandas.read_csv(text, header=None, names=names, usecols=range(9))
        return frame.assign(symbol="ETHUSDT", start_ns=times(frame.open_time, unit), duration_ns=MINUTE)

    return read


def daily(text):
    frame = lower(pandas.read_csv(text, parse_dates=["Date"]))
    return frame.assign(symbol="SPY", duration_ns=DAY).rename(columns={"date": "start_ns"}).sort_values("start_ns")


def stooq_bulk(text):
    frame = pandas.read_csv(text, dtype={"<DATE>": str, "<TIME>": str})
    frame = lower(frame.rename(columns=lambda name: name.strip("<>"))).rename(columns={"ticker": "symbol", "vol": "volume"})
    return frame.assign(start_ns=times(frame.date + frame.time, format="%Y%m%d%H%M%S"), duration_ns=FIVE_MINUTES)


def kaggle(text):
    frame = lower(pandas.read_csv(text))
    starts = pandas.to_datetime(frame.date + " " + frame.time, format="%m/%d/%Y %H:%M").dt.tz_localize("America/New_York")
    return frame.assign(symbol="SPY", start_ns=starts, duration_ns=MINUTE)


def alpaca(text):
    data = json.load(text)
    by_symbol = data["bars"] if "symbol" not in data else {data["symbol"]: data["bars"]}
    frame = pandas.concat([pandas.DataFrame(bars).assign(symbol=symbol) for symbol, bars in by_symbol.items()])
    names = dict(t="start_ns", o="open", h="high", l="low", c="close", v="volume", n="trade_count", vw="vwap")
    frame = frame.rename(columns=names)
    return frame.assign(start_ns=times(frame.start_ns), duration_ns=MINUTE)


def by_names(names, unit=None, **options):
    """A file of ticks or values whose columns are these."""

    def read(text):
        frame = pandas.read_csv(text, header=None, skiprows=1, names=names.split(), **options)
        return frame.assign(timestamp_ns=times(frame.timestamp_ns, unit))

    return read


def bare(text):
    frame = pandas.read_csv(text, names=["timestamp_ns", "price", "size"])
    return frame.assign(symbol="SPY", timestamp_ns=times(frame.timestamp_ns, "s"))


def spaces(text):
    frame = pandas.read_csv(text, skipinitialspace=True).rename(columns=str.strip)
    return frame.assign(symbol=frame.symbol.str.strip(), timestamp_ns=times(frame.timestamp, "ms"))


TICK = "symbol timestamp_ns price size"
READERS = {
    "databento-trades-raw.csv": databento_trades,
    "databento-trades-pretty.csv": databento_trades,
    "databento-ohlcv-raw.csv": databento_bars,
    "databento-ohlcv-pretty.csv": databento_bars,
    "polygon-trades.csv": polygon_trades,
    "polygon-minute.csv": aggregates(MINUTE),
    "polygon-day.csv": aggregates(DAY),
    "massive-day.csv": aggregates(DAY),
    "BTCUSDT-aggTrades-2024-01-02.csv": binance_trades(AGG_TRADES, "ms", "BTCUSDT"),
    "BTCUSDT-aggTrades-2025-01-02.csv": binance_trades(AGG_TRADES, "us", "BTCUSDT"),
    "futures-aggTrades.csv": binance_trades(None, "ms", "BTCUSDT", header=0),
    "ETHUSDT-trades-2024-01-02.csv": binance_trades(TRADES, "ms", "ETHUSDT"),
    "ETHUSDT-1m-2024-01-02.csv": binance_klines("ms"),
    "ETHUSDT-1m-2025-01-02.csv": binance_klines("us"),
    "stooq.csv": daily,
    "stooq-bulk.txt": stooq_bulk,
    "yahoo.csv": daily,
    "kaggle.csv": kaggle,
    "alpaca.json": alpaca,
    "alpaca-one.json": alpaca,
    # Pandas takes a column of this name for times, and finds their unit.
    "lines.jsonl": lambda text: pandas.read_json(text, lines=True).rename(columns={"timestamp": "timestamp_ns"}),
    "semicolons.csv": by_names(TICK, "s", sep=";"),
    "tabs.tsv": by_names(TICK, sep="\t"),
    "spaces.csv": spaces,
    "quoted.csv": by_names(TICK, "ms"),
    "mapped.csv": by_names(TICK, "us"),
    "bare.csv": bare,
    "unit.csv": by_names(TICK, "s"),
    "iso.csv": by_names(TICK),
    "fair.csv": by_names("symbol timestamp_ns fair_value market_price", "ms"),
    "backwards.csv": daily,
}


def test_every_file_has_its_reader():
    assert set(READERS) == {name for name, *_ in vendor_files.FILES}


# --- The same by `feed` and by frames


#: What an event tells of the run and not of the data.
VARYING = ("sequence", "detected_ns", "received_ns", "sequenced_ns")


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    """Of a server for each way, which have the same files in the same order."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(running(tmp_path_factory.mktemp(way), CONFIG)) for way in ("feed", "frame", "columns")]
        yield [(server.target, stack.enter_context(penstock.connect(server.target))) for server in servers]


@contextlib.contextmanager
def outcome(client, symbols):
    """What the server makes of what is sent within: the state of each symbol, and its events but for when they were made."""
    client.admin.reset_symbols(symbols)
    before = client.server_info().last_event_sequence
    made = []
    yield made
    for event in client.subscribe(from_sequence=before + 1, end_when_caught_up=True):
        for name in VARYING:
            event.ClearField(name)
        made.append(event)
    # Those of several symbols come in any order.
    made.sort(key=lambda event: event.id)
    made.append(client.symbol_states(symbols))


@pytest.mark.parametrize("name,text,options,items", [file[:4] for file in vendor_files.FILES], ids=[file[0] for file in vendor_files.FILES])
def test_a_file_read_by_pandas_is_what_feed_makes_of_it(clients, tmp_path, name, text, options, items):
    (target, feeding), (_, framing), (_, by_column) = clients
    frame = READERS[name](io.StringIO(text))
    symbols = sorted(set(frame.symbol))
    path = tmp_path / name
    path.write_text(text)
    with outcome(feeding, symbols) as expected:
        done = subprocess.run(
            [os.environ["PENSTOCK_BINARY"], "feed", str(path), "--server", target, *options], capture_output=True, text=True, timeout=60
        )
        assert f"{items} accepted, 0 rejected" in done.stderr, done.stderr
    assert sorted(expected[-1]) == symbols
    kind = next(kind for column, kind in (("open", "bar_"), ("fair_value", "fair_value_"), ("price", "")) if column in frame)
    with outcome(framing, symbols) as made, framing.publisher() as publisher:
        getattr(publisher, f"publish_{kind}frame")(frame)
        publisher.flush(20)
        assert (publisher.rejections, publisher.totals.accepted) == ([], items)
    assert made == expected
    # The same in pandas' nullable types.
    frame = frame.convert_dtypes()
    with outcome(by_column, symbols) as made, by_column.publisher() as publisher:
        publish = getattr(publisher, f"publish_{kind}columns")
        publish(**{column: frame[column] for column in inspect.signature(publish).parameters if column in frame})
        publisher.flush(20)
        assert (publisher.rejections, publisher.totals.accepted) == ([], items)
    assert made == expected


# --- What goes wrong


@pytest.mark.parametrize("unit,power", [("seconds", 1), ("milliseconds", 10**3), ("microseconds", 10**6)])
@pytest.mark.parametrize("dtype", ["int64", "Int64", "float64"])
def test_whole_numbers_of_another_unit_are_rejected_with_its_name(clients, unit, power, dtype):
    column = pandas.Series([vendor_files.OPEN * power, None], dtype="Int64" if dtype == "Int64" else "float64")
    column = column[:1].astype(dtype) if dtype == "int64" else column
    with clients[1][1].publisher() as publisher:
        publisher.publish_frame(pandas.DataFrame(dict(symbol="XU", timestamp_ns=column, price=1.0, size=1.0)))
        publisher.publish_columns("XU", column, [1.0] * len(column), [1.0] * len(column))
        bars = pandas.DataFrame(dict(symbol="XU", start_ns=column, duration_ns=MINUTE, **dict.fromkeys(PRICES, 1.0)))
        publisher.publish_bar_frame(bars)
        publisher.flush(20)
        told = publisher.rejections
        assert [rejection.item for rejection in told] == list(range(3 * len(column)))
        assert {rejection.reason for rejection in told} == {"BAD_TIMESTAMP"}
        for rejection in told[:: len(column)]:
            assert f"_ns is {column[0]:.0f}," in rejection.detail and f"are these {unit}? It takes nanoseconds" in rejection.detail


def test_rows_without_symbols_are_rejected_and_frames_without_rows_are_nothing(clients):
    frame = pandas.DataFrame(dict(symbol=[float("nan")] * 2, timestamp_ns=vendor_files.OPEN * 10**9, price=1.0, size=1.0))
    with clients[1][1].publisher() as publisher:
        publisher.publish_frame(frame[:0])
        publisher.publish_frame(pandas.DataFrame(columns=frame.columns))
        publisher.flush(20)
        assert (publisher.items, publisher.totals) == (0, penstock.Totals())
        publisher.publish_frame(frame)
        publisher.flush(20)
        assert [(told.item, told.reason) for told in publisher.rejections] == [(0, "BAD_SYMBOL"), (1, "BAD_SYMBOL")]
