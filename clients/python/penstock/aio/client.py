"""The way in from asyncio."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import grpc.aio

from .._items import Batch, Item, TickTuple
from .._proto import admin_pb2
from .._retry import Backoff
from .._specs import Settings
from .channel_admin import Admin
from .publisher import Publisher
from .replay import Replay
from .subscriber import Subscriber


def connect(target: str = "127.0.0.1:7171", *, timeout: float = 10.0) -> Client:
    """A client of the server at HOST:PORT. Nothing is sent before the first call; `timeout` bounds single calls, in seconds."""
    return Client(target, timeout=timeout)


class Client:
    """As `penstock.Client`; to be used with `async with`."""

    def __init__(self, target: str = "127.0.0.1:7171", *, timeout: float = 10.0) -> None:
        self.target = target
        #: Steers the server: channels, profiles, routing, sessions.
        self.admin = Admin(self._shared_channel, timeout)
        self._shared: grpc.aio.Channel | None = None

    def _new_channel(self) -> grpc.aio.Channel:
        return grpc.aio.insecure_channel(self.target, options=[("grpc.use_local_subchannel_pool", 1)])

    def _shared_channel(self) -> grpc.aio.Channel:
        """Of single calls; made by the first, in its event loop."""
        if self._shared is None:
            self._shared = self._new_channel()
        return self._shared

    def publisher(self, name: str | None = None, **options: Any) -> Publisher:
        """A publisher; options as of `penstock.Client.publisher`."""
        return Publisher(self._new_channel, name, **options)

    def subscribe(self, *, everything: bool = False, backoff: Backoff = Backoff(), **filters: Any) -> Subscriber:
        """A subscription; filters as of `penstock.Client.subscribe`."""
        return Subscriber(self._new_channel, filters, everything=everything, backoff=backoff)

    def replay(
        self, items: Iterable[Item | Batch | TickTuple | Any],
        channels: Iterable[admin_pb2.ChannelSpec | Settings] | None = None,
        profiles: Iterable[admin_pb2.ProfileSpec | Settings] | None = None, *, batch_size: int = 256,
        timeout: float | None = None,
    ) -> Replay:
        """A back-test, as `penstock.Client.replay`; for `async for`."""
        return Replay(
            self._new_channel(), items, channels=channels, profiles=profiles, batch_size=batch_size, timeout=timeout
        )

    async def close(self) -> None:
        if self._shared is not None:
            await self._shared.close()
            self._shared = None

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()
