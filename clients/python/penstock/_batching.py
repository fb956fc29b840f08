"""Gathers items into requests; shared by publishers and replays, synchronous and asyncio."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from ._items import Batch, Item, to_item
from .v1 import market_data_pb2 as md

#: How items of each kind travel together.
_GATHERED: dict[type, Callable[[list[Any]], md.PublishRequest]] = {
    md.Tick: lambda items: md.PublishRequest(ticks=md.TickBatch(ticks=items)),
    md.Bar: lambda items: md.PublishRequest(bars=md.BarBatch(bars=items)),
    md.FairMarketValue: lambda items: md.PublishRequest(fair_market_values=md.FairMarketValueBatch(values=items)),
}

#: What is many items already.
_WHOLE: dict[type, Callable[[Any], md.PublishRequest]] = {
    md.TickBatch: lambda batch: md.PublishRequest(ticks=batch),
    md.TickColumns: lambda batch: md.PublishRequest(tick_columns=batch),
    md.BarBatch: lambda batch: md.PublishRequest(bars=batch),
    md.FairMarketValueBatch: lambda batch: md.PublishRequest(fair_market_values=batch),
}


class Gathered(NamedTuple):
    """A request, and which of the caller's items it holds: `items` of them, the first of which is number `first_item`."""

    request: md.PublishRequest
    first_item: int
    items: int


class Batcher:
    """Items in, requests out, in the same order: a request ends at `size` items and where the kind of item changes.

    No I/O. The requests that a call gives are due; items that are still gathering come with a later call or with `rest`.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError(f"batch_size is {size}; must be at least 1")
        #: How many items were taken: the number of the next one, counted from 0.
        self.items = 0
        self._size = size
        self._kind: type = md.Tick
        self._items: list[Item] = []

    def add_all(self, items: Iterable[Any], convert: Callable[[Any], Item | Batch] = to_item) -> Iterator[Gathered]:
        for given in items:
            try:
                item = convert(given)
            except TypeError as error:
                raise TypeError(f"item {self.items}: {error}") from error
            except ValueError as error:
                raise ValueError(f"item {self.items}: {error}") from error
            kind = type(item)
            if kind is not self._kind:
                yield from self.rest()
                if kind in _WHOLE:
                    first, count = self.items, items_in(item)  # type: ignore[arg-type]
                    self.items += count
                    yield Gathered(_WHOLE[kind](item), first, count)
                    continue
                self._kind = kind
            self._items.append(item)  # type: ignore[arg-type]
            self.items += 1
            if len(self._items) >= self._size:
                yield from self.rest()

    def rest(self) -> Iterator[Gathered]:
        """What is gathered: one request, or none."""
        if self._items:
            items, self._items = self._items, []
            yield Gathered(_GATHERED[self._kind](items), self.items - len(items), len(items))


def items_in(batch: Batch) -> int:
    """How many items the server counts in a batch: an empty one is one bad item, and uneven columns are as many as the longest."""
    if isinstance(batch, md.TickColumns):
        columns = (batch.symbol_index, batch.timestamp_ns, batch.price, batch.size, batch.conditions)
        return max(1, *(len(column) for column in columns))
    if isinstance(batch, md.TickBatch):
        return max(1, len(batch.ticks))
    return max(1, len(batch.bars if isinstance(batch, md.BarBatch) else batch.values))
