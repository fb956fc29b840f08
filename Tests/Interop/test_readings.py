"""What is heavy to read — metrics, channels, symbols' states — is read beside the data path, once for all who ask."""
import statistics
import subprocess
import sys
import time

import grpc
import pytest
from conftest import config, eventually, running
from penstock.v1 import admin_pb2 as admin
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import metrics_pb2, service_pb2, service_pb2_grpc

SYMBOLS = [f"HEAVY{i}" for i in range(1000)]

# Three connections that keep 32 questions for a thousand symbols each under way, until they are ended; answers are not even decoded.
ASKERS = """
import sys, threading, grpc
request = bytes.fromhex(sys.argv[2])
channels = [grpc.insecure_channel(sys.argv[1], options=[("penstock.test", i)]) for i in range(3)]
lock = threading.Lock()
answers = 0
def ask(method):
    def answered(call):
        global answers
        if call.code() != grpc.StatusCode.OK:
            print("failed", call.code(), call.details(), flush=True)
            return
        with lock:
            answers += 1
            if answers % 8 == 1: print(answers, flush=True)
        ask(method)
    method.future(request, timeout=60).add_done_callback(answered)
for channel in channels:
    method = channel.unary_unary("/penstock.v1.MarketStream/GetSymbolState", None, None)
    for _ in range(32): ask(method)
sys.stdin.read()
"""


def acknowledgements(stub, seconds):
    """How long one client waits for each acknowledgement of a lone tick, in seconds."""
    waits = []
    end = time.monotonic() + seconds

    def requests():
        while time.monotonic() < end:
            sent.append(time.monotonic())
            yield md.PublishRequest(ticks=md.TickBatch(ticks=[md.Tick(symbol="LONE", timestamp_ns=time.time_ns(), price=5, size=1)]))
            time.sleep(0.005)

    sent = []
    for ack in stub.Publish(requests(), timeout=60):
        if ack.acked_sequence and ack.acked_sequence > len(waits):
            waits += [time.monotonic() - at for at in sent[len(waits):ack.acked_sequence]]
    return waits


def test_questions_for_symbols_states_let_acknowledgements_through():
    with running(config(channels=2, calendar="continuous"), ("--event-loops", "1")) as server, server.stub() as stub:
        now = time.time_ns()
        ticks = [md.Tick(symbol=symbol, timestamp_ns=now, price=10, size=1) for symbol in SYMBOLS]
        list(stub.Publish(iter([md.PublishRequest(ticks=md.TickBatch(ticks=ticks))]), timeout=20))
        acknowledgements(stub, 0.3)
        quiet = statistics.median(acknowledgements(stub, 1))
        request = service_pb2.GetSymbolStateRequest(symbols=SYMBOLS)
        asker = subprocess.Popen(
            [sys.executable, "-c", ASKERS, server.address, request.SerializeToString().hex()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert asker.stdout.readline().strip() == "1"
            busy = statistics.median(acknowledgements(stub, 2))
            # They are answered all the while.
            assert int(asker.stdout.readline()) > 1
        finally:
            asker.kill()
            asker.wait()
        # Answered on the loop, each acknowledgement waited behind up to 96 answers: 200 times as long.
        assert busy < 5 * quiet + 0.02, (quiet, busy)


def test_one_connection_with_many_questions_keeps_no_other_waiting():
    with running(config(channels=1, calendar="continuous"), ("--event-loops", "1")) as server, server.stub() as stub:
        ticks = [md.Tick(symbol=symbol, timestamp_ns=time.time_ns(), price=10, size=1) for symbol in SYMBOLS]
        list(stub.Publish(iter([md.PublishRequest(ticks=md.TickBatch(ticks=ticks))]), timeout=20))
        request = service_pb2.GetSymbolStateRequest(symbols=SYMBOLS)
        greedy = [stub.GetSymbolState.future(request, timeout=60) for _ in range(200)]
        with grpc.insecure_channel(server.address, options=[("penstock.test", 1)]) as channel:
            small = service_pb2.GetSymbolStateRequest(symbols=SYMBOLS[:1])
            answer = service_pb2_grpc.MarketStreamStub(channel).GetSymbolState(small, timeout=20)
            assert [s.symbol for s in answer.states] == SYMBOLS[:1]
        behind = sum(not call.done() for call in greedy)
        assert behind > 100, f"it came behind {200 - behind} of 200"
        for call in greedy[100:]:
            call.cancel()
        assert all(len(call.result().states) == 1000 for call in greedy[:100])
        # What was cancelled is dropped, and the connection is served as before.
        assert len(stub.GetSymbolState(request, timeout=20).states) == 1000


def test_all_who_ask_for_metrics_get_one_reading():
    with running(config(channels=2, calendar="continuous")) as server, server.admin() as stub:
        stub.GetMetrics(admin.GetMetricsRequest(), timeout=10)
        begin = time.monotonic()
        calls = [stub.GetMetrics.future(admin.GetMetricsRequest(), timeout=20) for _ in range(200)]
        times = {call.result().metrics.timestamp_ns for call in calls}
        # Each call had a reading of its own.
        assert len(times) <= 2 + (time.monotonic() - begin) / 0.1, times


def test_metrics_and_channels_show_what_was_done_before():
    with running(config(channels=2, calendar="continuous")) as server, server.admin() as stub, server.stub() as market:
        for round in range(1, 6):
            stub.GetMetrics(admin.GetMetricsRequest(), timeout=10)
            tick = md.Tick(symbol="SEEN", timestamp_ns=time.time_ns(), price=10, size=1)
            list(market.Publish(iter([md.PublishRequest(ticks=md.TickBatch(ticks=[tick]))]), timeout=20))
            metrics = stub.GetMetrics(admin.GetMetricsRequest(), timeout=10).metrics
            assert sum(channel.processed for channel in metrics.channels) == round
            stub.PauseChannel(admin.PauseChannelRequest(name="ticks-1"), timeout=10)
            listed = {c.spec.name: c.metrics.state for c in stub.ListChannels(admin.ListChannelsRequest(), timeout=10).channels}
            assert listed["ticks-1"] == metrics_pb2.CHANNEL_STATE_PAUSED
            assert listed["ticks-2"] == metrics_pb2.CHANNEL_STATE_RUNNING
            stub.ResumeChannel(admin.ResumeChannelRequest(name="ticks-1"), timeout=10)


def test_watches_count_among_subscribers():
    with running(config(calendar="continuous"), ("--set", "server.limits.max_subscribers=2", "--set", "server.limits.share_pct=100")) as server:
        with server.stub() as stub:
            watches = [stub.WatchMetrics(service_pb2.WatchMetricsRequest(interval_ms=100), timeout=30) for _ in range(2)]
            for watch in watches:
                assert next(watch).server.subscribers >= 1
            with pytest.raises(grpc.RpcError) as refusal:
                next(stub.WatchMetrics(service_pb2.WatchMetricsRequest(), timeout=10))
            assert refusal.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            assert "max_subscribers" in refusal.value.details()
            # In a session it is told; the session goes on.
            frames = iter([
                service_pb2.ClientFrame(watch_metrics=service_pb2.WatchMetricsRequest()),
                service_pb2.ClientFrame(ping=service_pb2.Ping(token=7)),
            ])
            answers = list(stub.Session(frames, timeout=10))
            assert "max_subscribers" in answers[0].notice.detail and answers[1].pong.token == 7
            for watch in watches:
                watch.cancel()
            eventually(lambda: server.metrics().server.subscribers == 0)
            assert next(stub.WatchMetrics(service_pb2.WatchMetricsRequest(), timeout=10)).server.subscribers == 1
