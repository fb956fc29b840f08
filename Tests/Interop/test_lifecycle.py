"""Starting, stopping and configuration: signals, ports, files."""
import pathlib
import re
import signal
import subprocess
import threading

import grpc
import pytest
from conftest import BINARY, config, running
from penstock.v1 import events_pb2 as ev
from penstock.v1 import market_data_pb2 as md

NOW = 1_700_000_000_000_000_000


def run(*arguments, timeout=30):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=timeout)


def test_sigterm_under_load_acknowledges_and_ends_in_order():
    with running(config(channels=2, calendar="continuous")) as server:
        acked = threading.Event()
        result = {}

        def requests():
            i = 0
            while not result:
                i += 1
                yield md.PublishRequest(
                    sequence=i,
                    ticks=md.TickBatch(
                        ticks=[md.Tick(symbol=f"S{j % 7}", timestamp_ns=NOW + i * 1000, price=10, size=1) for j in range(64)]
                    ),
                )

        def publish():
            with server.stub() as stub:
                call = stub.Publish(requests(), timeout=60)
                last = None
                try:
                    for last in call:
                        acked.set()
                except grpc.RpcError:
                    pass
                result.update(last=last, code=call.code())

        def subscribe():
            with server.stub() as stub:
                call = stub.Subscribe(ev.SubscribeRequest(), timeout=60)
                try:
                    for _ in call:
                        pass
                except grpc.RpcError:
                    pass
                result["subscriber"] = call.code()

        threads = [threading.Thread(target=publish), threading.Thread(target=subscribe)]
        for thread in threads:
            thread.start()
        assert acked.wait(20)
        assert server.stop(signal.SIGTERM) == 0
        for thread in threads:
            thread.join(20)
        assert result["code"] == grpc.StatusCode.UNAVAILABLE
        assert result["subscriber"] == grpc.StatusCode.UNAVAILABLE
        # What the last acknowledgement covers is all that was taken.
        assert result["last"].accepted == result["last"].acked_sequence * 64
        assert "drained" in server.errors


def test_sigint_ends_in_order_too():
    with running() as server:
        assert server.stop(signal.SIGINT) == 0


def test_a_second_signal_ends_at_once():
    with running("server: {drain: 60s}") as server, server.channel() as channel:
        stub = channel.stream_stream("/penstock.v1.MarketStream/Session", None, None)
        # A session that is subscribed and reads nothing keeps the first signal waiting at most for its grace time.
        call = stub(iter([]), timeout=60)
        del call
        server.process.send_signal(signal.SIGINT)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) in (0, 130)


def test_a_port_in_use_is_said_in_words():
    with running() as server:
        done = run("serve", "--listen", server.address)
        assert done.returncode == 69
        assert "in use" in done.stderr and server.address in done.stderr


def test_a_bad_configuration_names_every_problem(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("server: {listen: x, limts: {}}\nchannels: [{name: t, ring_capacity: 3}]\n")
    for command in (("serve", "--config", str(path)), ("config", "check", str(path))):
        done = run(*command)
        assert done.returncode == 78
        for words in ("server.listen", "did you mean 'limits'", "channels[0].ring_capacity", "power of two", "line 2"):
            assert words in done.stderr
    assert run("serve", "--config", str(tmp_path / "none.yaml")).returncode == 66


def test_the_default_configuration_is_good(tmp_path):
    path = tmp_path / "default.yaml"
    path.write_text(run("config", "default").stdout)
    done = run("config", "check", str(path))
    assert done.returncode == 0 and "is good" in done.stdout


@pytest.mark.parametrize("arguments", [("nonsense",), ("serve", "--listen", "x"), ("serve", "--event-loops", "99")])
def test_wrong_usage_exits_64(arguments):
    done = run(*arguments)
    assert done.returncode == 64 and done.stderr


def test_help_shows_examples():
    assert "Examples:" in run("serve", "--help").stdout
    assert run("--version").stdout.strip()


def test_killed_without_a_word_and_started_again():
    """Without a store a new life has a new log: a cursor of the old one is told so."""
    with running(config(calendar="continuous")) as server:
        old = server.info().log_id
        server.process.kill()
        server.process.wait()
    with running(config(calendar="continuous")) as server, server.stub() as stub:
        assert server.info().log_id != old
        first = next(iter(stub.Subscribe(ev.SubscribeRequest(from_sequence=1, log_id=old), timeout=10)))
        assert first.missed.reason == ev.MISSED_REASON_LOG_REPLACED


def test_a_server_that_listens_has_taken_its_signals_over():
    with running() as server:
        status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
        caught, ignored = (int(re.search(rf"{name}:\s+(\w+)", status).group(1), 16) for name in ("SigCgt", "SigIgn"))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            assert caught >> (number - 1) & 1 and not ignored >> (number - 1) & 1, number
