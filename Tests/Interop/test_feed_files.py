"""Files that are not ours, fed by the real binary: what the server takes of them, and the words for what it does not."""
import gzip
import io
import json
import sys
import zipfile
import zlib

import pytest
from conftest import running
from test_commands import run

# Half past nine in New York, on the second of January 2024.
OPEN = 1_704_205_800
SECOND = 1_000_000_000
OHLCV = ["1,3,1,2,100", "2,4,1,3,200", "3,5,2,4,300"]


def bars(header, starts, before="", after=""):
    return header + "\n" + "".join(f"{before}{start},{row}{after}\n" for start, row in zip(starts, OHLCV))


POLYGON_TRADES = (
    "ticker,conditions,correction,exchange,id,participant_timestamp,price,sequence_number,sip_timestamp,size,tape,trf_id,trf_timestamp\n"
    + "".join(
        f"AAPL,{codes},{correction},11,{n},0,{187 + n / 100},{n},{(OPEN + n) * SECOND},10,3,0,0\n"
        for n, (codes, correction) in enumerate([("", 0), ('"12,37"', 0), ("16", 0), ("15", 0), ("", 8)])
    )
)
DATABENTO = "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,ts_in_delta,sequence,symbol\n"
DATABENTO_BARS = "ts_event,rtype,publisher_id,instrument_id,open,high,low,close,volume,symbol\n"
AGGREGATES = "ticker,volume,open,close,high,low,window_start,transactions\n"

# Name, text, options, items, and what a dry run says.
FILES = [
    ("databento-trades-raw.csv", DATABENTO + "".join(f"{OPEN + n}000165224,{OPEN + n}000000000,0,1,5482,T,A,0,{4720 + n}250000000,3,0,16000,{n},ESH4\n" for n in range(3)),
     [], 3, ["read as Databento CSV", "2024-01-02T14:30:00Z ESH4 price 4720.25 size 3.0", "3 ticks, 1 symbol"]),
    ("databento-trades-pretty.csv", DATABENTO + "".join(f"2024-01-02T14:30:0{n}.000165224Z,2024-01-02T14:30:0{n}.000000000Z,0,1,5482,T,A,0,{4720 + n}.250000000,3,0,16000,{n},ESH4\n" for n in range(3)),
     [], 3, ["read as Databento CSV", "2024-01-02T14:30:02Z ESH4 price 4722.25 size 3.0"]),
    ("databento-ohlcv-raw.csv", DATABENTO_BARS + "".join(f"{OPEN + 60 * n}000000000,33,1,5482,4720250000000,4721000000000,4720000000000,4720500000000,12,ESH4\n" for n in range(3)),
     [], 3, ["3 bars", "open 4720.25 high 4721.0 low 4720.0 close 4720.5 volume 12.0"]),
    ("databento-ohlcv-pretty.csv", DATABENTO_BARS + "2024-01-02T14:30:00.000000000Z,35,1,5482,4720.250000000,4721.000000000,4720.000000000,4720.500000000,12,ESH4\n",
     [], 1, ["1 bars", "open 4720.25 high 4721.0 low 4720.0 close 4720.5 volume 12.0"]),
    ("polygon-trades.csv", POLYGON_TRADES, [], 5,
     ["read as Polygon trades", "4 not for prices", "3 not for volume", "1 official closes"]),
    ("polygon-minute.csv", AGGREGATES + "".join(f"AAPL,100,1,2,3,1,{OPEN + 60 * n}000000000,7\n" for n in range(3)), [], 3, ["read as Polygon minute aggregates", "1m in all rows"]),
    ("polygon-day.csv", AGGREGATES + "".join(f"{s},100,1,2,3,1,1704171600000000000,7\n" for s in "ABC"), [], 3, ["read as Polygon day aggregates", "1d in all rows", "3 symbols"]),
    ("massive-day.csv", AGGREGATES + "A,100,1,2,3,1,1704171600000000000,7\n", ["--format", "massive-day"], 1, ["read as Polygon day aggregates"]),
    ("BTCUSDT-aggTrades-2024-01-02.csv", "".join(f"{n},0.5,3.5,{n},{n},{OPEN + n}000,True,True\n" for n in range(3)), [], 3,
     ["read as Binance aggTrades", "times are milliseconds", "2024-01-02T14:30:01Z BTCUSDT price 0.5 size 3.5"]),
    ("BTCUSDT-aggTrades-2025-01-02.csv", "".join(f"{n},0.5,3.5,{n},{n},{OPEN + n}000000,true,true\n" for n in range(3)), [], 3,
     ["times are microseconds", "2024-01-02T14:30:01Z BTCUSDT"]),
    ("futures-aggTrades.csv", "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n" + f"1,0.5,3.5,1,1,{OPEN}000,true\n", ["--symbol", "BTCUSDT"], 1, ["read as Binance aggTrades"]),
    ("ETHUSDT-trades-2024-01-02.csv", f"1,0.5,3.5,1.75,{OPEN}000,False,True\n", [], 1, ["read as Binance trades", "ETHUSDT price 0.5 size 3.5"]),
    ("ETHUSDT-1m-2024-01-02.csv", "".join(f"{OPEN + 60 * n}000,1,3,1,2,10,{OPEN + 60 * n + 59}999,15,7,5,8,0\n" for n in range(3)), [], 3, ["read as Binance klines"]),
    ("ETHUSDT-1m-2025-01-02.csv", "".join(f"{OPEN + 60 * n}000000,1,3,1,2,10,{OPEN + 60 * n + 59}999999,15,7,5,8,0\n" for n in range(3)), [], 3, ["times are microseconds"]),
    ("stooq.csv", bars("Date,Open,High,Low,Close,Volume", ["2024-01-02", "2024-01-03", "2024-01-04"]), ["--symbol", "SPY"], 3, ["read as Stooq", "1d in all rows"]),
    ("stooq-bulk.txt", "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n" + "".join(f"SPY.US,5,20240102,14{m}00,{r},0\n" for m, r in zip((30, 35, 40), OHLCV)), [], 3, ["read as Stooq", "2024-01-02T14:40:00Z SPY.US"]),
    ("yahoo.csv", "Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,1,3,1,2,1.9,100\n2024-01-03,1,3,1,2,1.9,100\n", ["--symbol", "SPY"], 2, ["read as Yahoo daily", "1d in all rows"]),
    ("kaggle.csv", bars("Date,Time,Open,High,Low,Close,Volume", [f"01/02/2024,09:3{n}" for n in range(3)]), ["--symbol", "SPY", "--date-order", "mdy", "--time-zone", "America/New_York"], 3, ["2024-01-02T14:30:00Z SPY", "1m in all rows"]),
    ("alpaca.json", json.dumps({"bars": {"AAPL": [dict(t=f"2024-01-02T14:3{n}:00Z", o=1, h=3, l=1, c=2, v=100, n=7, vw=1.5) for n in range(3)]}, "next_page_token": None}), [], 3, ["Alpaca", "1m in all rows"]),
    ("alpaca-one.json", json.dumps({"symbol": "AAPL", "bars": [dict(t=f"2024-01-02T14:3{n}:00Z", o=1, h=3, l=1, c=2, v=100, n=7, vw=1.5) for n in range(3)]}, indent=2), [], 3, ["2024-01-02T14:32:00Z AAPL"]),
    ("lines.jsonl", "".join(json.dumps(dict(symbol="A", timestamp=(OPEN + n) * SECOND, price=1.5, size=2)) + "\n" for n in range(3)), [], 3, ["3 ticks, 1 symbol"]),
    ("semicolons.csv", f"Symbol;Time;Last Price;Volume\nA;{OPEN};1.5;3\n", [], 1, ["times are seconds", "A price 1.5 size 3.0"]),
    ("tabs.tsv", "TICKER\tDateTime\tPX\tQTY\nA\t2024-01-02 14:30:00\t1.5\t3\n", [], 1, ["times are taken as UTC", "A price 1.5 size 3.0"]),
    ("spaces.csv", f" symbol , timestamp , price , size \n A , {OPEN}000 , 1.5 , 3 \n", [], 1, ["2024-01-02T14:30:00Z A price 1.5 size 3.0"]),
    ("quoted.csv", f'"symbol","timestamp","price","size"\n"A","{OPEN}000","1.5","3"\n', [], 1, ["A price 1.5 size 3.0"]),
    ("mapped.csv", f"who,when,what,much\nA,{OPEN}000000,1.5,3\n", ["--map", "symbol=who,timestamp=when", "--map", "price=what,size=much"], 1, ["A price 1.5 size 3.0"]),
    ("bare.csv", f"{OPEN},1.5,3\n{OPEN + 1},1.5,3\n", ["--no-header", "--columns", "timestamp,price,size", "--symbol", "SPY"], 2, ["SPY price 1.5 size 3.0", "2 ticks"]),
    ("unit.csv", f"symbol,timestamp,price,size\nA,{OPEN},1.5,3\n", ["--time-unit", "s"], 1, ["2024-01-02T14:30:00Z"]),
    ("iso.csv", "symbol,timestamp,price,size\nA,2024-01-02T09:30:00-05:00,1.5,3\n", [], 1, ["2024-01-02T14:30:00Z A price"]),
    ("fair.csv", f"ticker,time,fair_value,market_price\nA,{OPEN}000,10,9\n", [], 1, ["1 fair values", "fmv 10.0"]),
    ("backwards.csv", "Date,Open,High,Low,Close,Volume\n2024-01-03,1,3,1,2,100\n2024-01-02,1,3,1,2,100\n", ["--symbol", "SPY", "--sort"], 2, ["line 3: 2024-01-02T00:00:00Z"]),
]


@pytest.fixture(scope="module")
def own_server():
    text = (
        "channels:\n  - {name: ticks, type: tick}\n  - {name: bars, type: bar}\n  - {name: values, type: fmv}\n"
        "profiles:\n  - name: default\n    calendar: {preset: continuous}\n"
    )
    with running(text) as server:
        yield server


@pytest.mark.parametrize("name,text,options,items,words", FILES, ids=[f[0] for f in FILES])
def test_each_file_is_understood_and_taken(own_server, tmp_path, name, text, options, items, words):
    path = tmp_path / name
    path.write_text(text)
    dry = run("feed", str(path), "--dry-run", *options)
    assert dry.returncode == 0, dry.stdout + dry.stderr
    for word in words:
        assert word in dry.stdout, (word, dry.stdout)
    done = run("feed", str(path), "--server", own_server.address, *options)
    assert done.returncode == 0, done.stderr
    assert f"{items} accepted, 0 rejected" in done.stderr, done.stderr
    again = run("replay", str(path), *options)
    assert again.returncode == 0 and f"{items} items taken" in again.stderr, again.stderr
    # As they come from the vendors.
    packed = tmp_path / "packed" / name
    packed.parent.mkdir()
    packed.write_bytes(gzip.compress(text.encode()))
    assert f"{items} items taken" in run("replay", str(packed), *options).stderr


HEADER = "symbol,timestamp,price,size\n"
REFUSED = [
    ("foo,bar\n", [], "the header has no column for symbol, timestamp, price and size; it is 'foo,bar'; pass --symbol SPY or --map symbol=COLUMN, --map timestamp=COLUMN"),
    (f"{OPEN},1,2\n", [], "the first line is a row, not a header"),
    ("Date,Open,High,Low,Close,Volume\n2024-01-03,1,3,1,2,1\n2024-01-02,1,3,1,2,1\n", ["--symbol", "SPY"], "the rows run backwards: line 3 (2024-01-02T00:00:00Z) is older than line 2"),
    (HEADER + f"A,{OPEN},1,1\nA,{OPEN + 1},0x1p3,1\n", [], "line 3: price is '0x1p3', which is no number"),
    (HEADER + f"A,{OPEN}000,1,1\nA,{OPEN + 1}000000,1,1\n", [], "line 3: timestamp is '1704205801000000', which is no time from 1971 to 2100 in milliseconds, as this file's are; is it in microseconds?"),
    (HEADER + f"A,{OPEN},1,1\n,{OPEN},1,1\n", [], "line 3: has no symbol: symbol is empty"),
    (HEADER + f"A,{OPEN},1e300,1\n", [], "rejected, line 2: BAD_PRICE"),
    (HEADER + f"A,{OPEN},1,{sys.float_info.max}\n", [], "rejected, line 2: BAD_SIZE"),
    (HEADER + f"A,{OPEN},1,nan\n", [], "line 2: size is 'nan', which is no number"),
    (HEADER + "A,77,1,1\n", [], "line 2: timestamp is '77', which is no time from 1971 to 2100 in any unit; pass --time-unit s, ms, us or ns"),
    ("symbol,date,price,size\nA,01/02/2024,1,1\n", [], "month or day first? pass --date-order mdy or dmy"),
    ("time,open,high,low,close,volume\n2024-01-02T09:30Z,1,3,1,2,1\n", ["--symbol", "SPY"], "the bars do not tell how long they are; pass --duration 1m"),
    (HEADER + f"A,{OPEN},1,1\n", ["--symbol", "SPY"], "--symbol is for files without a symbol column, and this one has 'symbol'"),
    (HEADER + f"A,{OPEN},1,1\n", ["--map", "price=px"], "the header has no column 'px', which --map names for price"),
    ("time,open,high,low,close,volume\n2024-01-02T09:30Z,1,2,3,2,1\n", ["--symbol", "SPY", "--duration", "1m"], "rejected, line 2: BAD_BAR"),
    ('{"bars": [{]}\n', [], "the file begins like JSON, and here it is none"),
]


@pytest.mark.parametrize("text,options,words", REFUSED, ids=[w[:40] for _, _, w in REFUSED])
def test_what_cannot_be_read_is_said_in_words(own_server, tmp_path, text, options, words):
    path = tmp_path / "file.csv"
    path.write_text(text)
    done = run("feed", str(path), "--server", own_server.address, *options)
    assert done.returncode == 65 and words in done.stderr, done.stderr
    assert run("replay", str(path), *options).returncode == 65


@pytest.mark.parametrize("options,words", [
    (["--time-unit", "fortnights"], "--time-unit is 'fortnights'; must be s, ms, us or ns"),
    (["--time-zone", "Mars/Olympus"], "--time-zone is 'Mars/Olympus'; must be a name of the time zone database"),
    (["--map", "prize=x"], "--map is 'prize=x'; must be FIELD=COLUMN, the field one of symbol, timestamp"),
    (["--format", "excel"], "--format is 'excel'; must be penstock, databento"),
    (["--duration", "long"], "--duration is 'long'; must be a duration such as 1m"),
    (["--no-header"], "--no-header takes --columns with the columns' names"),
    (["--columns", "a,b"], "pass --no-header, too"),
])
def test_options_that_mean_nothing_say_what_would(tmp_path, options, words):
    path = tmp_path / "file.csv"
    path.write_text(HEADER)
    done = run("feed", str(path), "--dry-run", *options)
    assert done.returncode == 64 and words in done.stderr, done.stderr


def zipped(files, method=zipfile.ZIP_DEFLATED, stream=False):
    """An archive, also as one that was written to a pipe: with checksums behind the data."""

    class Pipe(io.BytesIO):
        def seekable(self):
            return not stream

        def tell(self):
            if stream:
                raise OSError
            return super().tell()

    sink = Pipe()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return sink.getvalue()


@pytest.mark.parametrize("stream", [False, True])
def test_an_archive_of_one_file_is_read(tmp_path, stream):
    path = tmp_path / "BTCUSDT-trades-2024-01-02.zip"
    text = "".join(f"{n},0.5,3.5,{n * 7919},{OPEN + n}000,False,True\n" for n in range(100_000)).encode()
    content = zipped({"BTCUSDT-trades-2024-01-02.csv": text}, stream=stream)
    path.write_bytes(content)
    done = run("feed", str(path), "--dry-run")
    assert done.returncode == 0 and "100000 ticks, 1 symbol" in done.stdout, done.stderr
    path.write_bytes(content.replace(zlib.crc32(text).to_bytes(4, "little"), b"\x01\x02\x03\x04"))
    done = run("feed", str(path), "--dry-run")
    assert done.returncode == 65 and "is damaged" in done.stderr, done.stderr
    # One bit of the data: another text, or none.
    damaged = bytearray(content)
    damaged[len(content) // 2] ^= 1
    path.write_bytes(damaged)
    assert run("feed", str(path), "--dry-run").returncode == 65


def test_binary_files_are_named_and_never_printed(tmp_path):
    text = (HEADER + f"A,{OPEN},1,1\n").encode()
    cases = {
        "a.gz": (gzip.compress(gzip.compress(text)), "is gzip'd twice"),
        "a.csv": (text.decode().encode("utf-16"), "is UTF-16 text"),
        "b.csv": (text.decode().encode("utf-16-le"), "is UTF-16 text"),
        "c.csv": (bytes(range(256)) * 20, "is binary data, not text"),
        "stored.zip": (zipped({"a.csv": text}, zipfile.ZIP_STORED), "is a zip archive whose first file is not packed by deflate"),
        "two.zip": (zipped({"a.csv": text, "b.csv": text}), "is a zip archive of several files"),
        "empty.zip": (zipped({}), "is an empty zip archive"),
        "bits.zip": (zipped({"a.csv": text}).replace(zlib.crc32(text).to_bytes(4, "little"), b"\x01\x02\x03\x04"), "is damaged"),
        "short.zip": (zipped({"a.csv": text})[:45], "ends in the middle of its compressed data"),
        "a.zst": (b"\x28\xb5\x2f\xfd" + bytes(40), "is compressed by zstd"),
    }
    for name, (content, words) in cases.items():
        path = tmp_path / name
        path.write_bytes(content)
        for done in (run("feed", str(path), "--dry-run"), run("replay", str(path))):
            assert done.returncode == 65 and words in done.stderr, (name, done.stderr)
            assert (done.stdout + done.stderr).isprintable() or (done.stdout + done.stderr).replace("\n", "").isprintable()


def test_ticks_by_column_stay_a_flag_before_the_file(own_server, tmp_path):
    path = tmp_path / "ticks.csv"
    path.write_text(f"symbol,timestamp_ns,price,size\nA,{OPEN * SECOND},1,1\n")
    for arguments in ([str(path), "--columns"], ["--columns", str(path)]):
        done = run("feed", *arguments, "--server", own_server.address)
        assert done.returncode == 0 and "1 accepted" in done.stderr, done.stderr
