from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ChannelType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANNEL_TYPE_UNSPECIFIED: _ClassVar[ChannelType]
    CHANNEL_TYPE_TICK: _ClassVar[ChannelType]
    CHANNEL_TYPE_BAR: _ClassVar[ChannelType]
    CHANNEL_TYPE_FAIR_MARKET_VALUE: _ClassVar[ChannelType]

class ChannelState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANNEL_STATE_UNSPECIFIED: _ClassVar[ChannelState]
    CHANNEL_STATE_STARTING: _ClassVar[ChannelState]
    CHANNEL_STATE_RUNNING: _ClassVar[ChannelState]
    CHANNEL_STATE_PAUSED: _ClassVar[ChannelState]
    CHANNEL_STATE_DRAINING: _ClassVar[ChannelState]
    CHANNEL_STATE_STOPPED: _ClassVar[ChannelState]
    CHANNEL_STATE_FAILED: _ClassVar[ChannelState]

class Health(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HEALTH_UNSPECIFIED: _ClassVar[Health]
    HEALTH_HEALTHY: _ClassVar[Health]
    HEALTH_DEGRADED: _ClassVar[Health]
    HEALTH_UNHEALTHY: _ClassVar[Health]

class BreakerState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BREAKER_STATE_UNSPECIFIED: _ClassVar[BreakerState]
    BREAKER_STATE_CLOSED: _ClassVar[BreakerState]
    BREAKER_STATE_OPEN: _ClassVar[BreakerState]
    BREAKER_STATE_HALF_OPEN: _ClassVar[BreakerState]
CHANNEL_TYPE_UNSPECIFIED: ChannelType
CHANNEL_TYPE_TICK: ChannelType
CHANNEL_TYPE_BAR: ChannelType
CHANNEL_TYPE_FAIR_MARKET_VALUE: ChannelType
CHANNEL_STATE_UNSPECIFIED: ChannelState
CHANNEL_STATE_STARTING: ChannelState
CHANNEL_STATE_RUNNING: ChannelState
CHANNEL_STATE_PAUSED: ChannelState
CHANNEL_STATE_DRAINING: ChannelState
CHANNEL_STATE_STOPPED: ChannelState
CHANNEL_STATE_FAILED: ChannelState
HEALTH_UNSPECIFIED: Health
HEALTH_HEALTHY: Health
HEALTH_DEGRADED: Health
HEALTH_UNHEALTHY: Health
BREAKER_STATE_UNSPECIFIED: BreakerState
BREAKER_STATE_CLOSED: BreakerState
BREAKER_STATE_OPEN: BreakerState
BREAKER_STATE_HALF_OPEN: BreakerState

class LatencySummary(_message.Message):
    __slots__ = ("count", "p50_ns", "p90_ns", "p99_ns", "p999_ns", "max_ns", "sum_ns")
    COUNT_FIELD_NUMBER: _ClassVar[int]
    P50_NS_FIELD_NUMBER: _ClassVar[int]
    P90_NS_FIELD_NUMBER: _ClassVar[int]
    P99_NS_FIELD_NUMBER: _ClassVar[int]
    P999_NS_FIELD_NUMBER: _ClassVar[int]
    MAX_NS_FIELD_NUMBER: _ClassVar[int]
    SUM_NS_FIELD_NUMBER: _ClassVar[int]
    count: int
    p50_ns: int
    p90_ns: int
    p99_ns: int
    p999_ns: int
    max_ns: int
    sum_ns: int
    def __init__(self, count: _Optional[int] = ..., p50_ns: _Optional[int] = ..., p90_ns: _Optional[int] = ..., p99_ns: _Optional[int] = ..., p999_ns: _Optional[int] = ..., max_ns: _Optional[int] = ..., sum_ns: _Optional[int] = ...) -> None: ...

class ChannelMetrics(_message.Message):
    __slots__ = ("channel", "type", "state", "health", "breaker", "received", "processed", "failed", "dropped", "late", "events", "batches", "breaker_opens", "failovers", "ring_capacity", "ring_depth", "ring_high_water", "items_per_second", "mean_batch", "queue_latency", "processing_latency", "symbols", "health_reasons", "quarantined", "stale", "low_confidence", "out_of_session", "restarts", "error_rate", "state_since_ns", "config_version", "revised")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    HEALTH_FIELD_NUMBER: _ClassVar[int]
    BREAKER_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_FIELD_NUMBER: _ClassVar[int]
    PROCESSED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    BREAKER_OPENS_FIELD_NUMBER: _ClassVar[int]
    FAILOVERS_FIELD_NUMBER: _ClassVar[int]
    RING_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    RING_DEPTH_FIELD_NUMBER: _ClassVar[int]
    RING_HIGH_WATER_FIELD_NUMBER: _ClassVar[int]
    ITEMS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    MEAN_BATCH_FIELD_NUMBER: _ClassVar[int]
    QUEUE_LATENCY_FIELD_NUMBER: _ClassVar[int]
    PROCESSING_LATENCY_FIELD_NUMBER: _ClassVar[int]
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    HEALTH_REASONS_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    STALE_FIELD_NUMBER: _ClassVar[int]
    LOW_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    OUT_OF_SESSION_FIELD_NUMBER: _ClassVar[int]
    RESTARTS_FIELD_NUMBER: _ClassVar[int]
    ERROR_RATE_FIELD_NUMBER: _ClassVar[int]
    STATE_SINCE_NS_FIELD_NUMBER: _ClassVar[int]
    CONFIG_VERSION_FIELD_NUMBER: _ClassVar[int]
    REVISED_FIELD_NUMBER: _ClassVar[int]
    channel: str
    type: ChannelType
    state: ChannelState
    health: Health
    breaker: BreakerState
    received: int
    processed: int
    failed: int
    dropped: int
    late: int
    events: int
    batches: int
    breaker_opens: int
    failovers: int
    ring_capacity: int
    ring_depth: int
    ring_high_water: int
    items_per_second: float
    mean_batch: float
    queue_latency: LatencySummary
    processing_latency: LatencySummary
    symbols: int
    health_reasons: _containers.RepeatedScalarFieldContainer[str]
    quarantined: int
    stale: int
    low_confidence: int
    out_of_session: int
    restarts: int
    error_rate: float
    state_since_ns: int
    config_version: int
    revised: int
    def __init__(self, channel: _Optional[str] = ..., type: _Optional[_Union[ChannelType, str]] = ..., state: _Optional[_Union[ChannelState, str]] = ..., health: _Optional[_Union[Health, str]] = ..., breaker: _Optional[_Union[BreakerState, str]] = ..., received: _Optional[int] = ..., processed: _Optional[int] = ..., failed: _Optional[int] = ..., dropped: _Optional[int] = ..., late: _Optional[int] = ..., events: _Optional[int] = ..., batches: _Optional[int] = ..., breaker_opens: _Optional[int] = ..., failovers: _Optional[int] = ..., ring_capacity: _Optional[int] = ..., ring_depth: _Optional[int] = ..., ring_high_water: _Optional[int] = ..., items_per_second: _Optional[float] = ..., mean_batch: _Optional[float] = ..., queue_latency: _Optional[_Union[LatencySummary, _Mapping]] = ..., processing_latency: _Optional[_Union[LatencySummary, _Mapping]] = ..., symbols: _Optional[int] = ..., health_reasons: _Optional[_Iterable[str]] = ..., quarantined: _Optional[int] = ..., stale: _Optional[int] = ..., low_confidence: _Optional[int] = ..., out_of_session: _Optional[int] = ..., restarts: _Optional[int] = ..., error_rate: _Optional[float] = ..., state_since_ns: _Optional[int] = ..., config_version: _Optional[int] = ..., revised: _Optional[int] = ...) -> None: ...

class PendingBytes(_message.Message):
    __slots__ = ("owner", "bytes")
    OWNER_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    owner: str
    bytes: int
    def __init__(self, owner: _Optional[str] = ..., bytes: _Optional[int] = ...) -> None: ...

class EndedConnections(_message.Message):
    __slots__ = ("reason", "count")
    REASON_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    reason: str
    count: int
    def __init__(self, reason: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class ServerMetrics(_message.Message):
    __slots__ = ("connections", "streams", "subscribers", "published_items", "rejected_items", "last_event_sequence", "event_store_lag", "resident_bytes", "uptime_ns", "bytes_in", "bytes_out", "tick_to_event", "cpu_seconds", "pending", "pending_limit", "ended_connections")
    CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    STREAMS_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIBERS_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_ITEMS_FIELD_NUMBER: _ClassVar[int]
    REJECTED_ITEMS_FIELD_NUMBER: _ClassVar[int]
    LAST_EVENT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    EVENT_STORE_LAG_FIELD_NUMBER: _ClassVar[int]
    RESIDENT_BYTES_FIELD_NUMBER: _ClassVar[int]
    UPTIME_NS_FIELD_NUMBER: _ClassVar[int]
    BYTES_IN_FIELD_NUMBER: _ClassVar[int]
    BYTES_OUT_FIELD_NUMBER: _ClassVar[int]
    TICK_TO_EVENT_FIELD_NUMBER: _ClassVar[int]
    CPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    PENDING_LIMIT_FIELD_NUMBER: _ClassVar[int]
    ENDED_CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    connections: int
    streams: int
    subscribers: int
    published_items: int
    rejected_items: int
    last_event_sequence: int
    event_store_lag: int
    resident_bytes: int
    uptime_ns: int
    bytes_in: int
    bytes_out: int
    tick_to_event: LatencySummary
    cpu_seconds: float
    pending: _containers.RepeatedCompositeFieldContainer[PendingBytes]
    pending_limit: int
    ended_connections: _containers.RepeatedCompositeFieldContainer[EndedConnections]
    def __init__(self, connections: _Optional[int] = ..., streams: _Optional[int] = ..., subscribers: _Optional[int] = ..., published_items: _Optional[int] = ..., rejected_items: _Optional[int] = ..., last_event_sequence: _Optional[int] = ..., event_store_lag: _Optional[int] = ..., resident_bytes: _Optional[int] = ..., uptime_ns: _Optional[int] = ..., bytes_in: _Optional[int] = ..., bytes_out: _Optional[int] = ..., tick_to_event: _Optional[_Union[LatencySummary, _Mapping]] = ..., cpu_seconds: _Optional[float] = ..., pending: _Optional[_Iterable[_Union[PendingBytes, _Mapping]]] = ..., pending_limit: _Optional[int] = ..., ended_connections: _Optional[_Iterable[_Union[EndedConnections, _Mapping]]] = ...) -> None: ...

class ChannelShare(_message.Message):
    __slots__ = ("channel", "items", "symbols")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    channel: str
    items: int
    symbols: int
    def __init__(self, channel: _Optional[str] = ..., items: _Optional[int] = ..., symbols: _Optional[int] = ...) -> None: ...

class FailureCount(_message.Message):
    __slots__ = ("cause", "count")
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    cause: str
    count: int
    def __init__(self, cause: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class RouterMetrics(_message.Message):
    __slots__ = ("routed", "placements", "moves", "failures", "shares", "failures_by_cause")
    ROUTED_FIELD_NUMBER: _ClassVar[int]
    PLACEMENTS_FIELD_NUMBER: _ClassVar[int]
    MOVES_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    SHARES_FIELD_NUMBER: _ClassVar[int]
    FAILURES_BY_CAUSE_FIELD_NUMBER: _ClassVar[int]
    routed: int
    placements: int
    moves: int
    failures: int
    shares: _containers.RepeatedCompositeFieldContainer[ChannelShare]
    failures_by_cause: _containers.RepeatedCompositeFieldContainer[FailureCount]
    def __init__(self, routed: _Optional[int] = ..., placements: _Optional[int] = ..., moves: _Optional[int] = ..., failures: _Optional[int] = ..., shares: _Optional[_Iterable[_Union[ChannelShare, _Mapping]]] = ..., failures_by_cause: _Optional[_Iterable[_Union[FailureCount, _Mapping]]] = ...) -> None: ...

class MetricsSnapshot(_message.Message):
    __slots__ = ("timestamp_ns", "channels", "server", "router")
    TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    SERVER_FIELD_NUMBER: _ClassVar[int]
    ROUTER_FIELD_NUMBER: _ClassVar[int]
    timestamp_ns: int
    channels: _containers.RepeatedCompositeFieldContainer[ChannelMetrics]
    server: ServerMetrics
    router: RouterMetrics
    def __init__(self, timestamp_ns: _Optional[int] = ..., channels: _Optional[_Iterable[_Union[ChannelMetrics, _Mapping]]] = ..., server: _Optional[_Union[ServerMetrics, _Mapping]] = ..., router: _Optional[_Union[RouterMetrics, _Mapping]] = ...) -> None: ...
