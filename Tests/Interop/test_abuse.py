"""Bytes that no well-behaved client sends, and more of them than anyone should."""
import random
import signal
import socket
import struct

import grpc
import h2.config
import h2.connection
import h2.events
import hpack
import pytest
from conftest import eventually, running
from penstock.v1 import events_pb2 as ev
from penstock.v1 import market_data_pb2 as md
from penstock.v1 import service_pb2, service_pb2_grpc

NOW = 1_700_000_000_000_000_000
HEADERS = [
    (":method", "POST"), (":scheme", "http"), (":path", "/penstock.v1.MarketStream/Publish"), (":authority", "x"),
    ("content-type", "application/grpc"), ("te", "trailers"),
]


class Raw:
    """An HTTP/2 connection whose bytes a test writes as it likes."""

    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port), 10)
        self.socket.settimeout(10)
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.flush()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def headers(self, headers=HEADERS, **options):
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, headers, **options)
        self.flush()
        return stream

    def data(self, stream, data, **options):
        self.h2.send_data(stream, data, **options)
        self.flush()

    def answer(self, stream):
        """The response's headers and trailers of one stream."""
        found = {}
        while True:
            received = self.socket.recv(65536)
            if not received:
                return found
            for event in self.h2.receive_data(received):
                if getattr(event, "stream_id", None) != stream:
                    continue
                if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                    found.update(dict(event.headers))
                if isinstance(event, h2.events.StreamReset):
                    found["reset"] = event.error_code
                    return found
                if isinstance(event, h2.events.StreamEnded):
                    return found
            self.flush()

    def close(self):
        self.socket.close()


@pytest.fixture
def raw(server):
    connection = Raw(server)
    yield connection
    connection.close()


def message(body, flag=0):
    return struct.pack(">BI", flag, len(body)) + body


def frames(received):
    """The whole frames among received bytes: kind, stream and payload."""
    while len(received) >= 9 and len(received) >= 9 + (length := int.from_bytes(received[:3])):
        yield received[3], int.from_bytes(received[5:9]), received[9:9 + length]
        received = received[9 + length:]


def one_tick(i=0, symbol="RAW"):
    return md.PublishRequest(tick=md.Tick(symbol=symbol, timestamp_ns=NOW + i, price=10, size=1)).SerializeToString()


def replaced(name, value):
    return [(k, value if k == name else v) for k, v in HEADERS]


def test_content_types_and_methods_that_are_not_grpc(raw):
    assert raw.answer(raw.headers(replaced("content-type", "text/plain"), end_stream=True))[":status"] == "415"
    assert raw.answer(raw.headers(replaced(":method", "GET"), end_stream=True))[":status"] == "405"
    assert raw.answer(raw.headers(replaced(":path", "/x/y"), end_stream=True))["grpc-status"] == "12"


def test_compression_is_refused_as_the_specification_says(raw):
    found = raw.answer(raw.headers(HEADERS + [("grpc-encoding", "snappy")], end_stream=True))
    assert found["grpc-status"] == "12" and "identity" in found["grpc-accept-encoding"]
    stream = raw.headers()
    raw.data(stream, message(one_tick(), flag=1), end_stream=True)
    assert raw.answer(stream)["grpc-status"] == "13"


def test_a_stream_that_ends_inside_a_message_is_internal(raw):
    stream = raw.headers()
    raw.data(stream, message(one_tick())[:-1], end_stream=True)
    assert raw.answer(stream)["grpc-status"] == "13"


def test_a_message_may_be_cut_anywhere(raw):
    """Every way to cut one message in two frames, then a byte a frame."""
    whole = message(one_tick())
    for place in range(1, len(whole)):
        stream = raw.headers()
        raw.data(stream, whole[:place])
        raw.data(stream, whole[place:], end_stream=True)
        assert raw.answer(stream)["grpc-status"] == "0"
    stream = raw.headers()
    for byte in whole:
        raw.data(stream, bytes([byte]))
    raw.data(stream, b"", end_stream=True)
    assert raw.answer(stream)["grpc-status"] == "0"


def test_a_connection_may_drop_anywhere(server):
    whole = message(one_tick(symbol="DROP")) * 3
    for place in range(0, len(whole), 5):
        connection = Raw(server)
        stream = connection.headers()
        connection.data(stream, whole[:place])
        connection.close()
    eventually(lambda: server.metrics().server.streams <= 1)
    assert server.info().version


def test_random_bytes_end_the_connection_and_nothing_else(server):
    generator = random.Random(11)
    for _ in range(60):
        connection = socket.create_connection(("127.0.0.1", server.port), 10)
        connection.settimeout(10)
        if generator.random() < 0.5:
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000"))
        try:
            connection.sendall(generator.randbytes(generator.randrange(1, 400)))
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        except ConnectionError:
            pass
        connection.close()
    assert server.info().version


def test_a_thousand_calls_at_once(server):
    with server.channel() as channel:
        stub = service_pb2_grpc.MarketStreamStub(channel)
        calls = [stub.Subscribe(ev.SubscribeRequest(heartbeat_ms=60_000), timeout=60) for _ in range(900)]
        for call in calls:
            next(call)
        assert server.metrics().server.subscribers >= 900
        for call in calls:
            call.cancel()
    eventually(lambda: server.metrics().server.subscribers == 0)


def test_a_client_that_never_reads_costs_bounded_memory(server):
    """Its acknowledgements wait until it reads; meanwhile it is not read without end, and others go on."""
    before = server.metrics().server.resident_bytes
    connection = Raw(server)
    stream = connection.headers()
    connection.socket.settimeout(1)
    sent = 0
    try:
        while sent < 4 << 20:
            window = min(connection.h2.local_flow_control_window(stream), 16_384)
            if window < 64:
                break  # the server has stopped taking more
            body = message(one_tick(sent, "NOREAD"))
            run = body * max(1, window // len(body))
            run = run[: window - window % len(body)]
            connection.data(stream, run)
            sent += len(run)
    except (TimeoutError, socket.timeout):
        pass
    with server.stub() as stub:
        list(stub.Publish(iter([md.PublishRequest.FromString(one_tick(0, "READS"))]), timeout=10))
    assert server.metrics().server.resident_bytes < before + (128 << 20)
    connection.close()


def test_a_session_that_asks_and_never_reads_is_not_read_either(server):
    """Each ping is answered; answers that nobody reads may not fill the memory."""
    before = server.metrics().server.resident_bytes
    connection = Raw(server)
    stream = connection.headers(replaced(":path", "/penstock.v1.MarketStream/Session"))
    ping = message(service_pb2.ClientFrame(ping=service_pb2.Ping(token=2**60)).SerializeToString())
    # As long as the server gives window back it takes pings; what it sends is not read, and its window is never given back.
    connection.socket.settimeout(3)
    sent = 0
    try:
        while sent < 64 << 20:
            for event in connection.h2.receive_data(connection.socket.recv(65536)):
                assert not isinstance(event, h2.events.ConnectionTerminated)
            while (window := min(connection.h2.local_flow_control_window(stream), 16_384)) >= len(ping):
                connection.data(stream, ping * (window // len(ping)))
                sent += window - window % len(ping)
    except (TimeoutError, socket.timeout):
        pass
    assert sent < 16 << 20, "the server took pings without end"
    assert server.metrics().server.resident_bytes < before + (64 << 20)
    connection.close()


def test_the_limit_of_subscriptions_is_the_whole_servers():
    with running("server: {event_loops: 2, limits: {max_subscribers: 2, share_pct: 100}}") as server, server.stub() as stub:
        calls = [stub.Subscribe(ev.SubscribeRequest(), timeout=30) for _ in range(2)]
        for call in calls:
            next(call)
        with pytest.raises(grpc.RpcError) as error:
            list(stub.Subscribe(ev.SubscribeRequest(), timeout=20))
        assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "max_subscribers: 2" in error.value.details()
        # One that the server does not accept takes no place.
        calls.pop().cancel()
        eventually(lambda: server.metrics().server.subscribers == 1)
        with pytest.raises(grpc.RpcError) as error:
            list(stub.Subscribe(ev.SubscribeRequest(max_queue=2**31), timeout=20))
        assert error.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert next(stub.Subscribe(ev.SubscribeRequest(), timeout=20)).heartbeat.log_id


def test_a_client_that_stalls_inside_a_message_holds_nobody_up(server, raw):
    stream = raw.headers()
    raw.data(stream, message(one_tick())[:20])
    with server.stub() as stub:
        last = list(stub.Publish(iter([md.PublishRequest.FromString(one_tick(0, "STALL"))]), timeout=10))[-1]
    assert last.accepted == 1
    raw.data(stream, message(one_tick())[20:], end_stream=True)
    assert raw.answer(stream)["grpc-status"] == "0"


def test_who_still_sends_reads_the_last_status():
    """Bytes that come after a server's last ones may not be answered by a reset: clients throw away what they have not read then."""
    with running() as server:
        raw = Raw(server)
        stream = raw.headers()
        raw.data(stream, message(one_tick()))
        received = b""
        while not any(kind == 0 for kind, _, _ in frames(received)):
            received += raw.socket.recv(65536)
        server.process.send_signal(signal.SIGTERM)
        close_wait = 8
        eventually(lambda: raw.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == close_wait)
        ping = bytes.fromhex("000008060000000000") + b"12345678"
        for _ in range(3):
            raw.socket.sendall(ping)
        while part := raw.socket.recv(65536):
            received += part
        raw.close()
        assert server.process.wait(20) == 0
    # h2 takes nothing behind GOAWAY: the trailers are read by hand.
    decoder = hpack.Decoder()
    blocks = [(number, dict(decoder.decode(payload))) for kind, number, payload in frames(received) if kind == 1]
    trailers = [fields for number, fields in blocks if number == stream][-1]
    assert trailers["grpc-status"] == "14" and "draining" in trailers["grpc-message"]


def test_a_ping_for_each_response_is_no_flood(raw):
    """Go's and Java's clients measure the way by a PING behind each DATA frame."""
    stream = raw.headers()
    for number in range(1_500):
        raw.data(stream, message(one_tick(number)))
        answered = 0
        while answered < 2:
            for event in raw.h2.receive_data(raw.socket.recv(65536)):
                assert not isinstance(event, h2.events.ConnectionTerminated)
                if isinstance(event, h2.events.DataReceived) and event.stream_id == stream:
                    raw.h2.acknowledge_received_data(event.flow_controlled_length, stream)
                    raw.h2.ping(b"12345678")
                    answered += 1
                if isinstance(event, h2.events.PingAckReceived):
                    answered += 1
            raw.flush()
    raw.data(stream, b"", end_stream=True)
    assert raw.answer(stream)["grpc-status"] == "0"


def test_a_flood_of_pings_ends_its_connection(server):
    connection = Raw(server)
    ping = bytes.fromhex("000008060000000000") + b"12345678"
    try:
        for _ in range(2_000):
            connection.socket.sendall(ping * 50)
        connection.socket.settimeout(10)
        while connection.socket.recv(65536):
            pass
    except (ConnectionError, TimeoutError):
        pass
    connection.close()
    assert server.info().version
