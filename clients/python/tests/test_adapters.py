"""The live adapters: what they make of the vendors' messages, and a run of each against a stand-in that hangs up once."""
import contextlib
import json
import os
import re
import signal
import socketserver
import subprocess
import sys
import threading

import penstock
import pytest
from conftest import PACKAGE, eventually, running

ADAPTERS = PACKAGE / "examples" / "adapters"
sys.path.insert(0, str(ADAPTERS))
import alpaca_live  # noqa: E402
import binance_live  # noqa: E402
import databento_live  # noqa: E402
import live  # noqa: E402
import polygon_live  # noqa: E402

NOW = 1_700_006_400_000_000_000
MILLIS = NOW // 10**6
MINUTE = 60 * 10**9
Tick, Bar = penstock.market_data.Tick, penstock.market_data.Bar


# --- Binance


def agg_trade(number, symbol="BTCUSDT", **others):
    return {
        "e": "aggTrade", "E": MILLIS + number * 1000 + 5, "s": symbol, "a": number, "p": "37000.10", "q": "0.25000000", "f": number,
        "l": number, "T": MILLIS + number * 1000, "m": True, "M": True, **others,
    }


def kline(minute, closed, close="101.0", symbol="BTCUSDT", **others):
    start = MILLIS + minute * 60_000
    k = {
        "t": start, "T": start + 59_999, "s": symbol, "i": "1m", "f": 1, "L": 7, "o": "100.0", "c": close, "h": "103.0", "l": "99.5",
        "v": "12.5", "n": 7, "x": closed, "q": "1262.5", "V": "6", "Q": "606", "B": "0", **others,
    }
    return {"e": "kline", "E": start + 30_000, "s": symbol, "k": k}


def combined(data):
    return json.dumps({"stream": "btcusdt@x", "data": data})


def test_a_binance_trade_is_a_tick_raw_or_combined():
    tick = Tick(symbol="BTCUSDT", timestamp_ns=NOW + 10**9, price=37000.10, size=0.25)
    assert binance_live.parse(json.dumps(agg_trade(1))) == [tick]
    assert binance_live.parse(combined(agg_trade(1))) == [tick]


def test_binance_microseconds_are_known_by_their_size():
    assert binance_live.parse(json.dumps(agg_trade(0, T=NOW // 1000 + 7)))[0].timestamp_ns == NOW + 7000
    start = NOW // 1000
    [bar] = binance_live.parse(combined(kline(0, True, t=start, T=start + 59_999_999)))
    assert (bar.start_ns, bar.duration_ns) == (NOW, MINUTE)


@pytest.mark.parametrize("closed", [False, True])
def test_a_binance_kline_is_a_bar_and_partial_until_it_is_closed(closed):
    assert binance_live.parse(combined(kline(2, closed))) == [Bar(
        symbol="BTCUSDT", start_ns=NOW + 2 * MINUTE, duration_ns=MINUTE, open=100, high=103, low=99.5, close=101, volume=12.5,
        trade_count=7, partial=not closed,
    )]


def test_a_binance_month_is_as_long_as_it_is():
    february, march = 1_706_745_600_000, 1_709_251_200_000
    [bar] = binance_live.parse(combined(kline(0, True, t=february, T=march - 1, i="1M")))
    assert bar.duration_ns == 29 * 24 * 60 * MINUTE


@pytest.mark.parametrize("message", [
    {"result": None, "id": 1}, {"e": "serverShutdown", "E": MILLIS}, {"stream": "!ticker@arr", "data": {"e": "24hrTicker", "s": "BTCUSDT"}},
])
def test_other_binance_messages_have_no_items(message):
    assert binance_live.parse(json.dumps(message)) == []


def test_a_binance_error_is_named():
    with pytest.raises(live.Refused, match="2 Invalid request: unknown stream") as refused:
        binance_live.parse('{"error": {"code": 2, "msg": "Invalid request: unknown stream"}, "id": 1}')
    assert refused.value.final


# --- Alpaca


def alpaca_trade(second, symbol="SPY", **others):
    return {
        "T": "t", "i": 96921 + second, "S": symbol, "x": "D", "p": 126.55, "s": 100, "t": f"2023-11-15T00:00:{second:02}.208123456Z",
        "c": ["@"], "z": "C", **others,
    }


def alpaca_bar(minute, kind="b", symbol="SPY", **others):
    return {
        "T": kind, "S": symbol, "o": 388.985, "h": 389.13, "l": 388.975, "c": 389.12, "v": 49378, "n": 461, "vw": 389.062639,
        "t": f"2023-11-15T00:{minute:02}:00Z", **others,
    }


def test_an_alpaca_trade_is_a_tick_with_all_nanoseconds():
    assert alpaca_live.parse(json.dumps([alpaca_trade(1), alpaca_trade(2, s=0.5)])) == [
        Tick(symbol="SPY", timestamp_ns=NOW + 10**9 + 208_123_456, price=126.55, size=100),
        Tick(symbol="SPY", timestamp_ns=NOW + 2 * 10**9 + 208_123_456, price=126.55, size=0.5),
    ]


@pytest.mark.parametrize("text, nanoseconds", [("", 0), (".2", 200_000_000), (".208", 208_000_000), (".000000001", 1)])
def test_alpaca_times_have_any_number_of_digits(text, nanoseconds):
    assert alpaca_live.nanoseconds(f"2023-11-15T00:00:00{text}Z") == NOW + nanoseconds


@pytest.mark.parametrize("codes, tape, bits", [
    (["@", "I"], "C", 1), ([" ", "T"], "A", 0), (["@", "T", "U"], "C", 1), (["4"], "C", 1), (["W"], "C", 1), (["Q"], "C", 3), (["M"], "A", 7),
    (["9"], "C", 6), (["B"], "A", 1), (["B"], "B", 1), (["B"], "C", 0), (["F", "I"], "B", 1), (["O"], "C", 0), (None, "C", 0), ([], None, 0),
])
def test_alpaca_conditions_become_bits(codes, tape, bits):
    [tick] = alpaca_live.parse(json.dumps([alpaca_trade(0, c=codes, z=tape)]))
    assert tick.conditions == bits


@pytest.mark.parametrize("kind, duration, partial", [("b", MINUTE, False), ("u", MINUTE, False), ("d", 24 * 60 * MINUTE, True)])
def test_an_alpaca_bar_is_a_bar(kind, duration, partial):
    assert alpaca_live.parse(json.dumps([alpaca_bar(1, kind)])) == [Bar(
        symbol="SPY", start_ns=NOW + MINUTE, duration_ns=duration, open=388.985, high=389.13, low=388.975, close=389.12, volume=49378,
        vwap=389.062639, trade_count=461, partial=partial,
    )]


def test_other_alpaca_messages_have_no_items():
    kinds = [{"T": "success", "msg": "connected"}, {"T": "subscription", "trades": ["SPY"], "bars": []}]
    kinds += [{"T": kind, "S": "SPY", "t": "2023-11-15T00:00:00Z"} for kind in ("q", "c", "x", "s", "l")]
    assert alpaca_live.parse(json.dumps(kinds)) == []


@pytest.mark.parametrize("code, text, final", [
    (402, "auth failed", True), (409, "insufficient subscription", True), (406, "connection limit exceeded", False),
])
def test_an_alpaca_error_is_named(code, text, final):
    with pytest.raises(live.Refused, match=f"{code} {text}") as refused:
        alpaca_live.parse(json.dumps([{"T": "error", "code": code, "msg": text}]))
    assert refused.value.final == final


# --- Polygon (Massive)


def polygon_trade(second, symbol="SPY", **others):
    return {
        "ev": "T", "sym": symbol, "x": 4, "i": "12345", "z": 3, "p": 114.125, "s": 100, "c": [0, 12], "t": MILLIS + second * 1000,
        "q": 3681328, **others,
    }


def polygon_aggregate(start, kind="AM", seconds=60, symbol="SPY", **others):
    start = MILLIS + start * 1000
    return {
        "ev": kind, "sym": symbol, "v": 4110, "av": 9470157, "op": 0.4372, "vw": 114.5, "o": 114.2, "c": 114.6, "h": 114.7, "l": 114.1,
        "a": 114.4, "z": 685, "s": start, "e": start + seconds * 1000, **others,
    }


def test_a_polygon_trade_is_a_tick():
    messages = [polygon_trade(1), polygon_trade(2, s=0, ds="0.25"), polygon_trade(3, c=None)]
    assert polygon_live.parse(json.dumps(messages)) == [
        Tick(symbol="SPY", timestamp_ns=NOW + 10**9, price=114.125, size=100),
        Tick(symbol="SPY", timestamp_ns=NOW + 2 * 10**9, price=114.125, size=0.25),
        Tick(symbol="SPY", timestamp_ns=NOW + 3 * 10**9, price=114.125, size=100),
    ]


@pytest.mark.parametrize("codes, bits", [
    ([37], 1), ([14, 12, 37], 1), ([2], 1), ([5], 1), ([7], 1), ([10], 1), ([13], 1), ([20], 1), ([21], 1), ([22], 1), ([32], 1), ([33], 1),
    ([52], 1), ([53], 1), ([16], 3), ([15], 7), ([38], 6), ([37, 38], 7), ([12], 0), ([999], 0), ([], 0),
])
def test_polygon_conditions_become_the_bits_of_the_table(codes, bits):
    [tick] = polygon_live.parse(json.dumps([polygon_trade(0, c=codes)]))
    assert tick.conditions == bits


def test_the_polygon_table_is_that_of_the_docs():
    page = (PACKAGE.parents[1] / "docs" / "files.md").read_text()
    table = page[page.index("| codes | bits |"):]
    documented = {}
    for line in table.splitlines():
        cells = line.split("|")
        if len(cells) > 2 and re.match(r" \d", cells[1]):
            bits = sum(1 << int(bit) for bit in re.findall(r"\d", cells[2].split(":")[0]))
            documented |= dict.fromkeys((int(code) for code in re.findall(r"\d+", cells[1])), bits)
    assert polygon_live.CONDITIONS == documented


@pytest.mark.parametrize("kind, seconds", [("A", 1), ("AM", 60)])
def test_a_polygon_aggregate_is_a_bar(kind, seconds):
    [bar] = polygon_live.parse(json.dumps([polygon_aggregate(60, kind, seconds)]))
    assert bar == Bar(
        symbol="SPY", start_ns=NOW + MINUTE, duration_ns=seconds * 10**9, open=114.2, high=114.7, low=114.1, close=114.6, volume=4110,
        vwap=114.5,
    )


def test_other_polygon_messages_have_no_items():
    messages = [
        {"ev": "status", "status": "connected", "message": "Connected Successfully"},
        {"ev": "status", "status": "auth_success", "message": "authenticated"},
        {"ev": "status", "status": "success", "message": "subscribed to: T.SPY"},
        {"ev": "Q", "sym": "SPY", "bp": 1, "ap": 2, "t": MILLIS}, {"ev": "LULD", "T": "SPY", "h": 2, "l": 1, "t": MILLIS},
    ]
    assert polygon_live.parse(json.dumps(messages)) == []


@pytest.mark.parametrize("status, final", [("auth_failed", True), ("error", True), ("max_connections", False), ("force_disconnect", False)])
def test_a_polygon_error_is_named(status, final):
    with pytest.raises(live.Refused, match=f"{status} why") as refused:
        polygon_live.parse(json.dumps([{"ev": "status", "status": status, "message": "why"}]))
    assert refused.value.final == final


# --- Databento, as `dbn --json` prints it


def header(kind, nanoseconds=0, instrument=5482):
    return {"ts_event": str(NOW + nanoseconds), "rtype": kind, "publisher_id": 1, "instrument_id": instrument}


def databento_mapping(symbol="ESZ3", instrument=5482):
    return {
        "hd": header(22, instrument=instrument), "stype_in": 1, "stype_in_symbol": symbol, "stype_out": 0, "stype_out_symbol": str(instrument),
        "start_ts": str(NOW), "end_ts": str(NOW + 10**12),
    }


def databento_trade(second, **others):
    return {
        "ts_recv": str(NOW), "hd": header(0, second * 10**9 + 123), "action": "T", "side": "A", "depth": 0, "price": "4510250000000",
        "size": 5, "flags": 0, "ts_in_delta": 19_000, "sequence": second, **others,
    }


def databento_bar(minute, kind=33, volume="57"):
    return {
        "hd": header(kind, minute * MINUTE), "open": "4510250000000", "high": "4511000000000", "low": "4509750000000",
        "close": "4510500000000", "volume": volume,
    }


OTHER_RECORDS = {
    "a heartbeat": {"hd": header(23), "msg": "Heartbeat", "code": 0},
    "a quote": {"hd": header(1), "action": "A", "side": "B", "price": "4510250000000", "size": 1},
    "no trade": databento_trade(0, action="A"),
    "an end of day": databento_bar(0, 36),
}


def mapped():
    parser = databento_live.Parser()
    assert parser.parse(json.dumps(databento_mapping())) == []
    return parser


def test_a_databento_trade_is_a_tick_of_the_symbol_that_was_told():
    parser = mapped()
    tick = Tick(symbol="ESZ3", timestamp_ns=NOW + 10**9 + 123, price=4510.25, size=5)
    assert parser.parse(json.dumps(databento_trade(1))) == [tick]
    parser.parse(json.dumps(databento_mapping("ESH4")))
    assert parser.parse(json.dumps(databento_trade(1)))[0].symbol == "ESH4"


@pytest.mark.parametrize("kind, seconds", [(32, 1), (33, 60), (34, 3600), (35, 86_400)])
def test_a_databento_bar_lasts_as_its_record_type_says(kind, seconds):
    assert mapped().parse(json.dumps(databento_bar(1, kind))) == [Bar(
        symbol="ESZ3", start_ns=NOW + MINUTE, duration_ns=seconds * 10**9, open=4510.25, high=4511, low=4509.75, close=4510.5, volume=57,
    )]


@pytest.mark.parametrize("what", OTHER_RECORDS)
def test_other_databento_records_have_no_items(what):
    assert mapped().parse(json.dumps(OTHER_RECORDS[what])) == []


def test_what_databento_leaves_open_is_told():
    with pytest.raises(LookupError, match="instrument 5482 has no symbol yet"):
        databento_live.Parser().parse(json.dumps(databento_trade(1)))
    with pytest.raises(ValueError, match="without a price"):
        mapped().parse(json.dumps(databento_trade(1, price=str(2**63 - 1))))


def test_a_databento_error_is_named():
    with pytest.raises(live.Refused, match="no such schema"):
        mapped().parse(json.dumps({"hd": header(21), "err": "no such schema", "code": 255, "is_last": 1}))


# --- Running


#: Bars of what was published say by their volume which items came, and that each came once: sizes are powers of two.
BARS = """profiles:
  - {name: default, calendar: {preset: continuous}, detectors: {tick: {bars: [1m]}, bar: {aggregate: {windows: [2m]}}}}
"""


class StandIn:
    """A websocket server with a script for each connection: what to send, and in `Wait` what must come first. Behind its script a connection is
    cut without a closing frame; the last one stays open."""

    def __init__(self, *scripts):
        self.scripts, self.began, self.heard = scripts, 0, []
        self._guard, self._over = threading.Lock(), threading.Event()

    def __enter__(self):
        self._server = pytest.importorskip("websockets.sync.server").serve(self._handle, "127.0.0.1", 0, close_timeout=1)
        self.url = "ws://127.0.0.1:%d/" % self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error):
        self._over.set()
        self._server.shutdown()
        self._thread.join(20)

    def _handle(self, socket):
        with self._guard:
            place, self.began = self.began, self.began + 1
        if place >= len(self.scripts):
            return
        for step in self.scripts[place]:
            if isinstance(step, Wait):
                self.heard.append(socket.recv(timeout=20))
                assert step.text in self.heard[-1]
            else:
                socket.send(step if isinstance(step, str) else json.dumps(step))
        if place == len(self.scripts) - 1:
            self._over.wait(60)
        else:
            socket.socket.shutdown(2)


class Wait:
    def __init__(self, text):
        self.text = text


KEYS = {"APCA_API_KEY_ID": "id", "APCA_API_SECRET_KEY": "secret", "POLYGON_API_KEY": "key", "DATABENTO_API_KEY": "db-key"}


@contextlib.contextmanager
def started(adapter, *arguments, path="", **environment):
    process = subprocess.Popen(
        [sys.executable, str(ADAPTERS / adapter), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={"PYTHONPATH": f"{path}{PACKAGE}", **KEYS, **environment},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=20)


def published(tmp_path, adapter, *arguments, scripts, items):
    """Runs an adapter until `items` were processed; returns what the server made bars of, and what the adapter said."""
    with running(tmp_path, BARS) as server, StandIn(*scripts) as vendor, penstock.connect(server.target) as client:
        with started(adapter, *arguments, "--server", server.target, "--url", vendor.url) as process:
            try:
                eventually(lambda: sum(channel.processed for channel in client.metrics().channels) >= items, 60)
            except AssertionError:
                process.kill()
                raise AssertionError(process.communicate(timeout=20)) from None
            process.send_signal(signal.SIGINT)
            out, told = process.communicate(timeout=30)
        assert process.returncode == 0, told
        assert f"accepted={items}, rejected=0, dropped=0, late=0" in out and "duplicates=0" in out
        assert sum(channel.processed for channel in client.metrics().channels) == items
        assert vendor.began == len(scripts) and out.count("connected to") == len(scripts)
        assert told.count("lost (") == len(scripts) - 1 and "what is sent until then is missed" in told
        closed = [event.bar_closed for event in client.subscribe(types=["BAR_CLOSED"], from_sequence=1, end_when_caught_up=True)]
        return closed, told


def test_binance_trades_are_published_once_each_across_a_lost_connection(tmp_path):
    answer, first, second = {"result": None, "id": 1}, [0, 1, 2], [10, 11, 120]
    script = [[Wait("btcusdt@aggTrade"), answer, *(agg_trade(n, q=str(2**n)) for n in part if n < 60)] for part in (first, second)]
    script[1].append(agg_trade(120))
    closed, _ = published(tmp_path, "binance_live.py", "BTCUSDT", scripts=script, items=6)
    # Each size is a power of two of its own: the volume names the ticks.
    assert [(bar.trade_count, bar.volume) for bar in closed] == [(5, 1 + 2 + 4 + 1024 + 2048)]


def test_binance_klines_are_published_and_each_version_replaces_the_last(tmp_path):
    answer = {"result": None, "id": 1}
    script = [
        [Wait("btcusdt@kline_1m"), answer, combined(kline(0, False, v="1")), combined(kline(0, True, v="2")), combined(kline(1, False, v="4"))],
        [Wait("btcusdt@kline_1m"), combined(kline(1, False, v="8")), combined(kline(1, True, "102.5", v="16")), answer, combined(kline(2, False))],
    ]
    closed, _ = published(tmp_path, "binance_live.py", "BTCUSDT", "--klines", "1m", scripts=script, items=6)
    assert [(bar.start_ns, bar.close, bar.volume) for bar in closed] == [(NOW, 102.5, 2 + 16)]


ALPACA = [
    [{"T": "success", "msg": "connected"}], Wait('"secret": "secret"'), [{"T": "success", "msg": "authenticated"}], Wait("subscribe"),
    [{"T": "subscription", "trades": ["SPY"]}],
]


def test_alpaca_trades_are_published_once_each_across_a_lost_connection(tmp_path):
    script = [
        [*ALPACA, [alpaca_trade(0, s=1), alpaca_trade(1, s=2)], [alpaca_trade(2, s=4, c=["@", "I"], p=126.75)]],
        [[{"T": "success", "msg": "connected"}], Wait("auth"), [{"T": "error", "code": 406, "msg": "connection limit exceeded"}]],
        ["<html>busy</html>"],
        [*ALPACA, [alpaca_trade(3, s=8), alpaca_trade(4, s=16, c=["M"])], [alpaca_trade(0, t="2023-11-15T00:02:00Z")]],
    ]
    with running(tmp_path, BARS) as server, StandIn(*script) as vendor, penstock.connect(server.target) as client:
        with started("alpaca_live.py", "SPY", "--server", server.target, "--url", vendor.url) as process:
            eventually(lambda: sum(channel.processed for channel in client.metrics().channels) >= 6, 60)
            process.send_signal(signal.SIGTERM)
            out, told = process.communicate(timeout=30)
        assert process.returncode == 0 and "accepted=6, rejected=0" in out, told
        assert told.count("lost (") == 3 and "lost (406 connection limit exceeded)" in told
        assert "lost (not what the vendor documents: '<html>busy</html>')" in told
        [bar] = [event.bar_closed for event in client.subscribe(types=["BAR_CLOSED"], from_sequence=1, end_when_caught_up=True)]
        # The odd lot counts in the volume and not as a price; the official close in neither.
        assert (bar.volume, bar.high) == (1 + 2 + 4 + 8, 126.55)


def test_alpaca_bars_are_published_once_each_across_a_lost_connection(tmp_path):
    script = [
        [*ALPACA, [alpaca_bar(0, v=1)], [alpaca_bar(1, v=2)]],
        [*ALPACA, [alpaca_bar(2, v=4), alpaca_bar(0, "d")], [alpaca_bar(3, v=8)], [alpaca_bar(4, v=16)]],
    ]
    closed, _ = published(tmp_path, "alpaca_live.py", "SPY", "--bars", scripts=script, items=6)
    assert [(bar.start_ns, bar.volume) for bar in closed] == [(NOW, 1 + 2), (NOW + 2 * MINUTE, 4 + 8)]


POLYGON = [
    [{"ev": "status", "status": "connected", "message": "Connected Successfully"}], Wait('"params": "key"'),
    [{"ev": "status", "status": "auth_success", "message": "authenticated"}], Wait("SPY"),
    [{"ev": "status", "status": "success", "message": "subscribed to: T.SPY"}],
]


def test_polygon_trades_are_published_once_each_across_a_lost_connection(tmp_path):
    script = [
        [*POLYGON, [polygon_trade(0, s=1), polygon_trade(1, s=2)], '[{"ev": "T", "sym": "SPY"}]', "no json", [polygon_trade(2, s=4, c=[37])]],
        [*POLYGON, [polygon_trade(3, s=8)], [polygon_trade(4, s=16, c=[15]), polygon_trade(120)]],
    ]
    closed, told = published(tmp_path, "polygon_live.py", "SPY", scripts=script, items=6)
    assert [bar.volume for bar in closed] == [1 + 2 + 4 + 8]
    # What cannot be read ends nothing, and is told.
    assert told.count("left out, ") == 2 and "left out, KeyError 't'" in told and "'no json'" in told


def test_polygon_aggregates_are_published_once_each_across_a_lost_connection(tmp_path):
    script = [
        [*POLYGON, [polygon_aggregate(0, v=1)], [polygon_aggregate(60, v=2)]],
        [*POLYGON, [polygon_aggregate(120, v=4), polygon_aggregate(180, v=8)], [polygon_aggregate(240, v=16)]],
    ]
    closed, _ = published(tmp_path, "polygon_live.py", "SPY", "--aggregates", "AM", scripts=script, items=5)
    assert [(bar.start_ns, bar.volume) for bar in closed] == [(NOW, 1 + 2), (NOW + 2 * MINUTE, 4 + 8)]


def test_databento_trades_are_published_once_each_across_a_lost_connection(tmp_path):
    script = [
        [databento_mapping(), *(databento_trade(n, size=2**n) for n in range(3)), OTHER_RECORDS["a heartbeat"]],
        [databento_mapping(), *(databento_trade(n, size=2**n) for n in (3, 4)), databento_trade(120)],
    ]
    closed, _ = published(tmp_path, "databento_live.py", "ESZ3", "--dataset", "GLBX.MDP3", scripts=script, items=6)
    assert [bar.volume for bar in closed] == [1 + 2 + 4 + 8 + 16]


class DatabentoGateway(socketserver.ThreadingTCPServer):
    """What the package databento connects to: greets, takes any key, sends the records of the connection's place, and hangs up; on the last
    one it stays. Where it has no place left it refuses the key."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, *parts):
        super().__init__(("127.0.0.1", 0), None)
        self.parts, self.began, self.over = parts, 0, threading.Event()

    def finish_request(self, request, address):
        place, self.began = self.began, self.began + 1
        request.settimeout(20)
        lines = request.makefile("rb")
        request.sendall(b"lsg_version=0.1\ncram=challenge\n")
        assert b"dataset=GLBX.MDP3" in lines.readline()
        if place >= len(self.parts):
            request.sendall(b"success=0|error=Authentication failed.\n")
            return
        request.sendall(b"success=1|session_id=1\n")
        assert b"symbols=ESZ3" in lines.readline()
        assert lines.readline().startswith(b"start_session")
        request.sendall(b"".join(bytes(record) for record in self.parts[place]))
        if place == len(self.parts) - 1:
            self.over.wait(60)


@contextlib.contextmanager
def gateway(*parts):
    with DatabentoGateway(*parts) as vendor:
        threading.Thread(target=vendor.serve_forever, daemon=True).start()
        try:
            yield vendor, f"127.0.0.1:{vendor.server_address[1]}"
        finally:
            vendor.over.set()
            vendor.shutdown()


def test_the_databento_adapter_reads_a_gateway_by_the_package(tmp_path):
    dbn = pytest.importorskip("databento_dbn")
    pytest.importorskip("databento")
    metadata = dbn.Metadata("GLBX.MDP3", NOW, dbn.SType.RAW_SYMBOL, dbn.SType.INSTRUMENT_ID, dbn.Schema.TRADES, ts_out=False, version=3)
    told = dbn.SymbolMappingMsg(1, 5482, NOW, dbn.SType.RAW_SYMBOL, "ESZ3", dbn.SType.INSTRUMENT_ID, "5482", NOW, NOW + 10**12)

    def trade(second, size):
        return dbn.TradeMsg(1, 5482, NOW + second * 10**9, 4510_250_000_000, size, dbn.Action.TRADE, dbn.Side.ASK, 0, NOW)

    parts = [
        [metadata.encode(), told, *(trade(n, 2**n) for n in range(3))], [metadata.encode(), told, trade(3, 8), trade(4, 16), trade(120, 1)],
    ]
    with running(tmp_path, BARS) as server, gateway(*parts) as (_, address), penstock.connect(server.target) as client:
        arguments = ["ESZ3", "--dataset", "GLBX.MDP3", "--server", server.target, "--url", address]
        with started("databento_live.py", *arguments, DATABENTO_API_KEY="db-" + "x" * 29, HOME=str(tmp_path)) as process:
            try:
                eventually(lambda: sum(channel.processed for channel in client.metrics().channels) >= 6, 60)
            except AssertionError:
                process.kill()
                raise AssertionError(process.communicate(timeout=20)) from None
            process.send_signal(signal.SIGINT)
            out, said = process.communicate(timeout=30)
        assert process.returncode == 0 and "accepted=6, rejected=0" in out and said.count("lost (") == 1, said
        [bar] = [event.bar_closed for event in client.subscribe(types=["BAR_CLOSED"], from_sequence=1, end_when_caught_up=True)]
        assert (bar.volume, bar.high) == (1 + 2 + 4 + 8 + 16, 4510.25)


def test_a_key_that_databento_refuses_ends_the_adapter(server, tmp_path):
    pytest.importorskip("databento")
    with gateway() as (_, address):
        arguments = ["ESZ3", "--dataset", "GLBX.MDP3", "--server", server.target, "--url", address]
        with started("databento_live.py", *arguments, DATABENTO_API_KEY="db-" + "x" * 29, HOME=str(tmp_path)) as process:
            _, told = process.communicate(timeout=30)
            assert process.returncode == 1 and "refused: " in told and "uthentication failed" in told and "Traceback" not in told


REFUSALS = {
    "binance_live.py": ([Wait("SUBSCRIBE"), {"error": {"code": 2, "msg": "bad stream"}, "id": 1}], "2 bad stream"),
    "alpaca_live.py": ([*ALPACA[:2], [{"T": "error", "code": 402, "msg": "auth failed"}]], "402 auth failed"),
    "polygon_live.py": ([*POLYGON[:2], [{"ev": "status", "status": "auth_failed", "message": "authentication failed"}]], "auth_failed auth"),
}


@pytest.mark.parametrize("adapter", REFUSALS)
def test_what_the_vendor_refuses_for_good_ends_an_adapter_with_its_words(server, adapter):
    script, words = REFUSALS[adapter]
    with StandIn(script) as vendor, started(adapter, "SPY", "--server", server.target, "--url", vendor.url) as process:
        _, told = process.communicate(timeout=30)
        assert process.returncode == 1 and f"refused: {words}" in told and "Traceback" not in told


@pytest.mark.parametrize("adapter", REFUSALS)
def test_without_its_package_an_adapter_says_what_to_install(tmp_path, adapter):
    (tmp_path / "websockets.py").write_text("raise ImportError\n")
    with started(adapter, "SPY", path=f"{tmp_path}{os.pathsep}") as process:
        _, told = process.communicate(timeout=30)
        assert process.returncode == 1 and "pip install websockets" in told and "Traceback" not in told


def test_without_its_package_the_databento_adapter_says_what_to_install(tmp_path):
    (tmp_path / "databento.py").write_text("raise ImportError\n")
    with started("databento_live.py", "ESZ3", "--dataset", "GLBX.MDP3", path=f"{tmp_path}{os.pathsep}") as process:
        _, told = process.communicate(timeout=30)
        assert process.returncode == 1 and "pip install databento" in told and "Traceback" not in told


def test_without_a_server_an_adapter_says_so():
    with started("binance_live.py", "BTCUSDT", "--server", "127.0.0.1:1", "--url", "ws://127.0.0.1:1/") as process:
        _, told = process.communicate(timeout=30)
        assert process.returncode == 1 and told.startswith("127.0.0.1:1: ") and "Traceback" not in told


@pytest.mark.parametrize("adapter, key", [
    ("alpaca_live.py", "APCA_API_KEY_ID"), ("alpaca_live.py", "APCA_API_SECRET_KEY"), ("polygon_live.py", "POLYGON_API_KEY"),
])
def test_without_a_key_an_adapter_names_it(adapter, key):
    with started(adapter, "SPY", **{key: ""}) as process:
        _, told = process.communicate(timeout=30)
        assert process.returncode == 1 and f"{key} is not set" in told and "Traceback" not in told
