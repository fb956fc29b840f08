"""The forms in which publishers take items, and what they tell; shared by the synchronous and the asyncio publisher."""
from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from . import columns
from ._batching import Batcher, Gathered
from ._items import BarTuple, Batch, FairValueTuple, Item, TickTuple, to_bar, to_fair_value, to_item
from ._ledger import Ledger, Totals
from .v1 import market_data_pb2 as md
from ._rejections import Rejection
from ._retry import Backoff
from .errors import PublishError

#: What sending returns: None, or something to be awaited.
Done = TypeVar("Done")


class Forms(Generic[Done]):
    """Every method that sends takes items in the order given, as many as there are, and waits while too much is unacknowledged.

    Symbols are 1 to 64 bytes of printable ASCII; times are nanoseconds since 1970 in UTC, above 0, or datetimes of Python, numpy or pandas
    (UTC without a time zone), durations nanoseconds or timedeltas; prices are in the instrument's currency.
    What is outside of these ranges and those below is sent, and the server rejects it (see `rejections`); so is what has no symbol: None, or
    the NaN and NA of pandas. What cannot be read at all (tuples of another length, columns of uneven length, a frame without its columns,
    text for a number, a number for a symbol) raises ValueError, TypeError or AttributeError here; the items before it are taken, and
    `items` is the number of the one that was not (of columns: of the first row of its part).
    """

    def __init__(
        self, name: str | None, *, batch_size: int, max_in_flight: int, backoff: Backoff,
        on_rejection: Callable[[Rejection], None] | None,
    ) -> None:
        if batch_size < 1 or max_in_flight < 1:
            raise ValueError("batch_size and max_in_flight must be at least 1")
        self.name = name
        #: Calls after the first, whether they reached the server or not.
        self.reconnects = 0
        self._max_in_flight = max_in_flight
        self._backoff = backoff
        self._batcher = Batcher(batch_size)
        self._ledger = Ledger(on_rejection)
        self._error: BaseException | None = None
        self._error_told = False
        self._closing = False
        #: Guards what is changed elsewhere than where it is read.
        self._guard: contextlib.AbstractContextManager[Any] = contextlib.nullcontext()

    def tick(self, symbol: str, timestamp_ns: int, price: float, size: float, conditions: int = 0) -> Done:
        """Adds one tick to the batch at hand: price > 0, size >= 0; bit 0 of `conditions`: not eligible for high/low, bit 1: for volume."""
        return self._send_all(self._batcher.add_all([(symbol, timestamp_ns, price, size, conditions)]))

    def bar(
        self, symbol: str, start_ns: int, duration_ns: int, open: float, high: float, low: float, close: float,
        volume: float, vwap: float = 0, trade_count: int = 0, partial: bool = False,
    ) -> Done:
        """Adds one bar of [start_ns, start_ns + duration_ns) to the batch at hand: low <= open, close <= high, all > 0, volume >= 0; 0 in
        `vwap` and `trade_count` means "not given". A `partial` bar is not the last version: nothing is detected until one comes that is, or a
        later bar."""
        return self._send_all(
            self._batcher.add_all(
                [(symbol, start_ns, duration_ns, open, high, low, close, volume, vwap, trade_count, partial)], to_bar
            )
        )

    def fair_value(
        self, symbol: str, timestamp_ns: int, fair_value: float, market_price: float = 0, confidence: float = 0,
        model: str = "",
    ) -> Done:
        """Adds one fair market value to the batch at hand. `market_price` 0 = the last price that the tick channels have seen;
        `confidence` 0 to 1, 0 = not given, taken as 1; `model` at most 32 bytes of printable ASCII."""
        return self._send_all(
            self._batcher.add_all(
                [(symbol, timestamp_ns, fair_value, market_price, confidence, model)], to_fair_value
            )
        )

    def publish(self, items: Iterable[Item | Batch | TickTuple | Any]) -> Done:
        """Adds items of any kind: messages (`Tick`, `Bar`, `FairMarketValue`, and their batches), and ticks as tuples (symbol, timestamp_ns,
        price, size[, conditions]) or objects with these attributes."""
        return self._send_all(self._batcher.add_all(items, to_item))

    def publish_bars(self, bars: Iterable[md.Bar | BarTuple | Any]) -> Done:
        """Adds bars: `Bar` messages, tuples (symbol, start_ns, duration_ns, open, high, low, close, volume[, vwap[, trade_count[, partial]]]),
        or objects with these attributes."""
        return self._send_all(self._batcher.add_all(bars, to_bar))

    def publish_fair_values(self, values: Iterable[md.FairMarketValue | FairValueTuple | Any]) -> Done:
        """Adds fair market values: messages, tuples (symbol, timestamp_ns, fair_value[, market_price[, confidence[, model]]]), or objects
        with these attributes."""
        return self._send_all(self._batcher.add_all(values, to_fair_value))

    def publish_columns(
        self, symbol: Sequence[str] | str, timestamp_ns: Sequence[int], price: Sequence[float], size: Sequence[float],
        conditions: Sequence[int] | None = None, *, rows: int = 8192,
    ) -> Done:
        """Sends ticks by column: lists, numpy arrays or pandas series of equal length; `symbol` may be one for all. The cheapest way."""
        return self.publish(columns.tick_columns(symbol, timestamp_ns, price, size, conditions, rows=rows))

    def publish_bar_columns(
        self, symbol: Sequence[str] | str, start_ns: Sequence[int], duration_ns: Sequence[int] | int,
        open: Sequence[float], high: Sequence[float], low: Sequence[float], close: Sequence[float],
        volume: Sequence[float], vwap: Sequence[float] | None = None, trade_count: Sequence[int] | None = None,
        partial: Sequence[bool] | bool | None = None, *, rows: int = 4096,
    ) -> Done:
        """Sends bars by column, as `columns.bar_batches` takes them: in batches of `rows`."""
        return self.publish(
            columns.bar_batches(
                symbol, start_ns, duration_ns, open, high, low, close, volume, vwap, trade_count, partial, rows=rows
            )
        )

    def publish_fair_value_columns(
        self, symbol: Sequence[str] | str, timestamp_ns: Sequence[int], fair_value: Sequence[float],
        market_price: Sequence[float] | None = None, confidence: Sequence[float] | None = None,
        model: Sequence[str] | str = "", *, rows: int = 4096,
    ) -> Done:
        """Sends fair market values by column, as `columns.fair_value_batches` takes them: in batches of `rows`."""
        return self.publish(
            columns.fair_value_batches(symbol, timestamp_ns, fair_value, market_price, confidence, model, rows=rows)
        )

    def publish_frame(self, frame: Any, *, rows: int = 8192) -> Done:
        """Sends a pandas DataFrame of ticks: symbol, timestamp_ns, price, size and, if it has it, conditions."""
        return self.publish(columns.tick_frame(frame, rows=rows))

    def publish_bar_frame(self, frame: Any, *, rows: int = 4096) -> Done:
        """Sends a pandas DataFrame of bars: symbol, start_ns, duration_ns, open, high, low, close, volume and, if it has them, vwap,
        trade_count and partial, whose NaN means "not given"."""
        return self.publish(columns.bar_frame(frame, rows=rows))

    def publish_fair_value_frame(self, frame: Any, *, rows: int = 4096) -> Done:
        """Sends a pandas DataFrame of fair market values: symbol, timestamp_ns, fair_value and, if it has them, market_price, confidence
        and model."""
        return self.publish(columns.fair_value_frame(frame, rows=rows))

    # -- What is known

    @property
    def items(self) -> int:
        """How many items were taken: the number that the next one has in a `Rejection`. A row is one, and so is an empty batch."""
        return self._batcher.items

    @property
    def acked_sequence(self) -> int:
        """Every request up to it has been processed."""
        return self._ledger.acked

    @property
    def rejections(self) -> list[Rejection]:
        """The newest 1,000 items that the server did not take: which, and why. Those of a request are here before it counts as acknowledged,
        and once, however often it was sent. `totals.unnamed` counts those that the server did not name."""
        with self._guard:
            return list(self._ledger.rejections)

    @property
    def totals(self) -> Totals:
        """Items, so far."""
        return self._ledger.totals

    # -- Inside

    def _send_all(self, requests: Iterable[Gathered]) -> Done:
        raise NotImplementedError

    def _is_owed_an_answer(self) -> bool:
        # A named publisher is told where to resume before it has sent anything.
        return bool(self._ledger.unacknowledged) or (self.name is not None and not self._ledger.begun)

    def _has_room(self) -> bool:
        return len(self._ledger.unacknowledged) < self._max_in_flight

    def _raise_if_failed(self) -> None:
        if self._error is not None:
            self._error_told = True
            raise PublishError(self._error) from self._error
