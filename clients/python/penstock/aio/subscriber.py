"""Subscriptions for `async for`."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import grpc.aio

from ..v1 import events_pb2 as ev
from ..v1 import service_pb2_grpc
from .._retry import Backoff
from .._silence import of_heartbeats
from ..errors import ServerError
from ..subscriber import Subscription
from ._ending import Ending, responses


class Subscriber(Subscription):
    """As `penstock.Subscriber`, for `async for`."""

    def __init__(
        self, channel_factory: Callable[[], grpc.aio.Channel], request: ev.SubscribeRequest, *, everything: bool = False,
        backoff: Backoff = Backoff(),
    ) -> None:
        super().__init__(request, everything, backoff)
        self._channel_factory = channel_factory
        self._closed = asyncio.Event()

    async def close(self) -> None:
        """Ends the iteration; from any task of the event loop."""
        self._closed.set()
        if self._call is not None:
            self._call.cancel()

    async def __aenter__(self) -> Subscriber:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()

    async def __aiter__(self) -> AsyncGenerator[Any, None]:
        while not self._closed.is_set():
            async with self._channel_factory() as channel:
                self._call = service_pb2_grpc.MarketStreamStub(channel).Subscribe(self._cursor.next_request())
                silence = of_heartbeats(self._cursor.request.heartbeat_ms)
                try:
                    async for response in responses(self._call, Ending(self._call), self._closed.is_set, silence):
                        for item in self._wanted(response):
                            yield item
                    return
                except ServerError as error:
                    delay = self._delay_after(error)
                finally:
                    self._call.cancel()
            try:
                await asyncio.wait_for(self._closed.wait(), delay)
            except asyncio.TimeoutError:
                pass
