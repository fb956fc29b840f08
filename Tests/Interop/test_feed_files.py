"""Files that are not ours, fed by the real binary: what the server takes of them, and the words for what it does not."""
import gzip
import io
import sys
import zipfile
import zlib

import pytest
from conftest import running
from test_commands import run
from vendor_files import FILES, OPEN, SECOND


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
