"""Builds requests; shared by the synchronous and the asyncio client."""
from __future__ import annotations

from collections.abc import Iterable

from ._enums import enum_value
from .v1 import events_pb2 as ev


def names(given: Iterable[str]) -> list[str]:
    """One name, or several: a text is an iterable of its letters, which are other names."""
    return [given] if isinstance(given, str) else list(given)


def subscribe_request(
    *, symbols: Iterable[str] = (), types: Iterable[str | int] = (), channels: Iterable[str] = (),
    directions: Iterable[str | int] = (), sessions: Iterable[str | int] = (), min_significance: float = 0,
    from_sequence: int | None = None, from_time_ns: int | None = None, slow_consumer: str | int = 0, max_queue: int = 0,
    heartbeat_ms: int = 0, end_when_caught_up: bool = False, log_id: str = "", subscription_id: str = "",
) -> ev.SubscribeRequest:
    """A `SubscribeRequest`; enums by their names with or without prefix ("HIGH") or by number."""
    request = ev.SubscribeRequest(
        symbols=names(symbols), channels=names(channels), min_significance=min_significance, max_queue=max_queue,
        heartbeat_ms=heartbeat_ms, end_when_caught_up=end_when_caught_up, log_id=log_id, subscription_id=subscription_id,
        types=[enum_value(ev.EventType.DESCRIPTOR, value) for value in types],
        directions=[enum_value(ev.Direction.DESCRIPTOR, value) for value in directions],
        sessions=[enum_value(ev.TradingSession.DESCRIPTOR, value) for value in sessions],
        slow_consumer=enum_value(ev.SlowConsumerPolicy.DESCRIPTOR, slow_consumer),
    )
    if from_sequence is not None:
        request.from_sequence = from_sequence
    elif from_time_ns is not None:
        request.from_time_ns = from_time_ns
    return request
