"""Connections as such: how they begin, what they cost while nothing is asked, and why the server ends them."""
import contextlib
import re
import resource
import socket
import struct
import time

import h2.events
import pytest
from conftest import eventually, running
from test_abuse import HEADERS, Raw, frames, message, one_tick
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = bytes.fromhex("000000040000000000")
GOAWAY = 7


def connect(server, source="127.0.0.1"):
    return socket.create_connection(("127.0.0.1", server.port), 10, (source, 0))


def rest(connection):
    """Everything that comes until the server closes."""
    received = b""
    with contextlib.suppress(ConnectionError):
        while part := connection.recv(65536):
            received += part
    return received


def goaway(received):
    """Code and text of the last GOAWAY."""
    payload = [payload for kind, _, payload in frames(received) if kind == GOAWAY][-1]
    return int.from_bytes(payload[4:8]), payload[8:].decode()


def is_open(connection):
    """Whether the server has taken the connection: it answers the preface."""
    with contextlib.suppress(ConnectionError):
        connection.sendall(PREFACE + SETTINGS)
        return connection.recv(9) != b""
    return False


@contextlib.contextmanager
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8_192)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("request_line, code", [
    (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"426"), (b"GET / HTTP/1.0\r\n\r\n", b"505"), (b"GET /\r\n\r\n", b"400"),
])
def test_an_http_1_client_is_told_what_is_spoken_here(server, request_line, code):
    with connect(server) as connection:
        connection.sendall(request_line)
        answer = rest(connection)
    assert answer.startswith(b"HTTP/1.1 " + code + b" ")
    assert b"gRPC over HTTP/2" in answer.partition(b"\r\n\r\n")[2]


def test_a_tls_hello_gets_no_byte(server):
    with connect(server) as connection:
        connection.sendall(bytes.fromhex("160301020001") + bytes(600))
        assert rest(connection) == b""


def test_nothing_is_said_before_the_preface(server):
    with connect(server) as connection:
        connection.settimeout(0.3)
        connection.sendall(PREFACE[:-1])
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(10)
        connection.sendall(PREFACE[-1:] + SETTINGS)
        assert connection.recv(65536)[3] == 4


@pytest.mark.parametrize("closed_by", ["END_STREAM", "RST_STREAM"])
@pytest.mark.parametrize("kind", ["DATA", "HEADERS"])
def test_frames_on_a_stream_that_its_client_left_are_stream_closed(server, closed_by, kind):
    connection = Raw(server)
    stream = connection.headers(end_stream=closed_by == "END_STREAM")
    block = connection.h2.encoder.encode(HEADERS)
    if closed_by == "END_STREAM":
        assert connection.answer(stream)["grpc-status"] == "0"
    else:
        connection.socket.sendall(struct.pack(">I", 4)[1:] + bytes([3, 0]) + struct.pack(">II", stream, 8))
    payload, number, flags = (b"abc", 0, 0) if kind == "DATA" else (block, 1, 4)
    connection.socket.sendall(struct.pack(">I", len(payload))[1:] + bytes([number, flags]) + struct.pack(">I", stream) + payload)
    code, text = goaway(rest(connection.socket))
    connection.close()
    assert code == 5 and f"{kind} on stream {stream}" in text


def test_a_lower_stream_than_one_before_is_a_protocol_error(server):
    connection = Raw(server)
    block = connection.h2.encoder.encode(HEADERS)
    for stream in (5, 3):
        connection.socket.sendall(struct.pack(">I", len(block))[1:] + bytes([1, 4]) + struct.pack(">I", stream) + block)
    code, text = goaway(rest(connection.socket))
    connection.close()
    assert code == 1 and text == "HEADERS on stream 3 after stream 5"


def test_host_and_authority_have_to_agree(server):
    connection = Raw(server)
    connection.h2.config.validate_outbound_headers = False  # or h2 refuses to send it
    assert connection.answer(connection.headers(HEADERS + [("host", "another")], end_stream=True))[":status"] == "400"
    assert connection.answer(connection.headers(HEADERS + [("host", "x")], end_stream=True))["grpc-status"] == "0"
    connection.close()


def test_cancelled_calls_in_a_row_end_nothing(server):
    """Fewer than the 10,000 in ten seconds that the documents tell."""
    connection = Raw(server)
    for _ in range(1_500):
        stream = connection.headers()
        connection.h2.reset_stream(stream, 8)
        connection.flush()
    stream = connection.headers()
    connection.data(stream, message(one_tick()), end_stream=True)
    assert connection.answer(stream)["grpc-status"] == "0"
    connection.close()


def test_the_limit_of_headers_is_a_key_that_its_message_names():
    with running("server: {limits: {max_header_list_bytes: 2048}}") as server:
        connection = Raw(server)
        stream = connection.headers(HEADERS + [(f"x-{i}", "v" * 100) for i in range(20)], end_stream=True)
        found = connection.answer(stream)
        assert found["grpc-status"] == "8" and "limits.max_header_list_bytes (2048 bytes)" in found["grpc-message"]
        assert connection.h2.remote_settings.max_header_list_size == 2_048
        assert connection.answer(connection.headers(end_stream=True))["grpc-status"] == "0"
        connection.close()


def test_a_connection_that_the_server_ends_is_told_why_and_so_is_the_log():
    with running() as server:
        connection = Raw(server)
        connection.answer(connection.headers(end_stream=True))
        connection.flush()  # acknowledges the server's largest frame
        block = connection.h2.encoder.encode(HEADERS) + b"\x00\x04long\x7f" + bytes([0xf1, 0xa1, 4]) + b"x" * 70_000
        head = struct.pack(">I", 60_000)[1:] + bytes([1, 0]) + struct.pack(">I", 3) + block[:60_000]
        tail = block[60_000:]
        connection.socket.sendall(head + struct.pack(">I", len(tail))[1:] + bytes([9, 4]) + struct.pack(">I", 3) + tail)
        code, text = goaway(rest(connection.socket))
        connection.close()
        assert code == 9 and "longer than 65,536 bytes" in text
        with connect(server) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
            rest(stranger)
        ended = eventually(lambda: {e.reason: e.count for e in server.metrics().server.ended_connections})
        assert ended == {"header_compression": 1, "http_1": 1}
        time.sleep(0.5)  # the log is written ten times a second
        server.stop()
        assert re.search(r"connections ended, header_compression: 1, 1 since the start; .*longer than 65,536", server.errors)
        assert re.search(r"connections ended, http_1: 1, 1 since the start; the last, of .*426", server.errors)


def test_no_address_takes_every_connection():
    with running("server: {limits: {max_connections: 64, max_connections_per_address: 40}}") as server:
        with contextlib.ExitStack() as opened:
            ours = [opened.enter_context(connect(server)) for _ in range(40)]
            assert all(is_open(connection) for connection in ours)
            assert not is_open(opened.enter_context(connect(server)))
            assert is_open(opened.enter_context(connect(server, "127.0.0.2")))
        eventually(lambda: is_open(connect(server)))
        time.sleep(0.5)
        server.stop()
        assert "limits.max_connections_per_address (40) is reached" in server.errors


def test_the_last_places_are_for_addresses_that_hold_none():
    with running("server: {limits: {max_connections: 64}}") as server, contextlib.ExitStack() as opened:
        ours = [opened.enter_context(connect(server)) for _ in range(60)]
        assert all(is_open(connection) for connection in ours)
        assert not is_open(opened.enter_context(connect(server)))
        admin = opened.enter_context(connect(server, "127.0.0.2"))
        assert is_open(admin)
        assert not is_open(opened.enter_context(connect(server, "127.0.0.2")))


def test_an_idle_connection_costs_little():
    """Preface, settings and nothing else: what SwiftNIO keeps for a socket, and hardly anything of HTTP/2."""
    count = 3_000
    with running() as server, many_files(), contextlib.ExitStack() as opened:
        def idle(number):
            for connection in [opened.enter_context(connect(server)) for _ in range(number)]:
                connection.sendall(PREFACE + SETTINGS + bytes.fromhex("000000040100000000"))
                assert connection.recv(9)
        idle(500)  # what the process needs once
        before = server.metrics().server.resident_bytes
        idle(count)
        each = (server.metrics().server.resident_bytes - before) / count
        print(f"{each:.0f} bytes for each of {count} idle connections")
        assert each <= 8_192


def test_connections_that_come_and_go_leave_nothing():
    with running() as server:
        def storm(number):
            for _ in range(number):
                connection = connect(server)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.sendall(PREFACE + SETTINGS)
                connection.close()  # by a reset
        storm(1_000)
        before = server.metrics().server.resident_bytes
        storm(9_000)
        grown = server.metrics().server.resident_bytes - before
        print(f"{grown >> 10} KiB more after 9,000 connections")
        assert grown < 24 << 20
        eventually(lambda: server.metrics().server.connections <= 2)
