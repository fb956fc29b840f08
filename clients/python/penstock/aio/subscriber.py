"""Subscriptions for `async for`."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import grpc.aio

from .._proto import service_pb2_grpc
from .._requests import subscribe_request
from .._retry import RETRIABLE, Backoff
from ..subscriber import Cursor, Event, Missed


class Subscriber:
    """As `penstock.Subscriber`, for `async for`."""

    def __init__(
        self, channel_factory: Callable[[], grpc.aio.Channel], filters: dict[str, Any], *, everything: bool = False,
        backoff: Backoff = Backoff(),
    ) -> None:
        self.missed: list[Missed] = []
        self.reconnects = 0
        self._cursor = Cursor(subscribe_request(**filters))
        self._channel_factory = channel_factory
        self._everything = everything
        self._backoff = backoff

    @property
    def last_sequence(self) -> int | None:
        return self._cursor.last_sequence

    async def __aiter__(self) -> AsyncIterator[Any]:
        attempt = 0
        while True:
            async with self._channel_factory() as channel:
                call = service_pb2_grpc.MarketStreamStub(channel).Subscribe(self._cursor.next_request())
                try:
                    async for response in call:
                        attempt = 0
                        for item in self._cursor.items(response):
                            if isinstance(item, Missed):
                                self.missed.append(item)
                            if self._everything or isinstance(item, Event):
                                yield item
                    return
                except grpc.aio.AioRpcError as error:
                    attempt += 1
                    if error.code() not in RETRIABLE or self._backoff.gives_up(attempt):
                        raise
                finally:
                    call.cancel()
            await asyncio.sleep(self._backoff.delay(attempt))
            self.reconnects += 1
