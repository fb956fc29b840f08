"""Session, metrics, symbol state, health, reflection, and the calls that are not there."""
import os
import queue
import subprocess
import sys

import grpc
import pytest
from conftest import config, eventually, running
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from penstock.v1 import admin_pb2, admin_pb2_grpc
from penstock.v1 import events_pb2 as ev
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import service_pb2 as sv
from penstock.v1 import service_pb2_grpc

NOW = 1_700_000_000_000_000_000


def tick(symbol, i=0, price=10.0):
    return md.Tick(symbol=symbol, timestamp_ns=NOW + i * 10**9, price=price, size=1)


class Session:
    def __init__(self, stub, metadata=None):
        self.queue = queue.Queue()
        self.call = stub.Session(iter(self.queue.get, None), metadata=metadata, timeout=60)

    def send(self, **frame):
        self.queue.put(sv.ClientFrame(**frame))

    def until(self, condition):
        for frame in self.call:
            if condition(frame):
                return frame
        raise AssertionError("the call ended")

    def close(self):
        self.queue.put(None)

    def leave(self):
        """Ends the subscription, then the call."""
        self.send(unsubscribe=sv.Unsubscribe())
        self.close()
        list(self.call)


def test_a_session_does_everything_on_one_call(server):
    with server.stub() as stub:
        session = Session(stub)
        session.send(ping=sv.Ping(token=7))
        assert next(session.call).pong.token == 7
        session.send(subscribe=ev.SubscribeRequest(symbols=["SESS"], subscription_id="mine"))
        frame = session.until(lambda f: f.subscription.HasField("caught_up"))
        assert frame.subscription.subscription_id == "mine"
        for i in range(3):
            session.send(publish=md.PublishRequest(sequence=i + 1, tick=tick("SESS", i, 10 + i * 0.02)))
        acked = event = None
        while not (acked and event):
            frame = next(session.call)
            if frame.ack.acked_sequence == 3:
                acked = frame.ack
            if frame.subscription.events.events:
                event = frame.subscription.events.events[0]
        assert acked.accepted == 3 and event.type == ev.EVENT_TYPE_HIGH
        session.send(watch_metrics=sv.WatchMetricsRequest(interval_ms=100))
        assert session.until(lambda f: f.HasField("metrics")).metrics.channels
        session.send(stop_metrics=sv.StopMetrics())
        session.leave()
        assert session.call.code() == grpc.StatusCode.OK


def test_a_session_publishes_while_its_subscription_reads_a_long_past():
    # The server is never far ahead of what the client reads.
    narrow = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_536)]
    with running(config(calendar="continuous")) as server, server.channel(narrow) as channel:
        stub = service_pb2_grpc.MarketStreamStub(channel)
        # Every tick is a new high: some megabytes of events.
        rise = [tick("PAST", n, 10 * 1.0006**n) for n in range(30_000)]
        rows = [md.PublishRequest(ticks=md.TickBatch(ticks=rise[n : n + 1_000])) for n in range(0, len(rise), 1_000)]
        assert list(stub.Publish(iter(rows), timeout=60))[-1].late == 0
        assert server.metrics().server.last_event_sequence > 20_000
        session = Session(stub)
        session.send(subscribe=ev.SubscribeRequest(from_sequence=1))
        session.send(ping=sv.Ping(token=1))
        session.send(publish=md.PublishRequest(sequence=1, tick=tick("PAST", 40_000)))
        read = 0
        while server.metrics().server.published_items == len(rise):
            read += len(next(session.call).subscription.events.events)
            assert read < 15_000, "the publishing waits until the past is read"
        session.until(lambda f: f.ack.acked_sequence == 1)
        session.leave()


def test_a_session_replaces_its_subscription_where_no_more_may_run():
    with running("server: {limits: {max_subscribers: 1}}") as server, server.stub() as stub:
        session = Session(stub)
        for name in ("first", "second"):
            session.send(subscribe=ev.SubscribeRequest(subscription_id=name))
            frame = session.until(lambda f: f.subscription.HasField("caught_up") or f.HasField("notice"))
            assert frame.subscription.subscription_id == name
        session.leave()


def test_a_subscription_that_cannot_be_leaves_the_running_one_as_it_is(server):
    with server.stub() as stub:
        session = Session(stub)
        session.send(subscribe=ev.SubscribeRequest(symbols=["KEEP"], subscription_id="first", heartbeat_ms=100))
        session.until(lambda f: f.subscription.HasField("caught_up"))
        session.send(subscribe=ev.SubscribeRequest(heartbeat_ms=1, subscription_id="second"))
        notice = session.until(lambda f: f.HasField("notice")).notice
        assert notice.subscription_id == "second" and "heartbeat_ms" in notice.detail
        assert session.until(lambda f: f.subscription.HasField("heartbeat")).subscription.subscription_id == "first"
        session.leave()


def test_a_session_goes_on_after_half_close_while_it_is_subscribed(server):
    with server.stub() as stub:
        session = Session(stub)
        session.send(subscribe=ev.SubscribeRequest(symbols=["HALF"], heartbeat_ms=100))
        session.send(publish=md.PublishRequest(tick=tick("HALF")))
        session.close()
        session.until(lambda f: f.HasField("ack") and f.ack.acked_sequence == 1)
        session.until(lambda f: f.subscription.HasField("heartbeat"))
        session.call.cancel()


def test_a_subscription_that_cannot_go_on_ends_with_a_notice_and_publishing_goes_on(server):
    with server.stub() as stub:
        session = Session(stub)
        session.send(subscribe=ev.SubscribeRequest(max_queue=10_000_001, subscription_id="bad"))
        notice = session.until(lambda f: f.HasField("notice")).notice
        assert notice.code == sv.NOTICE_CODE_SUBSCRIPTION_ENDED and notice.subscription_id == "bad"
        assert "max_queue" in notice.detail
        session.send(publish=md.PublishRequest(tick=tick("NOTICE")))
        assert session.until(lambda f: f.HasField("ack") and f.ack.acked_sequence == 1)
        session.close()
        list(session.call)
        assert session.call.code() == grpc.StatusCode.OK


def test_a_named_publisher_in_a_session_hears_where_to_resume_before_it_sends(server):
    with server.stub() as stub:
        session = Session(stub, [("penstock-publisher", "session-1")])
        assert next(session.call).ack.resume_sequence == 0
        session.close()
        list(session.call)


def test_a_frame_that_is_none_ends_the_session(server):
    with server.channel() as channel:
        call = channel.stream_stream("/penstock.v1.MarketStream/Session", None, None)(iter([b"\xff"]), timeout=10)
        with pytest.raises(grpc.RpcError):
            list(call)
        assert call.code() == grpc.StatusCode.INVALID_ARGUMENT and "frame 1" in call.details()


def test_metrics_come_at_their_interval_and_add_up(server):
    with server.stub() as stub:
        list(stub.Publish(iter([md.PublishRequest(tick=tick("METRIC", i)) for i in range(10)]), timeout=10))
        call = stub.WatchMetrics(sv.WatchMetricsRequest(interval_ms=100), timeout=30)
        first, second = next(call), next(call)
        assert 90e6 < second.timestamp_ns - first.timestamp_ns < 5e9
        for channel in second.channels:
            assert channel.received == channel.processed + channel.failed + channel.dropped + channel.late
            assert channel.state == 2 and channel.health in (1, 2) and channel.breaker == 1
        assert second.server.published_items >= 10 and second.server.connections >= 1
        assert second.server.cpu_seconds > 0 and second.server.resident_bytes > 0
        assert sum(share.items for share in second.router.shares) == second.router.routed
        call.cancel()
        for interval in (99, 60_001):
            with pytest.raises(grpc.RpcError) as error:
                next(stub.WatchMetrics(sv.WatchMetricsRequest(interval_ms=interval), timeout=10))
            assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT and "interval_ms" in error.value.details()


def test_symbol_state_tells_what_detectors_stand_at(server):
    with server.stub() as stub:
        prices = [10.0, 10.02, 9.99]
        list(stub.Publish(iter([md.PublishRequest(tick=tick("STATE", i, p)) for i, p in enumerate(prices)]), timeout=10))
        response = stub.GetSymbolState(sv.GetSymbolStateRequest(symbols=["STATE", "NOBODY", "STATE"]), timeout=10)
        (state,) = response.states
        assert (state.symbol, state.last_price, state.session_open) == ("STATE", 9.99, 10.0)
        assert (state.session_high, state.session_low) == (10.02, 9.99)
        assert state.session == ev.TRADING_SESSION_CONTINUOUS and state.profile == "default" and state.channel
        assert [t.horizon_ns for t in state.trends] == [120 * 10**9, 600 * 10**9]
        assert state.watermark_ns == NOW + 2 * 10**9
        with pytest.raises(grpc.RpcError) as error:
            stub.GetSymbolState(sv.GetSymbolStateRequest(symbols=["A"] * 1001), timeout=10)
        assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_channels_and_server_info(server):
    with server.channel() as channel:
        admin = admin_pb2_grpc.ChannelAdminStub(channel)
        channels = admin.ListChannels(admin_pb2.ListChannelsRequest(), timeout=10).channels
        assert [c.spec.name for c in channels] == ["ticks-1", "ticks-2"]
        assert channels[0].spec.ring_capacity == 65536 and channels[0].metrics.channel == "ticks-1"
        info = admin.GetServerInfo(admin_pb2.GetServerInfoRequest(), timeout=10)
        assert info.version and info.log_id and info.rules_version == 2 and info.max_items == 65536


def test_unknown_methods_are_unimplemented(server):
    with server.channel() as channel:
        for path in ("/penstock.v1.MarketStream/Nothing", "/nobody.Service/Call"):
            with pytest.raises(grpc.RpcError) as error:
                channel.unary_unary(path)(b"", timeout=10)
            assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_health(server):
    with server.channel() as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for service in ("", "penstock.v1.MarketStream", "penstock.v1.ChannelAdmin"):
            assert stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=10).status == 1
        with pytest.raises(grpc.RpcError) as error:
            stub.Check(health_pb2.HealthCheckRequest(service="nobody"), timeout=10)
        assert error.value.code() == grpc.StatusCode.NOT_FOUND


def test_reflection_by_the_stock_library(server):
    with server.channel() as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        assert {"penstock.v1.MarketStream", "penstock.v1.ChannelAdmin"} <= set(database.get_services())
        assert database.FindFileContainingSymbol("penstock.v1.Event").name == "penstock/v1/events.proto"


def test_grpcurl_finds_and_calls_everything_by_reflection(server):
    tool = os.path.join(os.path.dirname(sys.executable), "grpcurl")
    if not os.path.exists(tool):
        pytest.skip("grpcurl is not installed")

    def grpcurl(*arguments):
        done = subprocess.run([tool, "-plaintext", *arguments], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "penstock.v1.MarketStream" in grpcurl(server.address, "list")
    assert "rpc Publish" in grpcurl(server.address, "describe", "penstock.v1.MarketStream")
    assert '"version"' in grpcurl(server.address, "penstock.v1.ChannelAdmin/GetServerInfo")
    data = f'{{"tick":{{"symbol":"CURL","timestamp_ns":"{NOW}","price":1,"size":1}}}}'
    assert '"accepted": "1"' in grpcurl("-d", data, server.address, "penstock.v1.MarketStream/Publish")


def test_a_deadline_ends_a_call(server):
    with server.stub() as stub:
        with pytest.raises(grpc.RpcError) as error:
            list(stub.Subscribe(ev.SubscribeRequest(), timeout=0.2))
        assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        eventually(lambda: server.metrics().server.subscribers == 0)


def test_a_second_request_ends_a_metrics_call(server):
    with server.channel() as channel:
        raw = channel.stream_stream("/penstock.v1.MarketStream/WatchMetrics", sv.WatchMetricsRequest.SerializeToString, None)
        call = raw(iter([sv.WatchMetricsRequest(), sv.WatchMetricsRequest()]), timeout=20)
        with pytest.raises(grpc.RpcError):
            list(call)
        assert call.code() == grpc.StatusCode.UNIMPLEMENTED and "one request" in call.details()
