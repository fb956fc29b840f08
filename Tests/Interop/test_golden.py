"""The events of real tick files, however they are sent and however many channels there are."""
import csv
import gzip
import json

import pytest
from conftest import SHARED, config, running
from penstock.v1 import events_pb2 as ev
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import service_pb2 as sv

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared, which lies beside the project")

#: The calendar's preset of each file of ticks.
FILES = {
    "us_equities_ticks_20131008": "us_equities",
    "spy_ticks_20131010": "us_equities",
    "crypto_perp_ticks_20240808": "continuous",
    "gc_futures_ticks_20131008": "us_futures",
    "spy_odd_lots": "us_equities",
}
#: Settings beside the defaults, in the profile.
SETTINGS = {
    "gc_futures_ticks_20131008": "    detectors: {tick: {bars: [1h]}}",
    "spy_odd_lots": "    detectors: {tick: {bars: [1m], gap: {gap_pct: 0.05}, vwap_cross: {band_pct: 0.01}}}",
}
BARS = "us_equities_bars_1m_201310"
#: The calendar's preset of each file of bars.
BAR_FILES = {BARS: "us_equities", "spy_bars_revised": "us_equities", "es_futures_bars_1m_20200106": "us_futures"}


def rows_of(name):
    beside = SHARED / "golden-2" / f"{name}.csv.gz"
    with gzip.open(beside if beside.exists() else SHARED / "data" / f"{name}.csv.gz", "rt") as file:
        yield from csv.DictReader(file)


def ticks(name):
    for row in rows_of(name):
        yield row["symbol"], int(row["timestamp_ns"]), float(row["price"]), float(row["size"]), int(row.get("conditions") or 0)


def singles(rows):
    for row in rows:
        yield md.PublishRequest(tick=tick(row))


def tick(row):
    symbol, time, price, size, conditions = row
    return md.Tick(symbol=symbol, timestamp_ns=time, price=price, size=size, conditions=conditions)


def chunks(rows, size):
    chunk = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def batches(rows):
    for sequence, chunk in enumerate(chunks(rows, 64), 1):
        yield md.PublishRequest(
            sequence=sequence,
            ticks=md.TickBatch(ticks=[tick(row) for row in chunk]),
        )


def columns(rows):
    for sequence, chunk in enumerate(chunks(rows, 4096), 1):
        names = sorted({row[0] for row in chunk})
        places = {name: place for place, name in enumerate(names)}
        yield md.PublishRequest(
            sequence=sequence,
            tick_columns=md.TickColumns(
                symbols=names,
                symbol_index=[places[row[0]] for row in chunk],
                timestamp_ns=[row[1] for row in chunk],
                price=[row[2] for row in chunk],
                size=[row[3] for row in chunk],
                conditions=[row[4] for row in chunk] if any(row[4] for row in chunk) else [],
            ),
        )


def publish(stub, requests):
    last = None
    for last in stub.Publish(requests, timeout=300):
        assert not last.rejections
    return last


def collect(stub):
    events = []
    for response in stub.Subscribe(ev.SubscribeRequest(from_sequence=1, end_when_caught_up=True), timeout=60):
        assert not response.HasField("missed")
        events += response.events.events
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    return events


def name(enum, value):
    text = enum.Name(value)
    prefix = {"EventType": "EVENT_TYPE_", "Direction": "DIRECTION_", "TradingSession": "TRADING_SESSION_"}[enum.DESCRIPTOR.name]
    return text.removeprefix(prefix)


def same(field, ours, theirs):
    if field.enum_type is not None:
        return field.enum_type.values_by_number[ours].name.endswith("_" + theirs)
    if field.cpp_type == field.CPPTYPE_DOUBLE:
        return abs(ours - theirs) <= 1e-9 * max(1, abs(ours), abs(theirs))
    return ours == theirs and type(ours) is type(theirs)


def compare(event, golden):
    assert event.id == golden["id"]
    assert name(ev.EventType, event.type) == golden["type"]
    assert name(ev.Direction, event.direction) == golden["direction"]
    assert name(ev.TradingSession, event.session) == golden["session"]
    assert event.timestamp_ns == golden["timestamp_ns"]
    assert event.received_ns <= event.detected_ns <= event.sequenced_ns
    assert event.config_version == 1 and event.rules_version == golden["rules_version"] and event.channel
    for key in ("price", "size", "significance"):
        assert same(ev.Event.DESCRIPTOR.fields_by_name[key], getattr(event, key), golden[key]), (event.id, key)
    detail = event.WhichOneof("detail")
    # Fields that are younger than the golden files: they stand at 0 there.
    younger = {"suppressed"} if detail == "quarantine" else set()
    assert set(golden[detail]) | younger == {field.name for field in getattr(event, detail).DESCRIPTOR.fields}
    for field in getattr(event, detail).DESCRIPTOR.fields:
        ours, theirs = getattr(getattr(event, detail), field.name), golden[detail].get(field.name, 0)
        assert same(field, ours, theirs), (event.id, field.name, ours, theirs)


def check(events, file):
    with gzip.open(SHARED / "golden-2" / f"{file}.events.jsonl.gz", "rt") as lines:
        golden = list(map(json.loads, lines))
    for symbol in {event["symbol"] for event in golden} | {event.symbol for event in events}:
        ours = [event for event in events if event.symbol == symbol]
        theirs = [event for event in golden if event["symbol"] == symbol]
        for event, expected in zip(ours, theirs):
            compare(event, expected)
        assert len(ours) == len(theirs), symbol


def run(file, shape, channels, batching="{strategy: adaptive}"):
    rows = list(ticks(file))
    with running(config(channels, FILES[file], extra=SETTINGS.get(file, ""), batching=batching)) as server, server.stub() as stub:
        last = publish(stub, shape(rows))
        assert last.accepted == len(rows) and last.rejected == 0 and last.dropped == 0 and last.duplicates == 0
        events = collect(stub)
        received = sum(channel.received for channel in server.metrics().channels)
        assert received == len(rows)
    return events


@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("shape", [singles, batches, columns])
@pytest.mark.parametrize("file", FILES)
def test_real_ticks_give_the_golden_events(file, shape, channels):
    check(run(file, shape, channels), file)


@pytest.mark.parametrize(
    "batching",
    [
        "{strategy: immediate, max_batch: 7}",
        "{strategy: size, max_batch: 1000, max_wait_us: 2000}",
        "{strategy: time, max_wait_us: 3000}",
    ],
)
def test_batching_changes_no_event(batching):
    file = "us_equities_ticks_20131008"
    check(run(file, batches, 2, batching), file)


def test_a_second_run_gives_the_same_ids():
    file = "us_equities_ticks_20131008"
    first, second = (sorted(event.id for event in run(file, columns, channels)) for channels in (1, 4))
    assert first == second


def bars(name):
    for row in rows_of(name):
        yield md.Bar(
            symbol=row["symbol"],
            start_ns=int(row["start_ns"]),
            duration_ns=int(row["duration_ns"]),
            **{key: float(row[key]) for key in ("open", "high", "low", "close", "volume")},
            vwap=float(row["vwap"] or 0),
            trade_count=int(row["trades"] or 0),
            partial=row.get("partial") == "1",
        )


def bar_batches(name):
    for sequence, chunk in enumerate(chunks(bars(name), 64), 1):
        yield md.PublishRequest(sequence=sequence, bars=md.BarBatch(bars=chunk))


@pytest.mark.parametrize("file", BAR_FILES)
def test_real_bars_give_the_golden_events(file):
    text = f"channels: [{{name: bars, type: bar}}]\nprofiles: [{{name: default, calendar: {{preset: {BAR_FILES[file]}}}}}]\n"
    with running(text) as server, server.stub() as stub:
        rows = list(bars(file))
        last = publish(stub, bar_batches(file))
        assert last.accepted == len(rows) and last.rejected == 0
        check(collect(stub), file)
        # The newest start again is a revision; an earlier start, or a partial version behind a final one, is late.
        (channel,) = server.metrics().channels
        assert (channel.revised, channel.late) == ((1_115, 46) if file == "spy_bars_revised" else (0, 0)), channel


@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("strategy", ["symbol_hash", "round_robin", "least_loaded", "healthiest", "random"])
def test_real_bars_give_the_golden_events_whatever_the_strategy(channels, strategy):
    names = "".join(f"  - {{name: bars-{i}, type: bar}}\n" for i in range(channels))
    text = f"channels:\n{names}routing: {{bar: {{strategy: {strategy}, seed: 7}}}}\n"
    with running(text) as server, server.stub() as stub:
        last = publish(stub, bar_batches(BARS))
        assert last.accepted == 13_429 and last.rejected == 0
        check(collect(stub), BARS)


@pytest.mark.parametrize("file", [*FILES, *BAR_FILES])
def test_a_replay_gives_the_golden_events(file):
    requests = bar_batches(file) if file in BAR_FILES else columns(list(ticks(file)))

    def frames():
        yield sv.ReplayRequest(setup=sv.ReplaySetup())
        for request in requests:
            yield sv.ReplayRequest(publish=request)

    text = config(2, {**FILES, **BAR_FILES}[file], extra=SETTINGS.get(file, ""))
    if file in BAR_FILES:
        text = text.replace("channels:\n", "channels:\n  - {name: bars, type: bar}\n")
    with running(text) as server, server.stub() as stub:
        check([e for response in stub.Replay(frames(), timeout=300) for e in response.events.events], file)
