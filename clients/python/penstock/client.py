"""The way in: one object for one server."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import grpc

from ._proto import admin_pb2, admin_pb2_grpc
from ._proto import market_data_pb2 as md
from ._proto import metrics_pb2, service_pb2, service_pb2_grpc
from ._requests import subscribe_request
from ._retry import Backoff
from .publisher import Publisher
from .session import Session
from .subscriber import Subscriber


def connect(target: str = "127.0.0.1:7171", **options: Any) -> Client:
    """A client of the server at HOST:PORT. Nothing is sent before the first call."""
    return Client(target, **options)


class Client:
    """One server. Publishers and subscribers have connections of their own, so that one's load does not slow another."""

    def __init__(self, target: str = "127.0.0.1:7171", *, timeout: float = 10.0, options: Sequence[tuple[str, Any]] = ()) -> None:
        self.target = target
        self._timeout = timeout
        self._options = list(options)
        self._channel = self._new_channel()

    def _new_channel(self) -> grpc.Channel:
        # A pool of its own for each channel: grpcio otherwise shares one connection among channels of one target.
        return grpc.insecure_channel(self.target, options=[("grpc.use_local_subchannel_pool", 1), *self._options])

    def publisher(
        self, name: str | None = None, *, batch_size: int = 256, max_in_flight: int = 256, backoff: Backoff = Backoff(),
        on_rejection: Callable[[md.Rejection], None] | None = None,
    ) -> Publisher:
        """A publisher; with a name, each request is processed exactly once for the server's life."""
        return Publisher(
            self._new_channel, name, batch_size=batch_size, max_in_flight=max_in_flight, backoff=backoff,
            on_rejection=on_rejection,
        )

    def subscribe(self, *, everything: bool = False, backoff: Backoff = Backoff(), **filters: Any) -> Subscriber:
        """A subscription: symbols, types ("HIGH"), channels, directions, sessions, min_significance, from_sequence, from_time_ns,
        slow_consumer, max_queue, heartbeat_ms, end_when_caught_up."""
        return Subscriber(self._new_channel, subscribe_request(**filters), everything=everything, backoff=backoff)

    def session(self, name: str | None = None) -> Session:
        return Session(self._new_channel(), name)

    def watch_metrics(self, interval_ms: int = 1000) -> Iterator[metrics_pb2.MetricsSnapshot]:
        """Snapshots, one at once and then one each interval."""
        return iter(
            service_pb2_grpc.MarketStreamStub(self._channel).WatchMetrics(
                service_pb2.WatchMetricsRequest(interval_ms=interval_ms)
            )
        )

    def symbol_states(self, symbols: Iterable[str]) -> dict[str, service_pb2.SymbolState]:
        """What the detectors of these symbols stand at; unknown symbols are left out."""
        request = service_pb2.GetSymbolStateRequest(symbols=list(symbols))
        stub = service_pb2_grpc.MarketStreamStub(self._channel)
        return {state.symbol: state for state in stub.GetSymbolState(request, timeout=self._timeout).states}

    def metrics(self) -> metrics_pb2.MetricsSnapshot:
        return self._admin.GetMetrics(admin_pb2.GetMetricsRequest(), timeout=self._timeout).metrics

    def server_info(self) -> admin_pb2.GetServerInfoResponse:
        return self._admin.GetServerInfo(admin_pb2.GetServerInfoRequest(), timeout=self._timeout)

    def channels(self) -> list[admin_pb2.ChannelStatus]:
        return list(self._admin.ListChannels(admin_pb2.ListChannelsRequest(), timeout=self._timeout).channels)

    @property
    def _admin(self) -> admin_pb2_grpc.ChannelAdminStub:
        return admin_pb2_grpc.ChannelAdminStub(self._channel)

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
