"""The command line against a real server: feed, watch, generate, demo, bench."""
import http.server
import json
import re
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from conftest import BINARY, ROOT, SHARED, config, eventually, running
from penstock.v1 import admin_pb2 as ad
from penstock.v1 import events_pb2 as ev


def run(*arguments, timeout=120, **options):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=timeout, **options)


def test_generate_repeats_itself_and_feeds(tmp_path):
    first = run("generate", "--seed", "7", "--ticks", "20000", "--symbols", "50", "--rate", "500").stdout
    assert first == run("generate", "--seed", "7", "--ticks", "20000", "--symbols", "50", "--rate", "500").stdout
    assert first != run("generate", "--seed", "8", "--ticks", "20000", "--symbols", "50", "--rate", "500").stdout
    path = tmp_path / "ticks.csv"
    path.write_text(first)
    with running(config(channels=2, calendar="continuous")) as server:
        for shape in ([], ["--columns", "--batch", "1000"], ["--batch", "1"]):
            done = run("feed", str(path), "--server", server.address, *shape)
            assert done.returncode == 0, done.stderr
            assert "20000 ticks sent" in done.stderr and "20000 accepted, 0 rejected" in done.stderr
        done = run("feed", "-", "--server", server.address, input=first)
        assert done.returncode == 0 and "20000 accepted" in done.stderr
        # Those fed again are as old as before: late, but for the newest five seconds.
        assert "were late" in done.stderr
        watched = run("watch", "--server", server.address, "--from", "1", "--until-caught-up", "--json")
        events = [json.loads(line) for line in watched.stdout.splitlines()]
        assert watched.returncode == 0 and [e["sequence"] for e in events] == list(range(1, len(events) + 1))
        assert {"id", "type", "high_low"} <= set(next(e for e in events if e["type"] == "HIGH"))
        table = run("watch", "--server", server.address, "--from", "1", "--until-caught-up", "--type", "high")
        assert table.stdout.count("HIGH") == sum(e["type"] == "HIGH" for e in events)
        assert "\x1b" not in table.stdout


def test_feed_names_bad_rows_and_rejections(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("symbol,timestamp_ns,price,size\nA,1700000000000000000,1,1\nA,x,1,1\nA,1700000001000000000,-1,1\n")
    with running(config(calendar="continuous")) as server:
        done = run("feed", str(path), "--server", server.address)
        assert done.returncode == 65 and "rejected, line 4: BAD_PRICE" in done.stderr
        assert "line 3: timestamp_ns is 'x'" in done.stderr and "BAD_PRICE" in done.stderr and "1 accepted, 1 rejected" in done.stderr


def test_a_rejection_alone_makes_65(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("symbol,timestamp_ns,price,size\n\nA,1700000001000000000,-1,1\n")
    with running(config(calendar="continuous")) as server:
        done = run("feed", str(path), "--server", server.address)
        assert done.returncode == 65 and "rejected, line 3" in done.stderr and "1 row was rejected" in done.stderr
    assert run("replay", str(path)).returncode == 65


def test_a_name_used_again_is_numbered_on(tmp_path):
    path = rows_of_ticks(tmp_path, 1_000)
    with running(config(calendar="continuous")) as server:
        first = run("feed", str(path), "--server", server.address, "--name", "again", "--batch", "100")
        assert first.returncode == 0 and "1000 accepted" in first.stderr and "before" not in first.stderr
        again = run("feed", str(path), "--server", server.address, "--name", "again", "--batch", "100")
        assert again.returncode == 0 and "1000 accepted" in again.stderr and "all 10 requests" in again.stderr
        assert "10 requests were acknowledged for 'again' before" in again.stderr and "duplicate" not in again.stderr
        assert server.metrics().server.published_items == 2_000


def test_bars_and_fair_values_are_fed(tmp_path):
    base = 1_715_779_800_000_000_000
    bars, values = tmp_path / "bars.csv", tmp_path / "values.csv"
    bars.write_text("symbol,start_ns,duration_ns,open,high,low,close,volume,vwap,trades\n" + "".join(
        f"A,{base + n * 60_000_000_000},60000000000,10,11,9,{10 + n % 2},100,,\n" for n in range(30)))
    values.write_text(f"symbol,timestamp_ns,fmv,market_price\nA,{base},10,10\nA,{base + 1},-1,10\n")
    with running(CONTINUOUS) as server:
        fed = run("feed", str(bars), "--server", server.address, "--speed", "6000000", "--batch", "7")
        assert fed.returncode == 0 and "30 bars sent" in fed.stderr and "30 accepted, 0 rejected" in fed.stderr
        fed = run("feed", str(values), "--server", server.address)
        assert fed.returncode == 65 and "2 fair values sent" in fed.stderr and "rejected, line 3: BAD_FAIR_VALUE" in fed.stderr
        taken = {c.channel: c.processed for c in server.metrics().channels}
        assert taken["bars-1"] == 30 and taken["values-1"] == 1
        refused = run("feed", str(bars), "--server", server.address, "--columns")
        assert refused.returncode == 64 and "--columns is for ticks" in refused.stderr


def test_a_blocked_feed_says_so_and_ends_at_a_signal(tmp_path):
    path = rows_of_ticks(tmp_path)
    with running(config(calendar="continuous", ring_capacity=64)) as server:
        with server.admin() as admin:
            admin.PauseChannel(ad.PauseChannelRequest(name="ticks-1"), timeout=10)
        feed = subprocess.Popen([BINARY, "feed", str(path), "--server", server.address], stderr=subprocess.PIPE, text=True)
        said = feed.stderr.readline()
        assert said.startswith("waiting for channel ticks-1: ") and "sent so far" in said
        feed.send_signal(signal.SIGINT)
        assert feed.wait(20) == 130
        assert "stopped: 4000 ticks sent" in feed.stderr.read()
        feed.stderr.close()


def feeding(tmp_path, server):
    """A feed of a file that takes minutes, when the server has had some of it."""
    path = rows_of_ticks(tmp_path)
    feed = subprocess.Popen(
        [BINARY, "feed", str(path), "--server", server.address, "--speed", "1"], stderr=subprocess.PIPE, text=True)
    eventually(lambda: server.metrics().server.published_items > 5)
    return feed


def test_a_feed_bridges_a_restart_and_its_account_holds(tmp_path):
    text = config(calendar="continuous")
    with running(text) as server:
        feed = feeding(tmp_path, server)
        server.process.kill()
        server.process.wait()
        assert feed.stderr.readline() == "connection lost; connecting again\n"
        with running(text, ["--listen", server.address]) as again:
            eventually(lambda: again.metrics().server.published_items > 5)
            feed.send_signal(signal.SIGINT)
            assert feed.wait(20) == 130
            errors = feed.stderr.read()
            sent, accepted = (int(re.search(rf"(\d+) {word}", errors).group(1)) for word in ("ticks sent", "accepted"))
            twice = re.search(r"(\d+) count twice", errors)
            assert accepted == sent + int(twice.group(1) if twice else 0), errors
            assert "had been acknowledged by a server that has been started anew" in errors
    feed.stderr.close()


def test_a_feed_over_a_restart_that_comes_to_its_end_says_what_the_new_server_lacks():
    text = config(calendar="continuous")
    rows = [f"A,{1_700_000_000_000_000_000 + i},10,1\n" for i in range(20)]
    with running(text) as server:
        feed = subprocess.Popen(
            [BINARY, "feed", "-", "--batch", "1", "--server", server.address], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        feed.stdin.write("symbol,timestamp_ns,price,size\n" + "".join(rows[:10]))
        feed.stdin.flush()
        eventually(lambda: server.metrics().channels[0].processed == 10)
        server.process.kill()
        server.process.wait()
        with running(text, ["--listen", server.address]) as again:
            _, errors = feed.communicate("".join(rows[10:]), timeout=40)
            # Ten, unless the server was killed before its answer was heard.
            told = re.search(r"lacks (\d+) ticks", errors)
            lost = int(told.group(1)) if told else 0
            assert feed.returncode == (70 if lost else 0) and "20 ticks sent" in errors, errors
            assert again.metrics().server.published_items == 20 - lost


def test_a_feed_whose_server_is_gone_sums_up_at_a_signal(tmp_path):
    with running(config(calendar="continuous")) as server:
        feed = feeding(tmp_path, server)
        server.process.kill()
        server.process.wait()
        assert feed.stderr.readline() == "connection lost; connecting again\n"
        feed.send_signal(signal.SIGINT)
        assert feed.wait(5) == 130
        assert "stopped: " in feed.stderr.read()
        feed.stderr.close()


def test_a_feed_whose_server_stays_away_ends_with_a_summary(tmp_path):
    with running(config(calendar="continuous")) as server:
        feed = feeding(tmp_path, server)
        server.process.kill()
        server.process.wait()
        _, errors = feed.communicate(timeout=40)
        assert feed.returncode == 69 and "ticks sent" in errors and "the server is gone" in errors


def test_a_signal_ends_a_feed_that_waits_for_its_input():
    with running(config(calendar="continuous")) as server:
        feed = subprocess.Popen(
            [BINARY, "feed", "-", "--batch", "1", "--server", server.address], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        feed.stdin.write("symbol,timestamp_ns,price,size\nA,1700000001000000000,1,1\n")
        feed.stdin.flush()
        eventually(lambda: server.metrics().server.published_items == 1)
        feed.send_signal(signal.SIGINT)
        assert feed.wait(20) == 130
        assert "stopped: 1 ticks sent" in feed.stderr.read()
        feed.stdin.close()
        feed.stderr.close()


def test_a_port_that_is_no_grpc_server_is_told(tmp_path):
    path = tmp_path / "ticks.csv"
    path.write_text("symbol,timestamp_ns,price,size\nA,1700000001000000000,1,1\n")
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as other:
        other.RequestHandlerClass.log_message = lambda *_: None
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        for command in (["watch"], ["feed", str(path)]):
            done = run(*command, "--server", f"127.0.0.1:{other.server_port}", timeout=20)
            assert done.returncode == 69 and "is no gRPC server" in done.stderr, done.stderr
            assert done.stdout == ""
        other.shutdown()
        thread.join()


def test_what_cannot_be_written_is_told(tmp_path):
    path = rows_of_ticks(tmp_path)
    (tmp_path / "a.yaml").write_text(CONTINUOUS)
    with running(config(calendar="continuous")) as server:
        assert run("feed", str(path), "--server", server.address).returncode == 0
        for command in (
            ["generate"], ["config", "default"], ["replay", str(path), "--config", str(tmp_path / "a.yaml"), "--events"],
            ["watch", "--server", server.address, "--from", "1", "--json"], ["channels", "export", "--server", server.address],
        ):
            with open("/dev/full", "w") as full:
                done = subprocess.run([BINARY, *command], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
            assert done.returncode == 74, (command, done.stderr)
            assert "cannot write to standard output: No space left on device" in done.stderr
            ended = subprocess.Popen([BINARY, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            ended.stdout.close()
            # As other tools, and as shells tell it.
            assert ended.wait(60) in (-signal.SIGPIPE, 128 + signal.SIGPIPE), command
            assert "penstock:" not in ended.stderr.read()
            ended.stderr.close()


def test_files_that_cannot_be_read_are_told_apart(tmp_path):
    (tmp_path / "latin.yaml").write_bytes(b"# \xe9\n")
    for file, code, words in (
        (tmp_path / "nope", 66, "No such file or directory"), (tmp_path, 66, "Is a directory"),
        (tmp_path / "latin.yaml", 78, "no UTF-8 text"),
    ):
        done = run("config", "check", str(file))
        assert done.returncode == code and words in done.stderr, done.stderr
        if code == 66:
            for command in ("feed", "replay"):
                done = run(command, str(file))
                assert done.returncode == 66 and words in done.stderr


def test_a_bench_tells_why_its_server_does_not_start(tmp_path):
    bad = tmp_path / "bad.yaml"
    bad.write_text("event_log: {keep_events: x}\n")
    done = run("bench", "--config", str(bad))
    assert done.returncode == 78 and "keep_events" in done.stderr
    done = run("bench", "--config", str(tmp_path / "nope.yaml"))
    assert done.returncode == 66 and "No such file" in done.stderr


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["demo", "--seconds", "-1"], "--seconds is -1.0; must be from 0"),
        (["demo", "--rate", "0"], "--rate is 0.0; must be above 0"),
        (["demo", "--market", "bonds"], "'equities', 'futures', 'crypto' or 'options'"),
        (["bench", "--rate", "1e20"], "--rate is 1e+20; must be from 0 to 1e9"),
        (["bench", "--rate", "-1"], "--rate is -1.0; must be from 0 to 1e9"),
        (["bench", "--rate", "nan"], "--rate is nan; must be from 0 to 1e9"),
        (["watch", "--from", "0"], "--from is 0; must be 1 or more"),
        (["watch", "--symbol", "A,,B"], "--symbol is 'A,,B'; must be values with a comma between two"),
        (["watch", "--type", "HIGH,nothing"], "--type is 'nothing'; must be one of"),
        (["bench", "--batch", "0"], "--batch is 0; must be from 1 to 65536"),
        (["bench", "--seconds", "-1"], "--seconds is -1.0; must be above 0"),
        (["bench", "--mode", "frame", "--batch", "10"], "--batch is for the modes batch and columns"),
        (["feed", "x", "--batch", "-1"], "--batch is -1; must be from 1"),
        (["generate", "--ticks", "-1"], "--ticks is -1; must be 0 or more"),
        (["replay", "--compare", "a", "b", "c", "--events"], "--events and --compare exclude each other"),
        (["channels", "create", "x", "--set", "nonsense=1", "--set", "wait=7"], "nonsense"),
        (["channels", "create", "x", "--set", "nonsense=1", "--set", "wait=7"], "wait"),
    ],
)
def test_arguments_out_of_range_are_named(arguments, words):
    done = run(*arguments)
    assert done.returncode == 64 and words in done.stderr, done.stderr


def test_a_demo_ends_in_time_while_a_channel_is_paused():
    demo = subprocess.Popen([BINARY, "demo", "--listen", "127.0.0.1:0", "--seconds", "4"], stdout=subprocess.PIPE, text=True)
    port = re.search(r"listening on \S+:(\d+)", demo.stdout.readline()).group(1)
    for channel in ("ticks-1", "ticks-2", "ticks-3", "ticks-4"):
        run("channels", "pause", channel, "--server", f"127.0.0.1:{port}")
    out, _ = demo.communicate(timeout=40)
    assert demo.returncode == 0 and "ticks accepted" in out


def test_failures_have_their_codes(tmp_path):
    assert run("feed", str(tmp_path / "none.csv")).returncode == 66
    path = tmp_path / "no.csv"
    path.write_text("a,b\n1,2\n")
    assert run("feed", str(path)).returncode == 65
    path.write_text("symbol,timestamp_ns,price,size\n")
    gone = run("feed", str(path), "--server", "127.0.0.1:1")
    assert gone.returncode == 69 and "penstock serve" in gone.stderr
    assert run("watch", "--type", "nothing").returncode == 64
    assert run("feed", str(path), "--speed", "fast").returncode == 64


def test_the_demo_shows_events_and_sums_up():
    done = run("demo", "--listen", "127.0.0.1:0", "--seconds", "4", timeout=60)
    assert done.returncode == 0, done.stderr
    assert "HIGH" in done.stdout and "ticks accepted" in done.stdout


@pytest.mark.parametrize(
    "market, form, settings",
    [
        ("equities", r"[A-Z]{1,2}", None),
        ("futures", r"[A-Z0-9]{2,3}[FGHJKMNQUVXZ]\d", "us_futures"),
        ("crypto", r"[A-Z]{3,4}-USD", "crypto"),
        ("options", r"(SPY|QQQ|NVDA|TSLA|AAPL|AMD) {2,3}\d{6}[CP]\d{8}", "us_options"),
    ],
)
def test_each_market_of_the_demo_shows_its_events(market, form, settings):
    """At whatever time this runs, night and weekend included: until three types of events were seen, within a bound for a broken demo."""
    demo = subprocess.Popen(
        [BINARY, "demo", "--market", market, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    late = threading.Timer(90, demo.kill)
    late.start()
    try:
        port = re.search(r"listening on \S+:(\d+)", demo.stdout.readline()).group(1)
        if settings:
            profiles = run("channels", "export", "--server", f"127.0.0.1:{port}").stdout
            assert f"name: {settings}" in profiles, profiles
        symbols, types = set(), set()
        for line in demo.stdout:
            # Time, symbol, event: an option's symbol has spaces inside.
            if match := re.match(r"[\d:.]{12} +(\S.*?) +([A-Z_]{3,}) +[▲▼■] ", line):
                symbols.add(match.group(1))
                types.add(match.group(2))
            if len(types) >= 3 and len(symbols) >= 5:
                break
        demo.send_signal(signal.SIGINT)
        out, err = demo.communicate(timeout=60)
    finally:
        late.cancel()
        demo.kill()
    assert demo.returncode == 0 and "ticks accepted" in out, err
    assert {"HIGH", "LOW"} & types and len(types) >= 3, types
    assert all(re.fullmatch(form, symbol) for symbol in symbols), symbols


def test_prices_are_shown_by_digits_that_read_back():
    prices = [0.0000000124, 9.11e-6, 9.12e-6, 1.08445, 61831.8]
    rows = "".join(
        f"P{i},{1_700_006_400_000_000_000 + n * 10**9},{price * 1.002**n!r},1\n" for n in range(2) for i, price in enumerate(prices))
    bands = "detectors: {tick: {high_low: {bands: [{min_change: 0, min_change_pct: 0.1}]}}}"
    with running(f"profiles: [{{name: default, calendar: {{preset: continuous}}, {bands}}}]\n") as server:
        assert run("feed", "-", "--server", server.address, input="symbol,timestamp_ns,price,size\n" + rows).returncode == 0
        table = run("watch", "--server", server.address, "--from", "1", "--until-caught-up", "--type", "high").stdout
        shown = {line.split()[1]: line.split()[5] for line in table.splitlines() if " HIGH " in line}
    assert {symbol: float(text) for symbol, text in shown.items()} == {
        f"P{i}": pytest.approx(price * 1.002, rel=1e-9) for i, price in enumerate(prices)}
    assert shown["P0"] == "1.24248e-08" and all(len(text) <= 12 for text in shown.values())


def test_a_filter_takes_lists_and_names_what_no_known_symbol_matches():
    rows = "".join(f"{symbol},{1_700_006_400_000_000_000 + n * 10**9},{100 * 1.002**n},1\n" for symbol in ("BRK.B", "AAPL", "SPY") for n in range(9))
    with running(CONTINUOUS) as server:
        assert run("feed", "-", "--server", server.address, input="symbol,timestamp_ns,price,size\n" + rows).returncode == 0

        def watch(*filters):
            done = run("watch", "--server", server.address, "--from", "1", "--until-caught-up", "--json", *filters)
            assert done.returncode == 0, done.stderr
            return {(event["symbol"], event["type"]) for event in map(json.loads, done.stdout.splitlines())}, done.stderr

        events, errors = watch("--symbol", "BRK.B,AAPL", "--type", "high,surge")
        assert {symbol for symbol, _ in events} == {"BRK.B", "AAPL"} and {kind for _, kind in events} <= {"HIGH", "SURGE"}
        assert errors == ""
        events, errors = watch("--symbol", "NOPE,AAPL, NADA", "--symbol", "NOPE", "--direction", "UP,DOWN", "--session", "pre,continuous")
        assert {symbol for symbol, _ in events} == {"AAPL"}
        assert errors == "the server does not know symbols 'NOPE', 'NADA' yet\n"
        assert watch("--symbol", "NOP*,XYZ*") == (set(), "")
        assert watch("--channel", "ticks-1,nowhere")[0]
        # It goes on, and shows what comes later.
        late = subprocess.Popen(
            [BINARY, "watch", "--server", server.address, "--symbol", "LATE", "--type", "HIGH", "--json"], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )
        try:
            assert late.stderr.readline() == "the server does not know symbol 'LATE' yet\n"
            eventually(lambda: server.metrics().server.subscribers == 1)
            assert run("feed", "-", "--server", server.address, input="symbol,timestamp_ns,price,size\n" + rows.replace("SPY", "LATE")).returncode == 0
            assert json.loads(late.stdout.readline())["symbol"] == "LATE"
            late.send_signal(signal.SIGINT)
            assert late.wait(20) == 0
        finally:
            late.kill()
            late.communicate()


def test_watch_ends_in_order_at_sigint():
    with running(config(calendar="continuous")) as server:
        process = subprocess.Popen([BINARY, "watch", "--server", server.address], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        eventually(lambda: server.metrics().server.subscribers == 1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 0 and b"events shown" in errors


def test_a_watch_that_nobody_reads_is_a_slow_consumer(tmp_path):
    def feed(piece):
        """Each tick but a symbol's first is a new HIGH."""
        path = tmp_path / f"{piece}.csv"
        with open(path, "w") as file:
            file.write("symbol,timestamp_ns,price,size\n")
            for i in range(1900):
                row = f"{1_700_006_400_000_000_000 + i * 10**9},{100 * 1.002**i},1\n"
                file.writelines(f"P{piece}S{symbol},{row}" for symbol in range(15))
        assert run("feed", str(path), "--server", server.address, "--columns", "--batch", "1000").returncode == 0

    def lag():
        with server.admin() as admin:
            return sum(session.lag for session in admin.ListSessions(ad.ListSessionsRequest()).sessions)

    def settled():
        """The server has answered a hundred times, and sent the watch nothing meanwhile."""
        before = lag()
        return all(lag() == before for _ in range(100))

    with running(config(calendar="continuous")) as server:
        watch = subprocess.Popen(
            [BINARY, "watch", "--server", server.address, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        eventually(lambda: server.metrics().server.subscribers == 1)
        # Pieces below a queue of 65,536: a watch that took them all in would never be slow.
        for piece in range(12):
            feed(piece)
            eventually(settled)
            if server.metrics().server.subscribers == 0:
                break
        # It counts until its stream is closed: one that takes not even the status is reset after some seconds.
        eventually(lambda: server.metrics().server.subscribers == 0, 60)
        out, errors = watch.communicate(timeout=60)
        # Where nothing was read until its stream was reset, the status did not get through.
        assert watch.returncode == 70 and ("too slow: more than 65536 matching events waited" in errors or "cancelled by the server" in errors)
        # What it had been sent is shown, in order and whole.
        sequences = [json.loads(line)["sequence"] for line in out.splitlines()]
        assert sequences == list(range(1, len(sequences) + 1))
        assert len(sequences) < server.info().last_event_sequence - 65_536


def test_a_bench_beyond_what_the_server_takes_ends_in_time():
    # 10,000 times what goes: what is due is not made before it can be sent.
    done = run("bench", "--rate", "1e9", "--seconds", "1", "--json", timeout=60)
    assert done.returncode == 0, done.stderr
    # The last acknowledged were due long before.
    assert json.loads(done.stdout)["ackMicros"][0] > 100_000


def test_bench_measures(tmp_path):
    for mode in ("packed", "frame", "batch", "columns"):
        done = run("bench", "--mode", mode, "--rate", "20000", "--seconds", "1", "--json", timeout=60)
        assert done.returncode == 0, done.stderr
        result = json.loads(done.stdout)
        assert result["ticksPerSecond"] > 5_000 and len(result["ackMicros"]) == 5 and result["cpuNanosPerTick"] > 0


def test_a_killed_bench_takes_its_server_along():
    process = subprocess.Popen([BINARY, "bench", "--seconds", "60"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        tasks = Path(f"/proc/{process.pid}/task")
        children = eventually(lambda: [c for t in tasks.iterdir() for c in (t / "children").read_text().split()])
        eventually(lambda: b"serve" in Path(f"/proc/{children[0]}/cmdline").read_bytes())
    finally:
        process.kill()
        process.wait()
    eventually(lambda: not Path(f"/proc/{children[0]}").exists())


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared, which lies beside the project")
def test_a_day_of_real_ticks_at_full_speed_without_a_hole():
    """460,032 SPY ticks by feed, while a stock subscriber collects."""
    with running(config(channels=2)) as server:
        collected = []
        ready = threading.Event()

        def collect():
            with server.stub() as stub:
                for response in stub.Subscribe(ev.SubscribeRequest(heartbeat_ms=100), timeout=120):
                    ready.set()
                    collected.extend(response.events.events)
                    if collected and response.HasField("heartbeat") and done and response.heartbeat.last_sequence >= done[0]:
                        return

        done = []
        thread = threading.Thread(target=collect)
        thread.start()
        assert ready.wait(20)
        fed = run("feed", str(SHARED / "data/spy_ticks_20131010.csv.gz"), "--server", server.address, "--speed", "max")
        assert fed.returncode == 0 and "460032 ticks sent" in fed.stderr and "460032 accepted, 0 rejected" in fed.stderr
        done.append(server.info().last_event_sequence)
        thread.join(30)
        assert [e.sequence for e in collected] == list(range(1, done[0] + 1))
        (channel,) = [c for c in server.metrics().channels if c.received]
        assert channel.received == 460_032 == channel.processed + channel.late


def rows_of_ticks(tmp_path, count=4_000, name="ticks.csv"):
    path = tmp_path / name
    text = run("generate", "--seed", "5", "--symbols", "8", "--rate", "20", "--ticks", str(count))
    assert text.returncode == 0, text.stderr
    path.write_text(text.stdout)
    return path


CONTINUOUS = "profiles: [{name: default, symbols: ['*'], calendar: {preset: continuous}}]\n"


def test_replay_gives_the_same_digest_each_time_and_shows_events(tmp_path):
    path = rows_of_ticks(tmp_path)
    (tmp_path / "a.yaml").write_text(CONTINUOUS)
    first = run("replay", str(path), "--config", str(tmp_path / "a.yaml"))
    assert first.returncode == 0 and "4000 items taken" in first.stderr
    again = run("replay", str(path), "--config", str(tmp_path / "a.yaml"), "--json")
    *events, summary = [json.loads(line) for line in again.stdout.splitlines()]
    summary = summary["summary"]
    assert first.stdout.splitlines()[-1] == "digest " + summary["digest"]
    assert len(events) == summary["events"] == sum(count["events"] for count in summary["counts"]) > 0


def test_replay_merges_kinds_by_time_and_tells_bad_rows(tmp_path):
    base = 1_715_779_800_000_000_000
    ticks, bars, values = (tmp_path / f"{name}.csv" for name in ("ticks", "bars", "values"))
    ticks.write_text(f"symbol,timestamp_ns,price,size\nA,{base},10,1\nA,x,10,1\nA,{base + 5},-1,1\n")
    bars.write_text("symbol,start_ns,duration_ns,open,high,low,close,volume,vwap,trades\n" + "".join(
        f"A,{base + n * 60_000_000_000},60000000000,10,11,9,{10 + n % 2},100,,\n" for n in range(30)))
    # Without a market price the tick before it decides.
    values.write_text(f"symbol,timestamp_ns,fmv\nA,{base + 1},11\n")
    (tmp_path / "a.yaml").write_text(CONTINUOUS)
    done = run("replay", str(values), str(bars), str(ticks), "--config", str(tmp_path / "a.yaml"))
    assert done.returncode == 65 and "ticks.csv line 3: timestamp_ns is 'x'" in done.stderr
    assert "ticks.csv line 4: BAD_PRICE" in done.stderr and "32 items taken, 1 rejected" in done.stderr
    assert "VALUATION" in done.stdout and "BAR_CLOSED" in done.stdout


def test_replay_compares_two_settings(tmp_path):
    path = rows_of_ticks(tmp_path)
    (tmp_path / "a.yaml").write_text(CONTINUOUS)
    (tmp_path / "b.yaml").write_text(
        CONTINUOUS.replace("continuous}", "continuous}, detectors: {tick: {high_low: {enabled: false}}}"))
    done = run("replay", "--compare", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), str(path))
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    highs = [row for row in rows if row[0] == "HIGH"]
    assert highs and all(row[3] == "0" and row[4] == f"-{row[2]}" for row in highs)
    assert all(row[4] == "0" for row in rows if row[0] in ("SURGE", "TREND", "VWAP_CROSS"))
    same = run("replay", "--compare", str(tmp_path / "a.yaml"), str(tmp_path / "a.yaml"), str(path))
    assert same.stdout.splitlines()[-1] == "the same events"
    told = run("replay", "--compare", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), str(path), "--json")
    (comparison,) = [json.loads(line)["comparison"] for line in told.stdout.splitlines()]
    assert comparison["a"]["digest"] != comparison["b"]["digest"] and not comparison["same"]
    for side in "ab":
        assert comparison[side]["events"] == sum(count[side] for count in comparison["counts"])
    piped = run("replay", "-", "--config", str(tmp_path / "a.yaml"), input=path.read_text())
    assert piped.returncode == 0 and "digest " + comparison["a"]["digest"] in piped.stdout


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        (["replay"], 64, "at least one file"),
        (["replay", "/nowhere.csv"], 66, "cannot open"),
        (["replay", str(ROOT / "README.md")], 65, "no column"),
        (["replay", "x", "--compare", "a.yaml"], 64, "two configuration files"),
    ],
)
def test_replay_fails_with_a_code_and_a_reason(arguments, code, words):
    done = run(*arguments)
    assert done.returncode == code and words in done.stderr


def test_a_hangup_reads_the_file_again(tmp_path):
    """Reads the server's messages as they come; its configuration file is changed in place."""
    path = tmp_path / "penstock.yaml"
    text = CONTINUOUS + "channels: [{name: a}, {name: b}]\n"
    path.write_text(text)
    server = subprocess.Popen(
        [BINARY, "serve", "--listen", "127.0.0.1:0", "--config", str(path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert any(line.startswith("listening on") for line in server.stdout)

        def reload(text, last):
            path.write_text(text)
            server.send_signal(signal.SIGHUP)
            found = []
            for line in server.stderr:
                found.append(line.strip())
                if last in line:
                    return found
            raise AssertionError(found)

        assert reload(text, "nothing has changed")
        changed = (
            CONTINUOUS.replace("continuous}", "continuous}, max_ahead: 1s")
            + "channels: [{name: a, overflow: conflate}, {name: b, ring_capacity: 64}, {name: c, type: bar}]\n"
            + "routing: {tick: {strategy: random}}\nserver: {limits: {max_items: 7}}\n"
        )
        assert reload(changed, "server.limits") == [
            "reload: profile 'default' changed",
            "reload: channel 'a' changed",
            "reload: channel 'b' needs a restart: type and ring_capacity cannot change live",
            "reload: channel 'c' created",
            "reload: routing.tick changed",
            "reload: server.limits needs a restart",
        ]
        assert "ring_capacity: is 3" in reload("channels: [{name: a, ring_capacity: 3}]", "ring_capacity")[-1]
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()
        server.stdout.close()
        server.stderr.close()
