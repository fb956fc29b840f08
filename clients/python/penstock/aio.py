"""The same for asyncio: `connect`, `Publisher`, `Subscriber`.

    async with penstock.aio.connect() as client:
        async with client.publisher("my-feed") as publisher:
            await publisher.publish([("SPY", timestamp_ns, 512.3, 100)])
        async for event in client.subscribe(symbols=["SPY"]):
            print(event)
"""
from __future__ import annotations

import asyncio
import collections
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any

import grpc
import grpc.aio

from ._proto import market_data_pb2 as md
from ._proto import service_pb2_grpc
from ._requests import TickTuple, column_chunks, subscribe_request, to_tick
from ._retry import RETRIABLE, Backoff
from .publisher import PublishError, Totals
from .subscriber import Cursor, Event, Missed


def connect(target: str = "127.0.0.1:7171") -> Client:
    return Client(target)


class Client:
    def __init__(self, target: str = "127.0.0.1:7171") -> None:
        self.target = target

    def _new_channel(self) -> grpc.aio.Channel:
        return grpc.aio.insecure_channel(self.target, options=[("grpc.use_local_subchannel_pool", 1)])

    def publisher(self, name: str | None = None, **options: Any) -> Publisher:
        return Publisher(self._new_channel, name, **options)

    def subscribe(self, *, everything: bool = False, backoff: Backoff = Backoff(), **filters: Any) -> Subscriber:
        return Subscriber(self._new_channel, filters, everything=everything, backoff=backoff)

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: Any) -> None:
        return None


class Publisher:
    """As `penstock.Publisher`; to be used with `async with`."""

    def __init__(
        self, channel_factory: Callable[[], grpc.aio.Channel], name: str | None = None, *, batch_size: int = 256,
        max_in_flight: int = 256, backoff: Backoff = Backoff(),
    ) -> None:
        self.name = name
        self.acked_sequence = 0
        self.rejections: collections.deque[md.Rejection] = collections.deque(maxlen=1000)
        self.reconnects = 0
        self._channel_factory = channel_factory
        self._batch_size = batch_size
        self._max_in_flight = max_in_flight
        self._backoff = backoff
        self._ticks: list[md.Tick] = []
        self._sequence = 0
        self._unacknowledged: collections.deque[md.PublishRequest] = collections.deque()
        self._earlier = Totals()
        self._last = md.PublishResponse()
        self._changed = asyncio.Condition()
        self._outbox: asyncio.Queue[md.PublishRequest | None] = asyncio.Queue()
        self._error: BaseException | None = None
        self._resumed = False
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    @property
    def totals(self) -> Totals:
        return self._earlier.plus(self._last)

    async def __aenter__(self) -> Publisher:
        self._task = asyncio.create_task(self._run())
        if self.name is not None:
            await self._until(lambda: self._resumed)
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

    async def publish(self, ticks: Iterable[md.Tick | TickTuple | Any]) -> None:
        for tick in ticks:
            self._ticks.append(to_tick(tick))
            if len(self._ticks) >= self._batch_size:
                await self._send_ticks()

    async def publish_columns(
        self, symbol: Sequence[str] | str, timestamp_ns: Sequence[int], price: Sequence[float], size: Sequence[float],
        conditions: Sequence[int] | None = None, *, rows: int = 8192,
    ) -> None:
        await self._send_ticks()
        for columns in column_chunks(symbol, timestamp_ns, price, size, conditions, rows):
            await self._send(md.PublishRequest(tick_columns=columns))

    async def flush(self) -> int:
        await self._send_ticks()
        await self._until(lambda: not self._unacknowledged)
        return self.acked_sequence

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: holds() or self._error is not None)
        if self._error is not None:
            raise PublishError(str(self._error)) from self._error

    async def _send_ticks(self) -> None:
        if self._ticks:
            ticks, self._ticks = self._ticks, []
            await self._send(md.PublishRequest(ticks=md.TickBatch(ticks=ticks)))

    async def _send(self, request: md.PublishRequest) -> None:
        await self._until(lambda: len(self._unacknowledged) < self._max_in_flight)
        self._sequence += 1
        request.sequence = self._sequence
        self._unacknowledged.append(request)
        self._outbox.put_nowait(request)

    async def _run(self) -> None:
        attempt = 0
        try:
            while True:
                before = self.acked_sequence
                try:
                    await self._connect_once()
                    return
                except grpc.aio.AioRpcError as error:
                    attempt = 1 if self.acked_sequence > before else attempt + 1
                    if error.code() not in RETRIABLE or self._backoff.gives_up(attempt):
                        raise
                    if self._closing and not self._unacknowledged:
                        return
                await asyncio.sleep(self._backoff.delay(attempt))
                self.reconnects += 1
        except Exception as error:  # noqa: BLE001: told to the producer, whatever it is
            self._error = error
            async with self._changed:
                self._changed.notify_all()

    async def _connect_once(self) -> None:
        async with self._channel_factory() as channel:
            metadata = [("penstock-publisher", self.name)] if self.name is not None else None
            outbox: asyncio.Queue[md.PublishRequest | None] = asyncio.Queue()

            async def requests() -> AsyncIterator[md.PublishRequest]:
                while (request := await outbox.get()) is not None:
                    yield request

            call = service_pb2_grpc.MarketStreamStub(channel).Publish(requests(), metadata=metadata)
            try:
                if self.name is None:
                    self._restart(outbox, 0)
                async for response in call:
                    if self._outbox is not outbox:
                        self._restart(outbox, response.resume_sequence)
                    self._last = response
                    self.acked_sequence = max(self.acked_sequence, response.acked_sequence)
                    while self._unacknowledged and self._unacknowledged[0].sequence <= self.acked_sequence:
                        self._unacknowledged.popleft()
                    self.rejections.extend(response.rejections)
                    async with self._changed:
                        self._changed.notify_all()
            finally:
                outbox.put_nowait(None)

    def _restart(self, outbox: asyncio.Queue[md.PublishRequest | None], resume: int) -> None:
        if not self._resumed:
            self._resumed = True
            self._sequence = max(self._sequence, resume)
        self._earlier = self._earlier.plus(self._last)
        self._last = md.PublishResponse()
        while self._unacknowledged and self._unacknowledged[0].sequence <= resume:
            self._unacknowledged.popleft()
        for request in self._unacknowledged:
            outbox.put_nowait(request)
        self._outbox = outbox
        if self._closing:
            outbox.put_nowait(None)


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
