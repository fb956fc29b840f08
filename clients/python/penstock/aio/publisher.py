"""Publishing for asyncio."""
from __future__ import annotations

import asyncio
import collections
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any

import grpc
import grpc.aio

from .. import columns
from .._batching import Batcher
from .._items import BarTuple, Batch, FairValueTuple, Item, TickTuple, to_bar, to_fair_value, to_item
from .._ledger import Ledger, Totals
from .._proto import market_data_pb2 as md
from .._proto import service_pb2_grpc
from .._retry import Attempts, Backoff, ended_early
from ..errors import PublishError
from ._ending import Ending


class Publisher:
    """As `penstock.Publisher`; to be used with `async with`, from one task at a time."""

    def __init__(
        self, channel_factory: Callable[[], grpc.aio.Channel], name: str | None = None, *, batch_size: int = 256,
        max_in_flight: int = 256, backoff: Backoff = Backoff(), on_rejection: Callable[[md.Rejection], None] | None = None,
    ) -> None:
        if batch_size < 1 or max_in_flight < 1:
            raise ValueError("batch_size and max_in_flight must be at least 1")
        self.name = name
        self.reconnects = 0
        self._channel_factory = channel_factory
        self._max_in_flight = max_in_flight
        self._backoff = backoff
        self._batcher = Batcher(batch_size)
        self._ledger = Ledger(on_rejection)
        self._changed = asyncio.Condition()
        self._outbox: asyncio.Queue[md.PublishRequest | None] = asyncio.Queue()
        self._error: BaseException | None = None
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    # -- Sending

    async def publish(self, items: Iterable[Item | Batch | TickTuple | Any]) -> None:
        """Adds items of any kind; see `penstock.Publisher.publish`."""
        await self._send_all(self._batcher.add_all(items, to_item))

    async def publish_bars(self, bars: Iterable[md.Bar | BarTuple | Any]) -> None:
        """Adds bars; see `penstock.Publisher.publish_bars`."""
        await self._send_all(self._batcher.add_all(bars, to_bar))

    async def publish_fair_values(self, values: Iterable[md.FairMarketValue | FairValueTuple | Any]) -> None:
        """Adds fair market values; see `penstock.Publisher.publish_fair_values`."""
        await self._send_all(self._batcher.add_all(values, to_fair_value))

    async def publish_columns(
        self, symbol: Sequence[str] | str, timestamp_ns: Sequence[int], price: Sequence[float], size: Sequence[float],
        conditions: Sequence[int] | None = None, *, rows: int = 8192,
    ) -> None:
        """Sends ticks by column: lists, numpy arrays or pandas series of equal length; `symbol` may be one for all."""
        await self.publish(columns.tick_columns(symbol, timestamp_ns, price, size, conditions, rows=rows))

    async def publish_bar_columns(
        self, symbol: Sequence[str] | str, start_ns: Sequence[int], duration_ns: Sequence[int] | int,
        open: Sequence[float], high: Sequence[float], low: Sequence[float], close: Sequence[float],
        volume: Sequence[float], vwap: Sequence[float] | None = None, trade_count: Sequence[int] | None = None, *,
        rows: int = 4096,
    ) -> None:
        """Sends bars by column, as `columns.bar_batches` takes them: in batches of `rows`."""
        await self.publish(
            columns.bar_batches(
                symbol, start_ns, duration_ns, open, high, low, close, volume, vwap, trade_count, rows=rows
            )
        )

    async def publish_fair_value_columns(
        self, symbol: Sequence[str] | str, timestamp_ns: Sequence[int], fair_value: Sequence[float],
        market_price: Sequence[float] | None = None, confidence: Sequence[float] | None = None,
        model: Sequence[str] | str = "", *, rows: int = 4096,
    ) -> None:
        """Sends fair market values by column, as `columns.fair_value_batches` takes them: in batches of `rows`."""
        await self.publish(
            columns.fair_value_batches(symbol, timestamp_ns, fair_value, market_price, confidence, model, rows=rows)
        )

    async def publish_frame(self, frame: Any, *, rows: int = 8192) -> None:
        """Sends a pandas DataFrame of ticks, as `columns.tick_frame` takes it."""
        await self.publish(columns.tick_frame(frame, rows=rows))

    async def publish_bar_frame(self, frame: Any, *, rows: int = 4096) -> None:
        """Sends a pandas DataFrame of bars, as `columns.bar_frame` takes it."""
        await self.publish(columns.bar_frame(frame, rows=rows))

    async def publish_fair_value_frame(self, frame: Any, *, rows: int = 4096) -> None:
        """Sends a pandas DataFrame of fair market values, as `columns.fair_value_frame` takes it."""
        await self.publish(columns.fair_value_frame(frame, rows=rows))

    async def flush(self) -> int:
        """Sends what is gathered and waits until all is acknowledged; returns the acknowledged sequence."""
        await self._send_all(self._batcher.rest())
        await self._until(lambda: not self._ledger.unacknowledged)
        return self._ledger.acked

    @property
    def acked_sequence(self) -> int:
        """Every request up to it has been processed."""
        return self._ledger.acked

    @property
    def rejections(self) -> collections.deque[md.Rejection]:
        """The newest 1,000 items that the server did not take: request, place in it, code and why."""
        return self._ledger.rejections

    @property
    def totals(self) -> Totals:
        return self._ledger.totals

    async def __aenter__(self) -> Publisher:
        self._task = asyncio.create_task(self._run())
        if self.name is not None:
            await self._until(lambda: self._ledger.begun)
        return self

    async def __aexit__(self, kind: Any, value: Any, trace: Any) -> None:
        try:
            if kind is None:
                await self.flush()
        finally:
            self._closing = True
            self._outbox.put_nowait(None)
            if self._task is not None:
                await asyncio.wait([self._task], timeout=10)
                self._task.cancel()

    # -- Inside

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: holds() or self._error is not None)
        if self._error is not None:
            raise PublishError(self._error) from self._error

    async def _send_all(self, requests: Iterable[md.PublishRequest]) -> None:
        for request in requests:
            await self._until(lambda: len(self._ledger.unacknowledged) < self._max_in_flight)
            self._outbox.put_nowait(self._ledger.add(request))

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
                async for response in call:
                    if self._outbox is not outbox:
                        self._begin_call(outbox, response.resume_sequence)
                    # First the rejections: whoever waits for an acknowledgement then has those that it covers.
                    self._ledger.hand_over(response)
                    self._ledger.heard(response)
                    async with self._changed:
                        self._changed.notify_all()
                return self._ledger.acked > before, ended_early()
            except grpc.aio.AioRpcError as error:
                return self._ledger.acked > before, await ending.of(error) or ended_early()
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
