"""The command line against a real server: feed, watch, generate, demo, bench."""
import json
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from conftest import BINARY, SHARED, config, eventually, running
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
        assert done.returncode == 65
        assert "line 3: timestamp_ns is 'x'" in done.stderr and "BAD_PRICE" in done.stderr and "1 accepted, 1 rejected" in done.stderr


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


def test_watch_ends_in_order_at_sigint():
    with running(config(calendar="continuous")) as server:
        process = subprocess.Popen([BINARY, "watch", "--server", server.address], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        eventually(lambda: server.metrics().server.subscribers == 1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 0 and b"events shown" in errors


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
