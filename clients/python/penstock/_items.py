"""Single items: messages from tuples and objects."""
from __future__ import annotations

from typing import Any, Union

from ._values import average, count, flag, number, number_or_none, text, time
from .v1 import market_data_pb2 as md

#: symbol, timestamp_ns, price, size[, conditions]
TickTuple = Union[tuple[str, int, float, float], tuple[str, int, float, float, int]]
#: symbol, start_ns, duration_ns, open, high, low, close, volume[, vwap[, trade_count[, partial]]]
BarTuple = Union[
    tuple[str, int, int, float, float, float, float, float],
    tuple[str, int, int, float, float, float, float, float, float],
    tuple[str, int, int, float, float, float, float, float, float, int],
    tuple[str, int, int, float, float, float, float, float, float, int, bool],
]
#: symbol, timestamp_ns, fair_value[, market_price[, confidence[, model]]]
FairValueTuple = Union[
    tuple[str, int, float], tuple[str, int, float, float], tuple[str, int, float, float, float],
    tuple[str, int, float, float, float, str],
]

#: One item.
Item = Union[md.Tick, md.Bar, md.FairMarketValue]
#: Many in one message; becomes one request as it is.
Batch = Union[md.TickBatch, md.TickColumns, md.BarBatch, md.FairMarketValueBatch]

_MESSAGES = (md.Tick, md.Bar, md.FairMarketValue, md.TickBatch, md.TickColumns, md.BarBatch, md.FairMarketValueBatch)


def to_item(item: Any) -> Item | Batch:
    """A message as it is; anything else is a tick."""
    return item if isinstance(item, _MESSAGES) else to_tick(item)


def to_tick(tick: Any) -> md.Tick:
    """A `Tick` from one, from a tuple (symbol, timestamp_ns, price, size[, conditions]), or from any object with these attributes."""
    if isinstance(tick, md.Tick):
        return tick
    if _is_plain(tick):
        symbol, timestamp_ns, price, size, *rest = tick
        conditions = rest[0] if rest else 0
    else:
        symbol, timestamp_ns, price, size = tick.symbol, tick.timestamp_ns, tick.price, tick.size
        conditions = getattr(tick, "conditions", 0)
    # Nearly every tick has these types; the calls would take as long as the message.
    return md.Tick(
        symbol=symbol if type(symbol) is str else text(symbol, "symbol"),
        timestamp_ns=timestamp_ns if type(timestamp_ns) is int else time(timestamp_ns, "timestamp_ns"),
        price=price if type(price) is float else number(price, "price"),
        size=size if type(size) is float else number(size, "size"),
        conditions=conditions if type(conditions) is int else count(conditions, "conditions"),
    )


def to_bar(bar: Any) -> md.Bar | md.BarBatch:
    """A `Bar` from one, from a tuple (symbol, start_ns, duration_ns, open, high, low, close, volume[, vwap[, trade_count[, partial]]]), or
    from any object with these attributes. None and NaN for the last three mean "not given". A `BarBatch` stays one."""
    if isinstance(bar, (md.Bar, md.BarBatch)):
        return bar
    if not _is_plain(bar):
        bar = (
            bar.symbol, bar.start_ns, bar.duration_ns, bar.open, bar.high, bar.low, bar.close, bar.volume,
            getattr(bar, "vwap", 0), getattr(bar, "trade_count", 0), getattr(bar, "partial", False),
        )
    symbol, start_ns, duration_ns, open_, high, low, close, volume, *rest = bar
    vwap, trade_count, partial = _padded(rest, 0, 0, False)
    return md.Bar(
        symbol=text(symbol, "symbol"), start_ns=time(start_ns, "start_ns"), duration_ns=time(duration_ns, "duration_ns"),
        open=number(open_, "open"), high=number(high, "high"), low=number(low, "low"), close=number(close, "close"),
        volume=number(volume, "volume"), vwap=average(vwap, "vwap"), trade_count=count(trade_count, "trade_count"),
        partial=flag(partial, "partial"),
    )


def to_fair_value(value: Any) -> md.FairMarketValue | md.FairMarketValueBatch:
    """A `FairMarketValue` from one, from a tuple (symbol, timestamp_ns, fair_value[, market_price[, confidence[, model]]]), or from any
    object with these attributes. A `FairMarketValueBatch` stays one."""
    if isinstance(value, (md.FairMarketValue, md.FairMarketValueBatch)):
        return value
    if not _is_plain(value):
        value = (
            value.symbol, value.timestamp_ns, value.fair_value, getattr(value, "market_price", 0),
            getattr(value, "confidence", 0), getattr(value, "model", ""),
        )
    symbol, timestamp_ns, fair_value, *rest = value
    market_price, confidence, model = _padded(rest, 0, 0, "")
    return md.FairMarketValue(
        symbol=text(symbol, "symbol"), timestamp_ns=time(timestamp_ns, "timestamp_ns"),
        fair_value=number(fair_value, "fair_value"), market_price=number_or_none(market_price, "market_price"),
        confidence=number_or_none(confidence, "confidence"), model=text(model, "model"),
    )


def _is_plain(item: Any) -> bool:
    """Whether the places count: what has names (named tuples, rows of pandas' `itertuples`) goes by them."""
    return isinstance(item, tuple) and not hasattr(item, "symbol")


def _padded(values: list[Any], *defaults: Any) -> tuple[Any, ...]:
    """Raises ValueError when there are more than have a meaning."""
    if len(values) > len(defaults):
        raise ValueError(f"{len(values) - len(defaults)} values too many: {values}")
    return (*values, *defaults[len(values) :])
