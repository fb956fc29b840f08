"""Publishing with acknowledgements and reconnection."""
from __future__ import annotations

import collections
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import grpc

from . import columns
from ._batching import Batcher
from ._items import BarTuple, Batch, FairValueTuple, Item, TickTuple, to_bar, to_fair_value, to_item
from ._ledger import Ledger, Totals
from ._proto import market_data_pb2 as md
from ._proto import service_pb2_grpc
from ._retry import Attempts, Backoff, ended_early
from .errors import PublishError


class Publisher:
    """Sends ticks, bars and fair market values, and keeps each request until it is acknowledged.

    With a `name` every request is processed exactly once for the server's life: after a lost connection the server says where to
    resume. Without one, what is unacknowledged is sent again, and may be processed twice (at least once).

    Items gather until there are `batch_size` of them (1 or more; the server takes at most `max_items` in a request, 65,536 unless it is
    configured otherwise), until one of another kind comes, or until `flush()`; all are sent in the order in which they were given.
    `max_in_flight` requests may be unacknowledged, then calls wait. An item that the server does not take ends nothing: see `rejections`.

    Every method that sends raises `PublishError` when the server ended the stream for good or was not reached again.
    Thread-safe for one producer thread.
    """

    def __init__(
        self, channel_factory: Callable[[], grpc.Channel], name: str | None = None, *, batch_size: int = 256,
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
        self._condition = threading.Condition()
        # Guarded by the condition, as is the outbox.
        self._ledger = Ledger(on_rejection)
        self._error: BaseException | None = None
        self._closing = False
        self._done = threading.Event()
        self._outbox: queue.SimpleQueue[md.PublishRequest | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="penstock-publisher", daemon=True)
        self._thread.start()
        if name is not None:
            # A named publisher numbers its requests from where the server says.
            with self._condition:
                self._condition.wait_for(lambda: self._ledger.begun or self._error)
            self._raise_if_failed()

    # -- Sending

    def tick(self, symbol: str, timestamp_ns: int, price: float, size: float, conditions: int = 0) -> None:
        """Adds one tick to the batch at hand: price > 0, size >= 0; bit 0 of `conditions`: not eligible for high/low, bit 1: for volume."""
        self._send_all(
            self._batcher.add(
                md.Tick(symbol=symbol, timestamp_ns=timestamp_ns, price=price, size=size, conditions=conditions)
            )
        )

    def bar(
        self, symbol: str, start_ns: int, duration_ns: int, open: float, high: float, low: float, close: float,
        volume: float, vwap: float = 0, trade_count: int = 0,
    ) -> None:
        """Adds one bar of [start_ns, start_ns + duration_ns) to the batch at hand: low <= open, close <= high, all > 0, volume >= 0; 0 in the
        last two means "not given"."""
        self._send_all(
            self._batcher.add(
                to_bar((symbol, start_ns, duration_ns, open, high, low, close, volume, vwap, trade_count))
            )
        )

    def fair_value(
        self, symbol: str, timestamp_ns: int, fair_value: float, market_price: float = 0, confidence: float = 0,
        model: str = "",
    ) -> None:
        """Adds one fair market value to the batch at hand. `market_price` 0 = the last price that the tick channels have seen;
        `confidence` 0 to 1, 0 = not given, taken as 1; `model` at most 32 bytes of printable ASCII."""
        self._send_all(
            self._batcher.add(
                md.FairMarketValue(
                    symbol=symbol, timestamp_ns=timestamp_ns, fair_value=fair_value, market_price=market_price,
                    confidence=confidence, model=model,
                )
            )
        )

    def publish(self, items: Iterable[Item | Batch | TickTuple | Any]) -> None:
        """Adds items of any kind: messages (`Tick`, `Bar`, `FairMarketValue`, and their batches), and ticks as tuples (symbol, timestamp_ns,
        price, size[, conditions]) or objects with these attributes."""
        self._send_all(self._batcher.add_all(items, to_item))

    def publish_bars(self, bars: Iterable[md.Bar | BarTuple | Any]) -> None:
        """Adds bars: `Bar` messages, tuples (symbol, start_ns, duration_ns, open, high, low, close, volume[, vwap[, trade_count]]), or
        objects with these attributes."""
        self._send_all(self._batcher.add_all(bars, to_bar))

    def publish_fair_values(self, values: Iterable[md.FairMarketValue | FairValueTuple | Any]) -> None:
        """Adds fair market values: messages, tuples (symbol, timestamp_ns, fair_value[, market_price[, confidence[, model]]]), or objects
        with these attributes."""
        self._send_all(self._batcher.add_all(values, to_fair_value))

    def publish_columns(
        self, symbol: Sequence[str] | str, timestamp_ns: Sequence[int], price: Sequence[float], size: Sequence[float],
        conditions: Sequence[int] | None = None, *, rows: int = 8192,
    ) -> None:
        """Sends ticks by column: lists, numpy arrays or pandas series of equal length; `symbol` may be one for all. The cheapest way."""
        self.publish(columns.tick_columns(symbol, timestamp_ns, price, size, conditions, rows=rows))

    def publish_bar_columns(
        self, symbol: Sequence[str] | str, start_ns: Sequence[int], duration_ns: Sequence[int] | int,
        open: Sequence[float], high: Sequence[float], low: Sequence[float], close: Sequence[float],
        volume: Sequence[float], vwap: Sequence[float] | None = None, trade_count: Sequence[int] | None = None, *,
        rows: int = 4096,
    ) -> None:
        """Sends bars by column, as `columns.bar_batches` takes them: in batches of `rows`."""
        self.publish(
            columns.bar_batches(
                symbol, start_ns, duration_ns, open, high, low, close, volume, vwap, trade_count, rows=rows
            )
        )

    def publish_fair_value_columns(
        self, symbol: Sequence[str] | str, timestamp_ns: Sequence[int], fair_value: Sequence[float],
        market_price: Sequence[float] | None = None, confidence: Sequence[float] | None = None,
        model: Sequence[str] | str = "", *, rows: int = 4096,
    ) -> None:
        """Sends fair market values by column, as `columns.fair_value_batches` takes them: in batches of `rows`."""
        self.publish(
            columns.fair_value_batches(symbol, timestamp_ns, fair_value, market_price, confidence, model, rows=rows)
        )

    def publish_frame(self, frame: Any, *, rows: int = 8192) -> None:
        """Sends a pandas DataFrame of ticks: symbol, timestamp_ns, price, size and, if it has it, conditions."""
        self.publish(columns.tick_frame(frame, rows=rows))

    def publish_bar_frame(self, frame: Any, *, rows: int = 4096) -> None:
        """Sends a pandas DataFrame of bars: symbol, start_ns, duration_ns, open, high, low, close, volume and, if it has them, vwap and
        trade_count, whose NaN means "not given"."""
        self.publish(columns.bar_frame(frame, rows=rows))

    def publish_fair_value_frame(self, frame: Any, *, rows: int = 4096) -> None:
        """Sends a pandas DataFrame of fair market values: symbol, timestamp_ns, fair_value and, if it has them, market_price, confidence
        and model."""
        self.publish(columns.fair_value_frame(frame, rows=rows))

    def flush(self, timeout: float | None = None) -> int:
        """Sends what is gathered and waits until all is acknowledged; returns the acknowledged sequence.

        Raises TimeoutError when `timeout` seconds have passed, PublishError when the server ended the stream.
        """
        self._send_all(self._batcher.rest())
        with self._condition:
            if not self._condition.wait_for(lambda: not self._ledger.unacknowledged or self._error, timeout):
                raise TimeoutError(f"{len(self._ledger.unacknowledged)} requests are not acknowledged after {timeout} s")
        self._raise_if_failed()
        return self._ledger.acked

    def close(self, timeout: float | None = None) -> None:
        """Flushes and ends the stream."""
        try:
            if self._error is None:
                self.flush(timeout)
        finally:
            self._end()
            self._done.wait(10)

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
        with self._condition:
            return self._ledger.totals

    def __enter__(self) -> Publisher:
        return self

    def __exit__(self, kind: Any, value: Any, trace: Any) -> None:
        if kind is None:
            self.close()
        else:
            self._end()

    # -- Inside

    def _send_all(self, requests: Iterable[md.PublishRequest]) -> None:
        for request in requests:
            self._send(request)

    def _send(self, request: md.PublishRequest) -> None:
        with self._condition:
            self._condition.wait_for(lambda: len(self._ledger.unacknowledged) < self._max_in_flight or self._error)
            self._raise_if_failed()
            self._outbox.put(self._ledger.add(request))

    def _raise_if_failed(self) -> None:
        if self._error is not None:
            raise PublishError(self._error) from self._error

    def _end(self) -> None:
        with self._condition:
            self._closing = True
            self._outbox.put(None)

    def _run(self) -> None:
        attempts = Attempts(self._backoff)
        try:
            while True:
                progressed, error = self._connect_once()
                if self._closing and not self._ledger.unacknowledged:
                    return
                time.sleep(attempts.delay_after(error, progressed))
                self.reconnects += 1
        except BaseException as error:  # noqa: BLE001: told to the producer, whatever it is
            with self._condition:
                self._error = error
                self._condition.notify_all()
        finally:
            self._done.set()

    def _connect_once(self) -> tuple[bool, grpc.RpcError]:
        """One call, to its end. Returns whether it acknowledged anything, and what it ended with."""
        before = self._ledger.acked
        with self._channel_factory() as channel:
            outbox: queue.SimpleQueue[md.PublishRequest | None] = queue.SimpleQueue()
            metadata = [("penstock-publisher", self.name)] if self.name is not None else None
            call = service_pb2_grpc.MarketStreamStub(channel).Publish(_until_none(outbox), metadata=metadata)
            if self.name is None:
                self._begin_call(outbox)
            try:
                for response in call:
                    if self._outbox is not outbox:
                        self._begin_call(outbox, response.resume_sequence)
                    # First the rejections: whoever waits for an acknowledgement then has those that it covers.
                    self._ledger.hand_over(response)
                    with self._condition:
                        self._ledger.heard(response)
                        self._condition.notify_all()
                return self._ledger.acked > before, ended_early()
            except grpc.RpcError as error:
                return self._ledger.acked > before, error
            finally:
                outbox.put(None)

    def _begin_call(self, outbox: queue.SimpleQueue[md.PublishRequest | None], resume: int = 0) -> None:
        """Sends what is due on a new call, and everything from now on."""
        with self._condition:
            for request in self._ledger.begin_call(resume):
                outbox.put(request)
            self._outbox = outbox
            if self._closing:
                outbox.put(None)
            self._condition.notify_all()


def _until_none(outbox: queue.SimpleQueue[md.PublishRequest | None]) -> Iterator[md.PublishRequest]:
    while (request := outbox.get()) is not None:
        yield request
