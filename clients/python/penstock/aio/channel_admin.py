"""Steering a server from asyncio."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import grpc
import grpc.aio

from .. import _asks
from .._asks import Answer, Ask
from ..v1 import admin_pb2 as ad
from ..v1 import metrics_pb2 as me
from .._specs import ChannelSettings, ProfileSettings, Settings
from ..errors import server_error

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Admin:
    """As `penstock.Admin`, whose methods say what each does; each is to be awaited."""

    def __init__(self, channel: Callable[[], grpc.aio.Channel], timeout: float | None = 10.0) -> None:
        # Asked for at each call: a channel of grpc.aio belongs to the event loop that runs when it is made.
        self._channel = channel
        self._timeout = timeout

    def with_timeout(self, timeout: float | None) -> Admin:
        return Admin(self._channel, timeout)

    # -- Channels

    async def list_channels(self) -> list[ad.ChannelStatus]:
        return await self._ask(_asks.list_channels())

    async def get_channel(self, name: str) -> ad.ChannelStatus:
        return await self._ask(_asks.get_channel(name))

    async def create_channel(
        self, name: str, type: str | int, settings: Settings | None = None, *, validate_only: bool = False,
        **more: Unpack[ChannelSettings],
    ) -> ad.ChannelStatus:
        return await self._ask(_asks.create_channel(name, type, {**(settings or {}), **more}, validate_only))

    async def update_channel(
        self, name: str, settings: Settings | None = None, *, expected_version: int = 0, validate_only: bool = False,
        **more: Unpack[ChannelSettings],
    ) -> ad.ChannelStatus:
        return await self._ask(_asks.update_channel(name, {**(settings or {}), **more}, expected_version, validate_only))

    async def delete_channel(self, name: str) -> ad.ChannelStatus:
        return await self._ask(_asks.delete_channel(name))

    async def pause_channel(self, name: str) -> ad.ChannelStatus:
        return await self._ask(_asks.pause_channel(name))

    async def resume_channel(self, name: str) -> ad.ChannelStatus:
        return await self._ask(_asks.resume_channel(name))

    async def drain_channel(self, name: str) -> ad.ChannelStatus:
        return await self._ask(_asks.drain_channel(name))

    async def start_channel(self, name: str) -> ad.ChannelStatus:
        return await self._ask(_asks.start_channel(name))

    async def trip_breaker(self, name: str) -> ad.ChannelStatus:
        return await self._ask(_asks.trip_breaker(name))

    async def reset_breaker(self, name: str) -> ad.ChannelStatus:
        return await self._ask(_asks.reset_breaker(name))

    # -- Symbols and where they go

    async def get_routing(self) -> ad.GetRoutingResponse:
        return await self._ask(_asks.get_routing())

    async def set_routing(
        self, type: str | int, *, strategy: str | int | None = None, seed: int | None = None,
    ) -> list[ad.RoutingSpec]:
        return await self._ask(_asks.set_routing(type, strategy, seed))

    async def rebalance(self, type: str | int) -> int:
        return await self._ask(_asks.rebalance(type))

    async def reset_symbols(self, symbols: Iterable[str]) -> int:
        return await self._ask(_asks.reset_symbols(symbols))

    # -- Profiles

    async def get_profile(self, name: str) -> ad.ProfileStatus:
        return await self._ask(_asks.get_profile(name))

    async def update_profile(
        self, name: str, settings: Settings | None = None, *, expected_version: int = 0, validate_only: bool = False,
        **more: Unpack[ProfileSettings],
    ) -> ad.ProfileStatus:
        return await self._ask(_asks.update_profile(name, {**(settings or {}), **more}, expected_version, validate_only))

    # -- The server

    async def list_sessions(self) -> list[ad.SessionInfo]:
        return await self._ask(_asks.list_sessions())

    async def disconnect_session(self, id: str) -> None:
        await self._ask(_asks.disconnect_session(id))

    async def metrics(self) -> me.MetricsSnapshot:
        return await self._ask(_asks.metrics())

    async def server_info(self) -> ad.GetServerInfoResponse:
        return await self._ask(_asks.server_info())

    async def shutdown(self, grace_ms: int = 0) -> None:
        await self._ask(_asks.shutdown(grace_ms))

    # -- Inside

    async def _ask(self, ask: Ask[Answer]) -> Answer:
        return await perform(ask, self._channel(), self._timeout)


async def perform(ask: Ask[Answer], channel: grpc.aio.Channel, timeout: float | None) -> Answer:
    """Makes one call; `timeout` in seconds. Raises ServerError."""
    method = getattr(ask.service(channel), ask.method)
    try:
        return ask.read(await method(ask.request, timeout=timeout))
    except grpc.aio.AioRpcError as error:
        raise server_error(error) from error
