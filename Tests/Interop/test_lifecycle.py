"""Starting, stopping and configuration: signals, ports, files."""
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

import grpc
import pytest
from conftest import BINARY, config, eventually, running
from grpc_health.v1 import health_pb2, health_pb2_grpc
from penstock.v1 import admin_pb2 as ad
from penstock.v1 import events_pb2 as ev
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import service_pb2 as sv
from penstock.v1 import service_pb2_grpc

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


def test_one_core_is_enough_to_start_and_to_hear_signals():
    core = min(os.sched_getaffinity(0))
    began = time.monotonic()
    server = subprocess.Popen(
        [BINARY, "serve", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}))
    assert any(line.startswith("listening on") for line in server.stdout)
    # Each signal that could not be taken over would cost ten seconds.
    assert time.monotonic() - began < 10
    server.terminate()
    assert server.wait(20) == 0
    server.stdout.close()
    server.stderr.close()


def test_a_drain_answers_for_its_health_and_gives_sessions_every_event():
    text = config(calendar="continuous", extra="server: {drain: 15s}")
    with running(text) as server, server.admin() as admin, server.channel() as channel:
        stub = service_pb2_grpc.MarketStreamStub(channel)
        over = threading.Event()

        def frames():
            yield sv.ClientFrame(subscribe=ev.SubscribeRequest(from_sequence=1, subscription_id="all"))
            over.wait(30)

        session = stub.Session(frames(), timeout=60)
        next(session)
        watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=60)
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        # A slow subscriber that reads nothing keeps the drain going until it is looked at.
        admin.PauseChannel(ad.PauseChannelRequest(name="ticks-1"))
        rows = [md.Tick(symbol=f"S{n % 50}", timestamp_ns=NOW + n * 10**9, price=100 * 1.002 ** (n // 50), size=1)
                for n in range(5_000)]
        held = threading.Event()

        def requests():
            yield md.PublishRequest(ticks=md.TickBatch(ticks=rows))
            held.wait(30)

        publishing = stub.Publish(requests(), timeout=60)
        eventually(lambda: server.metrics().channels[0].ring_depth > 0)
        server.process.terminate()
        assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
        sent = [e for frame in session_frames(session) for e in frame.subscription.events.events]
        assert session.code() == grpc.StatusCode.UNAVAILABLE
        assert len(sent) >= 4_000 and [e.sequence for e in sent] == list(range(1, len(sent) + 1))
        held.set()
        over.set()
        acknowledged = []
        with pytest.raises(grpc.RpcError):
            for response in publishing:
                acknowledged.append(response)
        assert acknowledged[-1].accepted == 5_000 and publishing.code() == grpc.StatusCode.UNAVAILABLE
        with pytest.raises(grpc.RpcError):
            next(watch)
        assert watch.code() == grpc.StatusCode.UNAVAILABLE
        assert server.process.wait(20) == 0


def session_frames(session):
    try:
        yield from session
    except grpc.RpcError:
        pass


def test_health_can_be_asked_on_a_new_connection_while_the_server_drains():
    with running(config(calendar="continuous", extra="server: {drain: 15s}")) as server:
        # A subscriber that takes nothing of what is in the log holds the drain up.
        options = [("grpc.http2.lookahead_bytes", 1024), ("grpc.http2.bdp_probe", 0)]
        with server.channel(options) as slow, server.stub() as stub:
            for batch in range(20):
                rows = [md.Tick(symbol=f"S{n % 50}", timestamp_ns=NOW + (batch * 5_000 + n) * 10**9, size=1,
                                price=100 * 1.002 ** ((batch * 5_000 + n) // 50 % 1_000)) for n in range(5_000)]
                list(stub.Publish(iter([md.PublishRequest(ticks=md.TickBatch(ticks=rows))]), timeout=30))
            call = service_pb2_grpc.MarketStreamStub(slow).Subscribe(ev.SubscribeRequest(from_sequence=1), timeout=60)
            next(call)
            server.process.terminate()
            eventually(lambda: health(server) == health_pb2.HealthCheckResponse.NOT_SERVING)
            call.cancel()
        assert server.process.wait(20) == 0


def health(server):
    with server.channel() as channel:
        return health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10).status
