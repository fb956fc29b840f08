"""Channels under control: pause, resume, and who is told."""
import queue

import grpc
import pytest
from conftest import config, eventually, running
from penstock.v1 import admin_pb2 as ad
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import metrics_pb2 as me
from penstock.v1 import service_pb2 as sv

NOW = 1_700_000_000_000_000_000


def ticks(first, count, symbol="A"):
    return [
        md.PublishRequest(sequence=i, tick=md.Tick(symbol=symbol, timestamp_ns=NOW + i * 1_000_000, price=10, size=1))
        for i in range(first, first + count)
    ]


def feeding(stub):
    requests = queue.Queue()
    return requests, stub.Publish(iter(requests.get, None), timeout=60)


def test_a_paused_channel_accepts_and_acknowledges_after_it_is_resumed():
    with running(config(calendar="continuous")) as server, server.stub() as stub, server.admin() as admin:
        assert admin.GetChannel(ad.GetChannelRequest(name="ticks-1")).channel.metrics.state == me.CHANNEL_STATE_RUNNING
        paused = admin.PauseChannel(ad.PauseChannelRequest(name="ticks-1")).channel
        assert paused.metrics.state == me.CHANNEL_STATE_PAUSED and paused.spec.name == "ticks-1"
        requests, call = feeding(stub)
        for request in ticks(1, 500):
            requests.put(request)
        eventually(lambda: server.metrics().channels[0].received == 500)
        metrics = server.metrics().channels[0]
        assert (metrics.processed, metrics.ring_depth > 500) == (0, True)
        with pytest.raises(grpc.RpcError) as error:
            admin.PauseChannel(ad.PauseChannelRequest(name="ticks-1"))
        assert error.value.code() == grpc.StatusCode.FAILED_PRECONDITION
        assert "PAUSED" in error.value.details() and "pause" in error.value.details()
        admin.ResumeChannel(ad.ResumeChannelRequest(name="ticks-1"))
        requests.put(None)
        last = list(call)[-1]
        assert (last.acked_sequence, last.accepted) == (500, 500)
        with pytest.raises(grpc.RpcError) as error:
            admin.ResumeChannel(ad.ResumeChannelRequest(name="ticks-1"))
        assert error.value.code() == grpc.StatusCode.FAILED_PRECONDITION


def test_a_pause_that_fills_the_ring_stops_its_publisher_and_loses_nothing():
    with running(config(calendar="continuous", ring_capacity=256)) as server, server.stub() as stub, server.admin() as admin:
        admin.PauseChannel(ad.PauseChannelRequest(name="ticks-1"))
        call = stub.Publish(iter(ticks(1, 20_000)), timeout=60)
        blocked = next(response for response in call if response.HasField("blocked_by"))
        assert blocked.blocked_by.channel == "ticks-1"
        admin.ResumeChannel(ad.ResumeChannelRequest(name="ticks-1"))
        last = list(call)[-1]
        assert (last.acked_sequence, last.accepted, last.dropped) == (20_000, 20_000, 0)


def test_sessions_are_told():
    with running(config(calendar="continuous")) as server, server.stub() as stub, server.admin() as admin:
        frames = queue.Queue()
        session = stub.Session(iter(frames.get, None), timeout=60)
        frames.put(sv.ClientFrame(ping=sv.Ping(token=1)))
        assert next(session).pong.token == 1
        admin.PauseChannel(ad.PauseChannelRequest(name="ticks-1"))
        notice = next(session).notice
        assert (notice.code, notice.channel) == (sv.NOTICE_CODE_CHANNEL_PAUSED, "ticks-1")
        admin.ResumeChannel(ad.ResumeChannelRequest(name="ticks-1"))
        notice = next(session).notice
        assert (notice.code, notice.channel) == (sv.NOTICE_CODE_CHANNEL_RESUMED, "ticks-1")
        frames.put(None)
        assert list(session) == []


def test_a_drain_runs_paused_channels():
    with running(config(calendar="continuous")) as server, server.stub() as stub, server.admin() as admin:
        admin.PauseChannel(ad.PauseChannelRequest(name="ticks-1"))
        requests, call = feeding(stub)
        for request in ticks(1, 300):
            requests.put(request)
        eventually(lambda: server.metrics().channels[0].received == 300)
        server.process.terminate()
        last = None
        with pytest.raises(grpc.RpcError) as error:
            for last in call:
                pass
        assert error.value.code() == grpc.StatusCode.UNAVAILABLE
        assert (last.acked_sequence, last.accepted) == (300, 300)
        assert server.process.wait(timeout=30) == 0


def test_an_unknown_channel_is_named_with_those_there_are(server):
    with server.admin() as admin:
        for call, request in (
            (admin.GetChannel, ad.GetChannelRequest(name="nobody")),
            (admin.PauseChannel, ad.PauseChannelRequest()),
        ):
            with pytest.raises(grpc.RpcError) as error:
                call(request)
            assert error.value.code() == grpc.StatusCode.NOT_FOUND and "ticks-1" in error.value.details()
