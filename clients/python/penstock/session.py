"""Everything on one bidirectional call."""
from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Any

import grpc

from ._proto import market_data_pb2 as md
from ._proto import service_pb2 as sv
from ._proto import service_pb2_grpc
from ._requests import subscribe_request


class Session:
    """One `Session` call: send frames by its methods, iterate over `ServerFrame`s. No reconnection: its parts have their own classes."""

    def __init__(self, channel: grpc.Channel, name: str | None = None) -> None:
        self._outbox: queue.SimpleQueue[sv.ClientFrame | None] = queue.SimpleQueue()
        metadata = [("penstock-publisher", name)] if name is not None else None
        self._channel = channel
        self._call = service_pb2_grpc.MarketStreamStub(channel).Session(iter(self._outbox.get, None), metadata=metadata)

    def publish(self, request: md.PublishRequest) -> None:
        self._outbox.put(sv.ClientFrame(publish=request))

    def subscribe(self, **filters: Any) -> None:
        """Replaces the running subscription; arguments as of `Client.subscribe`."""
        self._outbox.put(sv.ClientFrame(subscribe=subscribe_request(**filters)))

    def unsubscribe(self) -> None:
        self._outbox.put(sv.ClientFrame(unsubscribe=sv.Unsubscribe()))

    def watch_metrics(self, interval_ms: int = 1000) -> None:
        self._outbox.put(sv.ClientFrame(watch_metrics=sv.WatchMetricsRequest(interval_ms=interval_ms)))

    def stop_metrics(self) -> None:
        self._outbox.put(sv.ClientFrame(stop_metrics=sv.StopMetrics()))

    def ping(self, token: int) -> None:
        self._outbox.put(sv.ClientFrame(ping=sv.Ping(token=token)))

    def half_close(self) -> None:
        """No more frames; the call ends after the last acknowledgement, or goes on while it is subscribed."""
        self._outbox.put(None)

    def close(self) -> None:
        self._outbox.put(None)
        self._call.cancel()
        self._channel.close()

    def __iter__(self) -> Iterator[sv.ServerFrame]:
        return iter(self._call)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
