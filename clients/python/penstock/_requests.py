"""Builds subscription requests; shared by the synchronous and the asyncio client."""
from __future__ import annotations

from collections.abc import Iterable

from ._enums import enum_value
from .v1 import events_pb2 as ev


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
        types=[enum_value(ev.EventType, "EVENT_TYPE_", value) for value in types],
        directions=[enum_value(ev.Direction, "DIRECTION_", value) for value in directions],
        sessions=[enum_value(ev.TradingSession, "TRADING_SESSION_", value) for value in sessions],
        slow_consumer=enum_value(ev.SlowConsumerPolicy, "SLOW_CONSUMER_POLICY_", slow_consumer),
    )
    if from_sequence is not None:
        request.from_sequence = from_sequence
    elif from_time_ns is not None:
        request.from_time_ns = from_time_ns
    return request
