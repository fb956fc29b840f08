"""Gathers items into requests; shared by publishers and replays, synchronous and asyncio."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ._items import Batch, Item, to_item
from ._proto import market_data_pb2 as md

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


class Batcher:
    """Items in, requests out, in the same order: a request ends at `size` items and where the kind of item changes.

    No I/O. The requests that a call gives are due; items that are still gathering come with a later call or with `rest`.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError(f"batch_size is {size}; must be at least 1")
        self._size = size
        self._kind: type = md.Tick
        self._items: list[Item] = []

    def add(self, item: Item | Batch) -> Iterator[md.PublishRequest]:
        return self.add_all((item,))

    def add_all(
        self, items: Iterable[Any], convert: Callable[[Any], Item | Batch] = to_item,
    ) -> Iterator[md.PublishRequest]:
        for given in items:
            item = convert(given)
            kind = type(item)
            if kind is not self._kind:
                yield from self.rest()
                if kind in _WHOLE:
                    yield _WHOLE[kind](item)
                    continue
                self._kind = kind
            self._items.append(item)  # type: ignore[arg-type]
            if len(self._items) >= self._size:
                yield from self.rest()

    def rest(self) -> Iterator[md.PublishRequest]:
        """What is gathered: one request, or none."""
        if self._items:
            items, self._items = self._items, []
            yield _GATHERED[self._kind](items)
