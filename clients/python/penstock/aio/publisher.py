"""Publishing for asyncio."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import grpc
import grpc.aio

from .._batching import Gathered
from .._forms import Forms
from ..v1 import market_data_pb2 as md
from ..v1 import service_pb2_grpc
from .._rejections import Rejection
from .._retry import Attempts, Backoff, ended_early
from .._silence import of_answers
from ..errors import ServerError
from ._ending import Ending, is_alive, responses


class Publisher(Forms[Awaitable[None]]):
    """As `penstock.Publisher`, whose methods say what each does; those that send are to be awaited.

    To be used with `async with`, from one task at a time. `on_rejection` is called in the event loop. A cancelled `await` has sent what it
    had taken: `items` says how many.
    """

    def __init__(
        self, channel_factory: Callable[[], grpc.aio.Channel], name: str | None = None, *, batch_size: int = 256,
        max_in_flight: int = 256, backoff: Backoff = Backoff(), on_rejection: Callable[[Rejection], None] | None = None,
    ) -> None:
        super().__init__(
            name, batch_size=batch_size, max_in_flight=max_in_flight, backoff=backoff, on_rejection=on_rejection
        )
        self._channel_factory = channel_factory
        self._changed = asyncio.Condition()
        self._outbox: asyncio.Queue[md.PublishRequest | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    # -- Sending

    async def flush(self, timeout: float | None = None) -> int:
        """Sends what is gathered and waits until all is acknowledged; returns the acknowledged sequence.

        Raises TimeoutError when `timeout` seconds have passed, PublishError when the server ended the stream.
        """
        await self._send_all(self._batcher.rest())
        try:
            await asyncio.wait_for(self._until(lambda: not self._ledger.unacknowledged), timeout)
        except asyncio.TimeoutError:
            # Not the built-in one before Python 3.11.
            raise self._ledger.overdue(timeout) from None
        return self._ledger.acked

    async def close(self, timeout: float | None = None) -> None:
        """Flushes and ends the stream; raises what `flush` does, unless that was raised before, and gives up then what is not acknowledged."""
        patience = 0
        try:
            if not self._error_told:
                await self.flush(timeout)
            patience = 10
        finally:
            await self._end(patience)

    async def __aenter__(self) -> Publisher:
        self._task = asyncio.create_task(self._run())
        try:
            if self.name is not None:
                await self._until(lambda: self._ledger.begun)
        except BaseException:
            self._task.cancel()
            raise
        return self

    async def __aexit__(self, kind: Any, value: Any, trace: Any) -> None:
        if kind is None:
            await self.close()
        else:
            await self._end(10)

    # -- Inside

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: holds() or self._error is not None)
        self._raise_if_failed()

    async def _send_all(self, requests: Iterable[Gathered]) -> None:
        for gathered in requests:
            try:
                await self._until(self._has_room)
            finally:
                # When it is cancelled too: the items are taken from the caller, and one request too many is better than one lost.
                if self._error is None:
                    self._outbox.put_nowait(self._ledger.add(gathered))

    async def _end(self, patience: float) -> None:
        self._closing = True
        self._outbox.put_nowait(None)
        if self._task is not None:
            await asyncio.wait([self._task], timeout=patience)
            self._task.cancel()

    async def _run(self) -> None:
        attempts = Attempts(self._backoff)
        try:
            while True:
                progressed, error = await self._connect_once()
                if self._closing and not self._ledger.unacknowledged:
                    return
                await asyncio.sleep(attempts.delay_after(error, progressed))
                self.reconnects += 1
        except Exception as error:  # noqa: BLE001: told to the producer, whatever it is
            self._error = error
            async with self._changed:
                self._changed.notify_all()

    async def _connect_once(self) -> tuple[bool, grpc.RpcError]:
        """One call, to its end. Returns whether it acknowledged anything, and what it ended with."""
        before = self._ledger.acked
        async with self._channel_factory() as channel:
            metadata = [("penstock-publisher", self.name)] if self.name is not None else None
            outbox: asyncio.Queue[md.PublishRequest | None] = asyncio.Queue()
            call = service_pb2_grpc.MarketStreamStub(channel).Publish(_until_none(outbox), metadata=metadata)
            ending = Ending(call)
            try:
                if self.name is None:
                    self._begin_call(outbox)
                silence = of_answers(self._is_owed_an_answer)
                async for response in responses(call, ending, lambda: False, silence, lambda: is_alive(channel)):
                    if self._outbox is not outbox:
                        self._begin_call(outbox, response.resume_sequence)
                    self._ledger.hand_over(self._ledger.rejections_in(response))
                    self._ledger.heard(response)
                    async with self._changed:
                        self._changed.notify_all()
                return self._ledger.acked > before, ended_early()
            except ServerError as error:
                self._ledger.lost(error)
                return self._ledger.acked > before, error
            finally:
                outbox.put_nowait(None)

    def _begin_call(self, outbox: asyncio.Queue[md.PublishRequest | None], resume: int = 0) -> None:
        """Sends what is due on a new call, and everything from now on."""
        for request in self._ledger.begin_call(resume):
            outbox.put_nowait(request)
        self._outbox = outbox
        if self._closing:
            outbox.put_nowait(None)


async def _until_none(outbox: asyncio.Queue[md.PublishRequest | None]) -> AsyncIterator[md.PublishRequest]:
    while (request := await outbox.get()) is not None:
        yield request
