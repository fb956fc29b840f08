"""Many connections that each do the worst they can, over and over: run by test_budget.py as a process of its own.

  abusers.py PORT CONNECTIONS SECONDS [KIND…]

Frames are made by hand and sent without waiting for anything, since no client library would send them.
"""
import collections
import random
import selectors
import socket
import struct
import sys
import time

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, WINDOW_UPDATE = 0, 1, 3, 4, 6, 8
SYMBOLS = [f"ABUSE{i:04}" for i in range(1000)]


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def frames(kind, stream, payload, step=16_000):
    return b"".join(frame(kind, 0, stream, payload[i:i + step]) for i in range(0, len(payload), step))


def message(body):
    return struct.pack(">BI", 0, len(body)) + body


def strings(number, values):
    """A protobuf message whose field `number` repeats these texts."""
    return b"".join(bytes([number << 3 | 2, len(v)]) + v.encode() for v in values)


class Peer:
    """One connection: what it still has to send, and which stream comes next."""

    def __init__(self, port, kind):
        self.kind = kind
        self.encoder = hpack.Encoder()
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex(("127.0.0.1", port))
        window = 0 if kind.takes_nothing else 65535
        self.out = bytearray(PREFACE + frame(SETTINGS, 0, 0, struct.pack(">HI", 4, window)))
        self.greeted = False
        self.stream = -1
        self.rounds = 0

    def open(self, method, end=False, fields=()):
        self.stream += 2
        block = self.encoder.encode([
            (":method", "POST"), (":scheme", "http"), (":path", f"/penstock.v1.MarketStream/{method}"),
            (":authority", "x"), ("content-type", "application/grpc"), ("te", "trailers"), *fields,
        ])
        self.out += frame(HEADERS, 5 if end else 4, self.stream, block)
        return self.stream


def stalled(peer):
    """Messages that begin and never go on."""
    for _ in range(4):
        stream = peer.open("Publish")
        peer.out += frames(DATA, stream, struct.pack(">BI", 0, 524_000) + bytes(60_000))


def trickled(peer):
    """One message after the other of which a byte comes a round: slow, and never idle."""
    if peer.stream < 0:
        stream = peer.open("Publish")
        peer.out += frames(DATA, stream, struct.pack(">BI", 0, 524_000) + bytes(30_000))
    peer.out += frame(DATA, 0, peer.stream, b"\0")


def answers(peer):
    """Large answers that are never taken."""
    for _ in range(2):
        stream = peer.open("GetSymbolState")
        peer.out += frames(DATA, stream, message(strings(1, SYMBOLS))) + frame(DATA, 1, stream)


def subscribers(peer):
    """All events from the first on, never taken."""
    stream = peer.open("Subscribe")
    peer.out += frame(DATA, 1, stream, message(b"\x28\x01"))


def headers(peer):
    """Sessions with as many fields as fit."""
    for _ in range(5):
        peer.open("Session", fields=[(str(i), "") for i in range(400)])


def cancels(peer):
    """Calls that are begun, sent a part of a message, and given up."""
    for _ in range(5):
        stream = peer.open("Publish")
        peer.out += frame(DATA, 0, stream, struct.pack(">BI", 0, 100_000) + bytes(8_000))
        peer.out += frame(RESET, 0, stream, struct.pack(">I", 8))


def churn(peer):
    """Connections that come and go at once."""
    peer.closes = True


KINDS = [stalled, trickled, answers, subscribers, headers, cancels, churn]
for kind in KINDS:
    kind.takes_nothing = kind in (answers, subscribers)


def main(port, connections, seconds, kinds):
    random.seed(1)
    selector = selectors.DefaultSelector()
    counts = collections.Counter()
    peers = {}

    def start(kind):
        peer = Peer(port, kind)
        peers[peer.socket] = peer
        selector.register(peer.socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
        counts[kind.__name__] += 1

    def stop(peer):
        selector.unregister(peer.socket)
        del peers[peer.socket]
        peer.socket.close()

    end = time.monotonic() + seconds
    for i in range(connections):
        start(kinds[i % len(kinds)])
    print("ready", flush=True)
    next_round = 0.0
    while time.monotonic() < end:
        for key, events in selector.select(0.05):
            peer = peers[key.fileobj]
            try:
                if events & selectors.EVENT_READ:
                    received = peer.socket.recv(1 << 16)
                    if not received:
                        raise ConnectionError
                    if not peer.greeted:
                        peer.greeted = True
                        peer.out += frame(SETTINGS, 1, 0)
                if peer.out and events & selectors.EVENT_WRITE:
                    del peer.out[:peer.socket.send(peer.out)]
                if not peer.out:
                    selector.modify(peer.socket, selectors.EVENT_READ)
            except BlockingIOError:
                continue
            except OSError:
                stop(peer)
                start(peer.kind)
        if time.monotonic() < next_round:
            continue
        next_round = time.monotonic() + 0.5
        for peer in list(peers.values()):
            if not peer.greeted or len(peer.out) > 1 << 20:
                continue
            if getattr(peer, "closes", False) or peer.rounds > 20:
                stop(peer)
                start(peer.kind)
                continue
            peer.rounds += 1
            peer.kind(peer)
            selector.modify(peer.socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
    print(dict(counts), flush=True)


if __name__ == "__main__":
    named = [kind for kind in KINDS if kind.__name__ in sys.argv[4:]]
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), named or KINDS)
