"""Everything on one bidirectional call."""
from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Any, Generic

import grpc

from ._forms import Done
from .v1 import market_data_pb2 as md
from .v1 import service_pb2 as sv
from .v1 import service_pb2_grpc
from ._requests import subscribe_request
from ._silence import of_answers
from ._watching import is_alive, watched
from .errors import ServerError, Unavailable, server_error


class Frames(Generic[Done]):
    """What can be sent on a session; shared with the asyncio client. Every method raises ServerError when the call has ended, with what it
    ended with, and RuntimeError after `half_close()`."""

    def publish(self, request: md.PublishRequest) -> Done:
        """One request. Its `sequence` rises strictly, or is 0 in each: the server counts then, from 1. With a name it may not be 0."""
        return self._send(sv.ClientFrame(publish=request))

    def subscribe(self, **filters: Any) -> Done:
        """Replaces the running subscription; arguments as of `Client.subscribe`."""
        return self._send(sv.ClientFrame(subscribe=subscribe_request(**filters)))

    def unsubscribe(self) -> Done:
        return self._send(sv.ClientFrame(unsubscribe=sv.Unsubscribe()))

    def watch_metrics(self, interval_ms: int = 1000) -> Done:
        """Snapshots, one at once and then one each `interval_ms` (100 to 60,000 milliseconds)."""
        return self._send(sv.ClientFrame(watch_metrics=sv.WatchMetricsRequest(interval_ms=interval_ms)))

    def stop_metrics(self) -> Done:
        return self._send(sv.ClientFrame(stop_metrics=sv.StopMetrics()))

    def ping(self, token: int) -> Done:
        """Answered by a pong with the token (0 to 2⁶⁴ − 1), in its place among the other answers."""
        return self._send(sv.ClientFrame(ping=sv.Ping(token=token)))

    def _send(self, frame: sv.ClientFrame) -> Done:
        raise NotImplementedError


class Session(Frames[None]):
    """One `Session` call: send frames by its methods, iterate over `ServerFrame`s. No reconnection: its parts have their own classes.

    Iterating ends when the call does, and raises ServerError when it did not end well. Frames wait in memory, without a bound, while the server
    takes none, as it does while nobody reads its answers.
    """

    def __init__(self, channel: grpc.Channel, name: str | None = None) -> None:
        self._outbox: queue.SimpleQueue[sv.ClientFrame | None] = queue.SimpleQueue()
        metadata = [("penstock-publisher", name)] if name is not None else None
        self._channel = channel
        self._call = service_pb2_grpc.MarketStreamStub(channel).Session(iter(self._outbox.get, None), metadata=metadata)
        self._is_half_closed = False
        self._is_closed = False

    def half_close(self) -> None:
        """No more frames; the call ends after the last acknowledgement, or goes on while it is subscribed or watching."""
        self._is_half_closed = True
        self._outbox.put(None)

    def close(self) -> None:
        """Ends the call, and iterating over it; from any thread."""
        self._is_closed = True
        self._outbox.put(None)
        self._call.cancel()
        self._channel.close()

    def __iter__(self) -> Iterator[sv.ServerFrame]:
        try:
            yield from watched(self._call, of_answers(), lambda: is_alive(self._channel))
        except grpc.RpcError as error:
            if not self._is_closed:
                raise server_error(error) from error

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def _send(self, frame: sv.ClientFrame) -> None:
        if not self._call.is_active():
            raise has_ended(self._call.code(), self._call.details())
        if self._is_half_closed:
            raise half_closed()
        self._outbox.put(frame)


def has_ended(status: grpc.StatusCode, message: str | None) -> ServerError:
    """What sending on a call that has ended raises."""
    if status is grpc.StatusCode.OK:
        return Unavailable(grpc.StatusCode.UNAVAILABLE, "the session has ended")
    return ServerError.of(status, message or "")


def half_closed() -> RuntimeError:
    return RuntimeError("the session is half-closed: it takes no more frames")
