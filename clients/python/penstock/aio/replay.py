"""Back-tests from asyncio."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from typing import Any

import grpc
import grpc.aio

from .._batching import Batcher
from .._items import Batch, Item, TickTuple
from ..v1 import admin_pb2 as ad
from ..v1 import service_pb2_grpc
from .._silence import of_answers
from .._specs import Settings
from ..replay import ReplayOutcome, ReplaySummary, numbered, replay_setup
from ..subscriber import Event
from ._ending import Ending, is_alive, responses


class Replay(ReplayOutcome):
    """As `penstock.Replay`, for `async for`; the data are read in the event loop, a batch at a time."""

    def __init__(
        self, channel: grpc.aio.Channel, items: Iterable[Item | Batch | TickTuple | Any], *,
        channels: Iterable[ad.ChannelSpec | Settings] | None = None,
        profiles: Iterable[ad.ProfileSpec | Settings] | None = None, batch_size: int = 256,
        timeout: float | None = None,
    ) -> None:
        super().__init__()
        self._requests = numbered(replay_setup(channels, profiles), Batcher(batch_size), items, self._ledger.book)
        self._timeout = timeout
        self._failure: Exception | None = None
        self._channel = channel
        self._events = self._read()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        return await self._events.__anext__()

    async def run(self) -> ReplaySummary:
        """Reads on to the end, past all events, and returns the summary."""
        async for _ in self._events:
            pass
        return self.summary

    async def close(self) -> None:
        """Ends the replay, wherever it is."""
        await self._events.aclose()
        await self._channel.close()

    async def __aenter__(self) -> Replay:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()

    # -- Inside

    async def _read(self) -> AsyncGenerator[Event, None]:
        async with self._channel as channel:
            call = service_pb2_grpc.MarketStreamStub(channel).Replay(timeout=self._timeout)
            answers = responses(call, Ending(call), lambda: False, of_answers(), lambda: is_alive(channel))
            writer = asyncio.create_task(self._write(call))
            try:
                async for response in answers:
                    for event in self._ledger.events(response):
                        yield event
                self._ledger.finished()
            except asyncio.CancelledError:
                # So ends a call that was cancelled here, and a task that was cancelled elsewhere.
                if self._failure is not None:
                    raise self._failure from None
                raise
            finally:
                writer.cancel()
                call.cancel()

    async def _write(self, call: Any) -> None:
        """Sends the data. What reading them raises ends the call, and is raised where the events are read."""
        while True:
            try:
                request = next(self._requests, None)
            except Exception as failure:  # noqa: BLE001
                self._failure = failure
                call.cancel()
                return
            try:
                if request is None:
                    await call.done_writing()
                    return
                await call.write(request)
            except (grpc.RpcError, asyncio.InvalidStateError):
                # The call has ended; its status says why, where the events are read.
                return
