"""Builds requests; shared by the synchronous and the asyncio client."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ._proto import events_pb2 as ev
from ._proto import market_data_pb2 as md

#: symbol, timestamp_ns, price, size
TickTuple = tuple[str, int, float, float]


def to_tick(tick: md.Tick | TickTuple | Any) -> md.Tick:
    """A `Tick` from one, from a tuple (symbol, timestamp_ns, price, size[, conditions]), or from any object with these attributes."""
    if isinstance(tick, md.Tick):
        return tick
    if isinstance(tick, tuple):
        symbol, timestamp_ns, price, size, *rest = tick
        return md.Tick(symbol=symbol, timestamp_ns=timestamp_ns, price=price, size=size, conditions=rest[0] if rest else 0)
    return md.Tick(
        symbol=tick.symbol, timestamp_ns=tick.timestamp_ns, price=tick.price, size=tick.size,
        conditions=getattr(tick, "conditions", 0),
    )


def column_chunks(
    symbol: Sequence[str] | str, timestamp_ns: Sequence[int], price: Sequence[float], size: Sequence[float],
    conditions: Sequence[int] | None, rows: int,
) -> Iterable[md.TickColumns]:
    """Cuts columns (lists, numpy arrays, pandas series) into messages of at most `rows` ticks."""
    count = len(timestamp_ns)
    lengths = {"price": len(price), "size": len(size)}
    if not isinstance(symbol, str):
        lengths["symbol"] = len(symbol)
    if conditions is not None:
        lengths["conditions"] = len(conditions)
    for name, length in lengths.items():
        if length != count:
            raise ValueError(f"column {name} has {length} entries, timestamp_ns has {count}")
    for start in range(0, count, rows):
        part = slice(start, start + rows)
        if isinstance(symbol, str):
            names, index = [symbol], [0] * len(timestamp_ns[part])
        else:
            places: dict[str, int] = {}
            index = [places.setdefault(str(name), len(places)) for name in symbol[part]]
            names = list(places)
        yield md.TickColumns(
            symbols=names, symbol_index=index, timestamp_ns=_plain(timestamp_ns[part]), price=_plain(price[part]),
            size=_plain(size[part]), conditions=_plain(conditions[part]) if conditions is not None else [],
        )


def _plain(values: Any) -> list[Any]:
    """Numbers of Python: numpy's are none that protobuf takes."""
    return values.tolist() if hasattr(values, "tolist") else list(values)


def subscribe_request(
    *, symbols: Iterable[str] = (), types: Iterable[str | int] = (), channels: Iterable[str] = (),
    directions: Iterable[str | int] = (), sessions: Iterable[str | int] = (), min_significance: float = 0,
    from_sequence: int | None = None, from_time_ns: int | None = None, slow_consumer: str | int = 0, max_queue: int = 0,
    heartbeat_ms: int = 0, end_when_caught_up: bool = False, log_id: str = "", subscription_id: str = "",
) -> ev.SubscribeRequest:
    """A `SubscribeRequest`; enums by their names with or without prefix ("HIGH") or by number."""
    request = ev.SubscribeRequest(
        symbols=list(symbols), channels=list(channels), min_significance=min_significance, max_queue=max_queue,
        heartbeat_ms=heartbeat_ms, end_when_caught_up=end_when_caught_up, log_id=log_id, subscription_id=subscription_id,
        types=[_enum(ev.EventType, "EVENT_TYPE_", value) for value in types],
        directions=[_enum(ev.Direction, "DIRECTION_", value) for value in directions],
        sessions=[_enum(ev.TradingSession, "TRADING_SESSION_", value) for value in sessions],
        slow_consumer=_enum(ev.SlowConsumerPolicy, "SLOW_CONSUMER_POLICY_", slow_consumer),
    )
    if from_sequence is not None:
        request.from_sequence = from_sequence
    elif from_time_ns is not None:
        request.from_time_ns = from_time_ns
    return request


def _enum(enum: Any, prefix: str, value: str | int) -> Any:
    if isinstance(value, int):
        return value
    name = value.upper()
    try:
        return enum.Value(name if name.startswith(prefix) else prefix + name)
    except ValueError:
        known = ", ".join(key.removeprefix(prefix) for key in enum.keys()[1:])
        raise ValueError(f"'{value}' is none of {known}") from None
