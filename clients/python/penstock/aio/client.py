"""The way in from asyncio."""
from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from typing import Any

import grpc.aio

from .._channels import channel_options
from .._items import Batch, Item, TickTuple
from ..v1 import admin_pb2, metrics_pb2, service_pb2, service_pb2_grpc
from .._rejections import Rejection
from .._requests import subscribe_request, names
from .._retry import Backoff
from .._silence import of_snapshots
from .._specs import Settings
from ._ending import Ending, responses
from .channel_admin import Admin, perform
from .publisher import Publisher
from .replay import Replay
from .session import Session
from .subscriber import Subscriber


def connect(target: str = "127.0.0.1:7171", *, timeout: float = 10.0, options: Sequence[tuple[str, Any]] = ()) -> Client:
    """A client of the server at HOST:PORT, as `penstock.connect`."""
    return Client(target, timeout=timeout, options=options)


class Client:
    """As `penstock.Client`, whose methods say what each does; to be used with `async with`."""

    def __init__(
        self, target: str = "127.0.0.1:7171", *, timeout: float = 10.0, options: Sequence[tuple[str, Any]] = (),
    ) -> None:
        self.target = target
        self._timeout = timeout
        self._options = channel_options(options)
        #: Steers the server: channels, profiles, routing, sessions.
        self.admin = Admin(self._shared_channel, timeout)
        self._shared: grpc.aio.Channel | None = None

    def _new_channel(self) -> grpc.aio.Channel:
        return grpc.aio.insecure_channel(self.target, options=self._options)

    def _shared_channel(self) -> grpc.aio.Channel:
        """Of single calls and metrics; made by the first, in its event loop."""
        if self._shared is None:
            self._shared = self._new_channel()
        return self._shared

    def publisher(
        self, name: str | None = None, *, batch_size: int = 256, max_in_flight: int = 256, backoff: Backoff = Backoff(),
        on_rejection: Callable[[Rejection], None] | None = None,
    ) -> Publisher:
        """A publisher, for `async with`."""
        return Publisher(
            self._new_channel, name, batch_size=batch_size, max_in_flight=max_in_flight, backoff=backoff,
            on_rejection=on_rejection,
        )

    def subscribe(self, *, everything: bool = False, backoff: Backoff = Backoff(), **filters: Any) -> Subscriber:
        """A subscription, for `async for`; filters as of `penstock.Client.subscribe`."""
        return Subscriber(self._new_channel, subscribe_request(**filters), everything=everything, backoff=backoff)

    def replay(
        self, items: Iterable[Item | Batch | TickTuple | Any],
        channels: Iterable[admin_pb2.ChannelSpec | Settings] | None = None,
        profiles: Iterable[admin_pb2.ProfileSpec | Settings] | None = None, *, batch_size: int = 256,
        timeout: float | None = None,
    ) -> Replay:
        """A back-test, for `async for`."""
        return Replay(
            self._new_channel(), items, channels=channels, profiles=profiles, batch_size=batch_size, timeout=timeout
        )

    def session(self, name: str | None = None) -> Session:
        """Everything on one call, for `async with`; to be made in the event loop."""
        return Session(self._new_channel(), name)

    async def watch_metrics(self, interval_ms: int = 1000) -> AsyncGenerator[metrics_pb2.MetricsSnapshot, None]:
        """Snapshots, for `async for`."""
        channel = self._shared_channel()
        request = service_pb2.WatchMetricsRequest(interval_ms=interval_ms)
        call = service_pb2_grpc.MarketStreamStub(channel).WatchMetrics(request)
        try:
            silence = of_snapshots(interval_ms)
            async for snapshot in responses(call, Ending(call), lambda: self._shared is not channel, silence):
                yield snapshot
        finally:
            call.cancel()

    async def symbol_states(self, symbols: Iterable[str]) -> dict[str, service_pb2.SymbolState]:
        stub = service_pb2_grpc.MarketStreamStub(self._shared_channel())
        request = service_pb2.GetSymbolStateRequest(symbols=names(symbols))
        response = await perform(stub.GetSymbolState, request, self._timeout)
        return {state.symbol: state for state in response.states}

    async def metrics(self) -> metrics_pb2.MetricsSnapshot:
        return await self.admin.metrics()

    async def server_info(self) -> admin_pb2.GetServerInfoResponse:
        return await self.admin.server_info()

    async def channels(self) -> list[admin_pb2.ChannelStatus]:
        return await self.admin.list_channels()

    async def close(self) -> None:
        """Ends single calls and `watch_metrics`; publishers, subscribers, sessions and replays have an end of their own."""
        shared, self._shared = self._shared, None
        if shared is not None:
            await shared.close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()
