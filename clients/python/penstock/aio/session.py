"""Everything on one bidirectional call, from asyncio."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from typing import Any

import grpc
import grpc.aio

from ..v1 import service_pb2 as sv
from ..v1 import service_pb2_grpc
from .._silence import of_answers
from ..errors import ServerError
from ..session import Frames, half_closed, has_ended
from ._ending import Ending, is_alive, responses, was_cancelled


class Session(Frames[Awaitable[None]]):
    """As `penstock.Session`; what sends is to be awaited, and frames are read by `async for`.

    Sending waits while the server takes nothing, as it does while nobody reads its answers: one task reads while another sends. grpcio ends the
    call when an `await` of it is cancelled.
    """

    def __init__(self, channel: grpc.aio.Channel, name: str | None = None) -> None:
        metadata = [("penstock-publisher", name)] if name is not None else None
        self._channel = channel
        self._call = service_pb2_grpc.MarketStreamStub(channel).Session(metadata=metadata)
        self._ending = Ending(self._call)
        # grpcio has one write under way at a time.
        self._writing = asyncio.Lock()
        self._is_half_closed = False
        self._is_closed = False

    async def half_close(self) -> None:
        """No more frames; the call ends after the last acknowledgement, or goes on while it is subscribed or watching."""
        self._is_half_closed = True
        async with self._writing:
            if not self._call.done():
                await self._call.done_writing()

    async def close(self) -> None:
        """Ends the call, and iterating over it; from any task of the event loop."""
        self._is_closed = True
        self._call.cancel()
        await self._channel.close()

    def __aiter__(self) -> AsyncGenerator[sv.ServerFrame, None]:
        return responses(
            self._call, self._ending, lambda: self._is_closed, of_answers(), lambda: is_alive(self._channel)
        )

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()

    async def _send(self, frame: sv.ClientFrame) -> None:
        async with self._writing:
            if self._call.done():
                raise await self._error()
            if self._is_half_closed:
                raise half_closed()
            try:
                await self._call.write(frame)
            except (grpc.RpcError, asyncio.InvalidStateError):
                raise await self._error() from None
            except asyncio.CancelledError:
                if self._is_closed and not was_cancelled(asyncio.current_task()):
                    raise await self._error() from None
                raise

    async def _error(self) -> ServerError:
        return has_ended(*await self._ending.status(await self._call.code(), await self._call.details()))
