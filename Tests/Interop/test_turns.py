"""What one call leaves behind for others: the loop's clock, and what waits for a full channel."""
import socket
import threading
import time

import grpc
import h2.connection
import h2.events
import pytest
from conftest import config, eventually, running
from penstock.v1 import admin_pb2 as ad
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import service_pb2 as sv

SECOND = 10**9
FIELDS = [
    (":method", "POST"), (":scheme", "http"), (":path", "/penstock.v1.MarketStream/Publish"), (":authority", "x"),
    ("te", "trailers"), ("content-type", "application/grpc"),
]


def tick(time_ns, symbol="T"):
    return md.Tick(symbol=symbol, timestamp_ns=time_ns, price=10, size=1)


def ends_in_its_read(server):
    """A named publisher that forgets to number: its call ends inside its own read."""
    with server.stub() as stub, pytest.raises(grpc.RpcError) as error:
        list(stub.Publish(iter([md.PublishRequest(tick=tick(time.time_ns()))]), metadata=[("penstock-publisher", "forgets")]))
    assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def resets_in_its_read(server):
    """A raw peer whose DATA and RST_STREAM arrive in one read."""
    body = md.PublishRequest(tick=tick(time.time_ns())).SerializeToString()
    with socket.create_connection(("127.0.0.1", server.port)) as peer:
        http = h2.connection.H2Connection()
        http.initiate_connection()
        http.send_headers(1, FIELDS)
        http.send_data(1, b"\0" + len(body).to_bytes(4, "big") + body)
        http.reset_stream(1)
        http.ping(b"12345678")
        peer.sendall(http.data_to_send())
        peer.settimeout(10)
        while not any(isinstance(e, h2.events.PingAckReceived) for e in http.receive_data(peer.recv(65_536))):
            peer.sendall(http.data_to_send())


@pytest.mark.parametrize("leave", [ends_in_its_read, resets_in_its_read])
def test_a_call_that_ends_in_its_read_leaves_no_clock_behind(leave):
    profile = "profiles: [{name: default, max_ahead: 300ms, calendar: {preset: continuous}}]"
    with running(profile, ["--event-loops", "1"]) as server:
        leave(server)
        time.sleep(1)  # the clock that was left behind is older than max_ahead now
        with server.stub() as stub:
            last = list(stub.Publish(iter([md.PublishRequest(tick=tick(time.time_ns()))]), timeout=10))[-1]
        assert (last.accepted, last.rejected) == (1, 0), last.rejections


def resident_kib(server):
    for line in open(f"/proc/{server.process.pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1])


def test_calls_that_give_up_leave_no_records_beside_a_paused_channel():
    ticks = [tick(1_700_000_000 * SECOND + i, f"S{i % 50}") for i in range(65_536)]
    request = md.PublishRequest(ticks=md.TickBatch(ticks=ticks))
    with running(config(ring_capacity=1024, calendar="continuous")) as server, server.admin() as admin:
        admin.PauseChannel(ad.PauseChannelRequest(name="ticks-1"))

        def give_up():
            with server.stub() as stub:
                call = stub.Publish(iter([request]), timeout=30)
                # It is told that it waits: its items lie beside the ring now.
                assert next(call).blocked_by.channel == "ticks-1"
                call.cancel()

        def wave():
            threads = [threading.Thread(target=give_up) for _ in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            eventually(lambda: server.metrics().server.streams <= 1)
            return resident_kib(server)

        # A wave's rests, 70 MiB, are let go of before the next one's come: what the allocator keeps is used again.
        first = wave()
        wave()
        assert wave() - first < 70 * 1024
        admin.ResumeChannel(ad.ResumeChannelRequest(name="ticks-1"))
        with server.stub() as stub:
            last = list(stub.Publish(iter([md.PublishRequest(tick=tick(1_700_000_100 * SECOND, "S1"))]), timeout=20))[-1]
        assert last.accepted == 1 and last.acked_sequence == 1


def test_a_named_call_that_gives_up_is_completed():
    ticks = [tick(1_700_000_000 * SECOND + i, f"S{i % 50}") for i in range(5_000)]
    request = md.PublishRequest(sequence=1, ticks=md.TickBatch(ticks=ticks))
    with running(config(ring_capacity=1024, calendar="continuous")) as server, server.admin() as admin:
        admin.PauseChannel(ad.PauseChannelRequest(name="ticks-1"))
        with server.stub() as stub:
            call = stub.Publish(iter([request]), metadata=[("penstock-publisher", "comes-back")], timeout=30)
            next(response for response in call if response.blocked_by.channel)
            call.cancel()
        admin.ResumeChannel(ad.ResumeChannelRequest(name="ticks-1"))
        with server.stub() as stub:
            responses = list(stub.Publish(iter([request]), metadata=[("penstock-publisher", "comes-back")], timeout=30))
        assert responses[0].resume_sequence == 1
        assert responses[-1].duplicates == 5_000
        eventually(lambda: sum(c.processed + c.late for c in server.metrics().channels) == 5_000)


def test_what_waits_beside_full_rings_counts_in_the_byte_budget():
    ticks = [tick(1_700_000_000 * SECOND + i, f"S{i % 50}") for i in range(30_000)]
    request = md.PublishRequest(ticks=md.TickBatch(ticks=ticks))
    limits = ["--set", "server.limits.pending_bytes=4194304", "--set", "server.limits.share_pct=100"]
    with running(config(ring_capacity=1024, calendar="continuous"), limits) as server, server.admin() as admin:
        admin.PauseChannel(ad.PauseChannelRequest(name="ticks-1"))
        with server.stub() as stub:
            waits = [stub.Publish(iter([request]), timeout=60) for _ in range(2)]
            for call in waits:
                next(response for response in call if response.blocked_by.channel)
            held = {p.owner: p.bytes for p in server.metrics().server.pending}
            assert held["rests"] > 2 * 29_000 * 40 and held["rests"] <= 4 << 20
            # The third has no room: it is told so, and nothing of it is acknowledged.
            with pytest.raises(grpc.RpcError) as error:
                last = None
                for last in stub.Publish(iter([request]), timeout=30):
                    pass
            assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            assert "limits.pending_bytes" in error.value.details() and "rests" in error.value.details()
            assert last is None or last.acked_sequence == 0
            admin.ResumeChannel(ad.ResumeChannelRequest(name="ticks-1"))
            assert [list(call)[-1].acked_sequence for call in waits] == [1, 1]
        assert eventually(lambda: {p.owner: p.bytes for p in server.metrics().server.pending}["rests"] == 0)


def test_a_call_that_is_given_up_takes_nothing_of_another_in_the_same_read():
    """DATA of one call and the reset of another, blocked in mid-read, in one read: each keeps its own items."""
    ticks = [tick(1_700_000_000 * SECOND + i, f"S{i % 50}") for i in range(6_000)]
    big = md.PublishRequest(ticks=md.TickBatch(ticks=ticks)).SerializeToString()
    small = md.PublishRequest(tick=tick(1_700_000_000 * SECOND, "OTHER")).SerializeToString()

    def framed(body):
        return b"\0" + len(body).to_bytes(4, "big") + body

    with running(config(ring_capacity=1024, calendar="continuous"), ["--event-loops", "1"]) as server, server.admin() as admin:
        admin.PauseChannel(ad.PauseChannelRequest(name="ticks-1"))
        with socket.create_connection(("127.0.0.1", server.port)) as peer:
            peer.settimeout(20)
            http = h2.connection.H2Connection()
            http.initiate_connection()
            answers = {1: b"", 3: b""}

            def read():
                for event in http.receive_data(peer.recv(65_536)):
                    if isinstance(event, h2.events.DataReceived):
                        answers[event.stream_id] += event.data
                    if isinstance(event, h2.events.StreamEnded):
                        answers["ended"] = event.stream_id
                peer.sendall(http.data_to_send())

            for stream in (1, 3):
                http.send_headers(stream, FIELDS)
            peer.sendall(http.data_to_send())
            # The first call fills the ring and waits: it is told so after a second.
            data = framed(big)
            while data:
                size = min(len(data), http.local_flow_control_window(1), http.max_outbound_frame_size)
                http.send_data(1, data[:size])
                peer.sendall(http.data_to_send())
                data = data[size:]
                if not http.local_flow_control_window(1):
                    read()
            while not answers[1]:
                read()
            http.send_data(3, framed(small))
            http.reset_stream(1)
            http.end_stream(3)
            peer.sendall(http.data_to_send())
            eventually(lambda: server.metrics().server.streams <= 2)
            admin.ResumeChannel(ad.ResumeChannelRequest(name="ticks-1"))
            while answers.get("ended") != 3:
                read()
        last = md.PublishResponse()
        data = answers[3]
        while data:
            size = int.from_bytes(data[1:5], "big")
            last = md.PublishResponse.FromString(data[5 : 5 + size])
            data = data[5 + size :]
        assert (last.acked_sequence, last.accepted) == (1, 1)
        with server.stub() as stub:
            states = stub.GetSymbolState(sv.GetSymbolStateRequest(symbols=["OTHER"])).states
        assert [state.symbol for state in states] == ["OTHER"], "what was acknowledged was not processed"
