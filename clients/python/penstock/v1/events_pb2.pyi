from penstock.v1 import market_data_pb2 as _market_data_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EventType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_TYPE_UNSPECIFIED: _ClassVar[EventType]
    EVENT_TYPE_HIGH: _ClassVar[EventType]
    EVENT_TYPE_LOW: _ClassVar[EventType]
    EVENT_TYPE_TREND: _ClassVar[EventType]
    EVENT_TYPE_SURGE: _ClassVar[EventType]
    EVENT_TYPE_SIGNIFICANT_MOVE: _ClassVar[EventType]
    EVENT_TYPE_VOLUME_SPIKE: _ClassVar[EventType]
    EVENT_TYPE_GAP: _ClassVar[EventType]
    EVENT_TYPE_VALUATION: _ClassVar[EventType]
    EVENT_TYPE_BAR_CLOSED: _ClassVar[EventType]
    EVENT_TYPE_QUARANTINE: _ClassVar[EventType]
    EVENT_TYPE_VWAP_CROSS: _ClassVar[EventType]
    EVENT_TYPE_OPENING_RANGE_BREAK: _ClassVar[EventType]

class Direction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DIRECTION_UNSPECIFIED: _ClassVar[Direction]
    DIRECTION_UP: _ClassVar[Direction]
    DIRECTION_DOWN: _ClassVar[Direction]
    DIRECTION_FLAT: _ClassVar[Direction]

class TradingSession(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRADING_SESSION_UNSPECIFIED: _ClassVar[TradingSession]
    TRADING_SESSION_PRE: _ClassVar[TradingSession]
    TRADING_SESSION_REGULAR: _ClassVar[TradingSession]
    TRADING_SESSION_POST: _ClassVar[TradingSession]
    TRADING_SESSION_CLOSED: _ClassVar[TradingSession]
    TRADING_SESSION_CONTINUOUS: _ClassVar[TradingSession]

class ValuationState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VALUATION_STATE_UNSPECIFIED: _ClassVar[ValuationState]
    VALUATION_STATE_FAIR: _ClassVar[ValuationState]
    VALUATION_STATE_UNDERVALUED: _ClassVar[ValuationState]
    VALUATION_STATE_OVERVALUED: _ClassVar[ValuationState]

class SlowConsumerPolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SLOW_CONSUMER_POLICY_UNSPECIFIED: _ClassVar[SlowConsumerPolicy]
    SLOW_CONSUMER_POLICY_DISCONNECT: _ClassVar[SlowConsumerPolicy]
    SLOW_CONSUMER_POLICY_DROP_OLDEST: _ClassVar[SlowConsumerPolicy]
    SLOW_CONSUMER_POLICY_CONFLATE: _ClassVar[SlowConsumerPolicy]

class MissedReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MISSED_REASON_UNSPECIFIED: _ClassVar[MissedReason]
    MISSED_REASON_SLOW_CONSUMER: _ClassVar[MissedReason]
    MISSED_REASON_NO_LONGER_KEPT: _ClassVar[MissedReason]
    MISSED_REASON_LOG_REPLACED: _ClassVar[MissedReason]
EVENT_TYPE_UNSPECIFIED: EventType
EVENT_TYPE_HIGH: EventType
EVENT_TYPE_LOW: EventType
EVENT_TYPE_TREND: EventType
EVENT_TYPE_SURGE: EventType
EVENT_TYPE_SIGNIFICANT_MOVE: EventType
EVENT_TYPE_VOLUME_SPIKE: EventType
EVENT_TYPE_GAP: EventType
EVENT_TYPE_VALUATION: EventType
EVENT_TYPE_BAR_CLOSED: EventType
EVENT_TYPE_QUARANTINE: EventType
EVENT_TYPE_VWAP_CROSS: EventType
EVENT_TYPE_OPENING_RANGE_BREAK: EventType
DIRECTION_UNSPECIFIED: Direction
DIRECTION_UP: Direction
DIRECTION_DOWN: Direction
DIRECTION_FLAT: Direction
TRADING_SESSION_UNSPECIFIED: TradingSession
TRADING_SESSION_PRE: TradingSession
TRADING_SESSION_REGULAR: TradingSession
TRADING_SESSION_POST: TradingSession
TRADING_SESSION_CLOSED: TradingSession
TRADING_SESSION_CONTINUOUS: TradingSession
VALUATION_STATE_UNSPECIFIED: ValuationState
VALUATION_STATE_FAIR: ValuationState
VALUATION_STATE_UNDERVALUED: ValuationState
VALUATION_STATE_OVERVALUED: ValuationState
SLOW_CONSUMER_POLICY_UNSPECIFIED: SlowConsumerPolicy
SLOW_CONSUMER_POLICY_DISCONNECT: SlowConsumerPolicy
SLOW_CONSUMER_POLICY_DROP_OLDEST: SlowConsumerPolicy
SLOW_CONSUMER_POLICY_CONFLATE: SlowConsumerPolicy
MISSED_REASON_UNSPECIFIED: MissedReason
MISSED_REASON_SLOW_CONSUMER: MissedReason
MISSED_REASON_NO_LONGER_KEPT: MissedReason
MISSED_REASON_LOG_REPLACED: MissedReason

class HighLowDetail(_message.Message):
    __slots__ = ("previous_anchor", "session_open", "session_high", "session_low", "percent_from_open", "count", "reversal", "since_opposite_ns", "trend", "surge", "relative_volume", "extreme_ns", "day_high", "day_low")
    PREVIOUS_ANCHOR_FIELD_NUMBER: _ClassVar[int]
    SESSION_OPEN_FIELD_NUMBER: _ClassVar[int]
    SESSION_HIGH_FIELD_NUMBER: _ClassVar[int]
    SESSION_LOW_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FROM_OPEN_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    REVERSAL_FIELD_NUMBER: _ClassVar[int]
    SINCE_OPPOSITE_NS_FIELD_NUMBER: _ClassVar[int]
    TREND_FIELD_NUMBER: _ClassVar[int]
    SURGE_FIELD_NUMBER: _ClassVar[int]
    RELATIVE_VOLUME_FIELD_NUMBER: _ClassVar[int]
    EXTREME_NS_FIELD_NUMBER: _ClassVar[int]
    DAY_HIGH_FIELD_NUMBER: _ClassVar[int]
    DAY_LOW_FIELD_NUMBER: _ClassVar[int]
    previous_anchor: float
    session_open: float
    session_high: float
    session_low: float
    percent_from_open: float
    count: int
    reversal: bool
    since_opposite_ns: int
    trend: Direction
    surge: Direction
    relative_volume: float
    extreme_ns: int
    day_high: float
    day_low: float
    def __init__(self, previous_anchor: _Optional[float] = ..., session_open: _Optional[float] = ..., session_high: _Optional[float] = ..., session_low: _Optional[float] = ..., percent_from_open: _Optional[float] = ..., count: _Optional[int] = ..., reversal: _Optional[bool] = ..., since_opposite_ns: _Optional[int] = ..., trend: _Optional[_Union[Direction, str]] = ..., surge: _Optional[_Union[Direction, str]] = ..., relative_volume: _Optional[float] = ..., extreme_ns: _Optional[int] = ..., day_high: _Optional[float] = ..., day_low: _Optional[float] = ...) -> None: ...

class TrendDetail(_message.Message):
    __slots__ = ("horizon_ns", "move_pct", "r_squared", "v_score", "previous", "reversal", "previous_lasted_ns", "price_change_pct")
    HORIZON_NS_FIELD_NUMBER: _ClassVar[int]
    MOVE_PCT_FIELD_NUMBER: _ClassVar[int]
    R_SQUARED_FIELD_NUMBER: _ClassVar[int]
    V_SCORE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_FIELD_NUMBER: _ClassVar[int]
    REVERSAL_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_LASTED_NS_FIELD_NUMBER: _ClassVar[int]
    PRICE_CHANGE_PCT_FIELD_NUMBER: _ClassVar[int]
    horizon_ns: int
    move_pct: float
    r_squared: float
    v_score: float
    previous: Direction
    reversal: bool
    previous_lasted_ns: int
    price_change_pct: float
    def __init__(self, horizon_ns: _Optional[int] = ..., move_pct: _Optional[float] = ..., r_squared: _Optional[float] = ..., v_score: _Optional[float] = ..., previous: _Optional[_Union[Direction, str]] = ..., reversal: _Optional[bool] = ..., previous_lasted_ns: _Optional[int] = ..., price_change_pct: _Optional[float] = ...) -> None: ...

class SurgeDetail(_message.Message):
    __slots__ = ("move_pct", "z_score", "baseline_price", "relative_volume", "sigma_pct", "z_threshold", "volume_threshold", "count")
    MOVE_PCT_FIELD_NUMBER: _ClassVar[int]
    Z_SCORE_FIELD_NUMBER: _ClassVar[int]
    BASELINE_PRICE_FIELD_NUMBER: _ClassVar[int]
    RELATIVE_VOLUME_FIELD_NUMBER: _ClassVar[int]
    SIGMA_PCT_FIELD_NUMBER: _ClassVar[int]
    Z_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    VOLUME_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    move_pct: float
    z_score: float
    baseline_price: float
    relative_volume: float
    sigma_pct: float
    z_threshold: float
    volume_threshold: float
    count: int
    def __init__(self, move_pct: _Optional[float] = ..., z_score: _Optional[float] = ..., baseline_price: _Optional[float] = ..., relative_volume: _Optional[float] = ..., sigma_pct: _Optional[float] = ..., z_threshold: _Optional[float] = ..., volume_threshold: _Optional[float] = ..., count: _Optional[int] = ...) -> None: ...

class MoveDetail(_message.Message):
    __slots__ = ("move_pct", "range_pct", "duration_ns")
    MOVE_PCT_FIELD_NUMBER: _ClassVar[int]
    RANGE_PCT_FIELD_NUMBER: _ClassVar[int]
    DURATION_NS_FIELD_NUMBER: _ClassVar[int]
    move_pct: float
    range_pct: float
    duration_ns: int
    def __init__(self, move_pct: _Optional[float] = ..., range_pct: _Optional[float] = ..., duration_ns: _Optional[int] = ...) -> None: ...

class VolumeSpikeDetail(_message.Message):
    __slots__ = ("multiple", "mean_volume", "duration_ns")
    MULTIPLE_FIELD_NUMBER: _ClassVar[int]
    MEAN_VOLUME_FIELD_NUMBER: _ClassVar[int]
    DURATION_NS_FIELD_NUMBER: _ClassVar[int]
    multiple: float
    mean_volume: float
    duration_ns: int
    def __init__(self, multiple: _Optional[float] = ..., mean_volume: _Optional[float] = ..., duration_ns: _Optional[int] = ...) -> None: ...

class GapDetail(_message.Message):
    __slots__ = ("gap_pct", "previous_close", "across_sessions", "duration_ns")
    GAP_PCT_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_CLOSE_FIELD_NUMBER: _ClassVar[int]
    ACROSS_SESSIONS_FIELD_NUMBER: _ClassVar[int]
    DURATION_NS_FIELD_NUMBER: _ClassVar[int]
    gap_pct: float
    previous_close: float
    across_sessions: bool
    duration_ns: int
    def __init__(self, gap_pct: _Optional[float] = ..., previous_close: _Optional[float] = ..., across_sessions: _Optional[bool] = ..., duration_ns: _Optional[int] = ...) -> None: ...

class ValuationDetail(_message.Message):
    __slots__ = ("deviation_pct", "fair_value", "market_price", "confidence", "model", "state", "previous_lasted_ns", "peak_deviation_pct")
    DEVIATION_PCT_FIELD_NUMBER: _ClassVar[int]
    FAIR_VALUE_FIELD_NUMBER: _ClassVar[int]
    MARKET_PRICE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_LASTED_NS_FIELD_NUMBER: _ClassVar[int]
    PEAK_DEVIATION_PCT_FIELD_NUMBER: _ClassVar[int]
    deviation_pct: float
    fair_value: float
    market_price: float
    confidence: float
    model: str
    state: ValuationState
    previous_lasted_ns: int
    peak_deviation_pct: float
    def __init__(self, deviation_pct: _Optional[float] = ..., fair_value: _Optional[float] = ..., market_price: _Optional[float] = ..., confidence: _Optional[float] = ..., model: _Optional[str] = ..., state: _Optional[_Union[ValuationState, str]] = ..., previous_lasted_ns: _Optional[int] = ..., peak_deviation_pct: _Optional[float] = ...) -> None: ...

class QuarantineDetail(_message.Message):
    __slots__ = ("last_good", "limit_pct", "confirmed", "run", "suppressed")
    LAST_GOOD_FIELD_NUMBER: _ClassVar[int]
    LIMIT_PCT_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    RUN_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSED_FIELD_NUMBER: _ClassVar[int]
    last_good: float
    limit_pct: float
    confirmed: bool
    run: int
    suppressed: int
    def __init__(self, last_good: _Optional[float] = ..., limit_pct: _Optional[float] = ..., confirmed: _Optional[bool] = ..., run: _Optional[int] = ..., suppressed: _Optional[int] = ...) -> None: ...

class VwapDetail(_message.Message):
    __slots__ = ("vwap", "previous_lasted_ns")
    VWAP_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_LASTED_NS_FIELD_NUMBER: _ClassVar[int]
    vwap: float
    previous_lasted_ns: int
    def __init__(self, vwap: _Optional[float] = ..., previous_lasted_ns: _Optional[int] = ...) -> None: ...

class RangeBreakDetail(_message.Message):
    __slots__ = ("range_high", "range_low", "minutes")
    RANGE_HIGH_FIELD_NUMBER: _ClassVar[int]
    RANGE_LOW_FIELD_NUMBER: _ClassVar[int]
    MINUTES_FIELD_NUMBER: _ClassVar[int]
    range_high: float
    range_low: float
    minutes: int
    def __init__(self, range_high: _Optional[float] = ..., range_low: _Optional[float] = ..., minutes: _Optional[int] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("sequence", "id", "type", "direction", "symbol", "channel", "timestamp_ns", "detected_ns", "price", "size", "significance", "session", "received_ns", "sequenced_ns", "config_version", "rules_version", "high_low", "trend", "surge", "move", "volume_spike", "gap", "valuation", "bar_closed", "quarantine", "vwap", "range_break")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    DETECTED_NS_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    SIGNIFICANCE_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_NS_FIELD_NUMBER: _ClassVar[int]
    SEQUENCED_NS_FIELD_NUMBER: _ClassVar[int]
    CONFIG_VERSION_FIELD_NUMBER: _ClassVar[int]
    RULES_VERSION_FIELD_NUMBER: _ClassVar[int]
    HIGH_LOW_FIELD_NUMBER: _ClassVar[int]
    TREND_FIELD_NUMBER: _ClassVar[int]
    SURGE_FIELD_NUMBER: _ClassVar[int]
    MOVE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_SPIKE_FIELD_NUMBER: _ClassVar[int]
    GAP_FIELD_NUMBER: _ClassVar[int]
    VALUATION_FIELD_NUMBER: _ClassVar[int]
    BAR_CLOSED_FIELD_NUMBER: _ClassVar[int]
    QUARANTINE_FIELD_NUMBER: _ClassVar[int]
    VWAP_FIELD_NUMBER: _ClassVar[int]
    RANGE_BREAK_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    id: str
    type: EventType
    direction: Direction
    symbol: str
    channel: str
    timestamp_ns: int
    detected_ns: int
    price: float
    size: float
    significance: float
    session: TradingSession
    received_ns: int
    sequenced_ns: int
    config_version: int
    rules_version: int
    high_low: HighLowDetail
    trend: TrendDetail
    surge: SurgeDetail
    move: MoveDetail
    volume_spike: VolumeSpikeDetail
    gap: GapDetail
    valuation: ValuationDetail
    bar_closed: _market_data_pb2.Bar
    quarantine: QuarantineDetail
    vwap: VwapDetail
    range_break: RangeBreakDetail
    def __init__(self, sequence: _Optional[int] = ..., id: _Optional[str] = ..., type: _Optional[_Union[EventType, str]] = ..., direction: _Optional[_Union[Direction, str]] = ..., symbol: _Optional[str] = ..., channel: _Optional[str] = ..., timestamp_ns: _Optional[int] = ..., detected_ns: _Optional[int] = ..., price: _Optional[float] = ..., size: _Optional[float] = ..., significance: _Optional[float] = ..., session: _Optional[_Union[TradingSession, str]] = ..., received_ns: _Optional[int] = ..., sequenced_ns: _Optional[int] = ..., config_version: _Optional[int] = ..., rules_version: _Optional[int] = ..., high_low: _Optional[_Union[HighLowDetail, _Mapping]] = ..., trend: _Optional[_Union[TrendDetail, _Mapping]] = ..., surge: _Optional[_Union[SurgeDetail, _Mapping]] = ..., move: _Optional[_Union[MoveDetail, _Mapping]] = ..., volume_spike: _Optional[_Union[VolumeSpikeDetail, _Mapping]] = ..., gap: _Optional[_Union[GapDetail, _Mapping]] = ..., valuation: _Optional[_Union[ValuationDetail, _Mapping]] = ..., bar_closed: _Optional[_Union[_market_data_pb2.Bar, _Mapping]] = ..., quarantine: _Optional[_Union[QuarantineDetail, _Mapping]] = ..., vwap: _Optional[_Union[VwapDetail, _Mapping]] = ..., range_break: _Optional[_Union[RangeBreakDetail, _Mapping]] = ...) -> None: ...

class SubscribeRequest(_message.Message):
    __slots__ = ("symbols", "types", "channels", "min_significance", "from_sequence", "from_time_ns", "slow_consumer", "max_queue", "heartbeat_ms", "directions", "sessions", "end_when_caught_up", "log_id", "subscription_id")
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    MIN_SIGNIFICANCE_FIELD_NUMBER: _ClassVar[int]
    FROM_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    FROM_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    SLOW_CONSUMER_FIELD_NUMBER: _ClassVar[int]
    MAX_QUEUE_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_MS_FIELD_NUMBER: _ClassVar[int]
    DIRECTIONS_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    END_WHEN_CAUGHT_UP_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    symbols: _containers.RepeatedScalarFieldContainer[str]
    types: _containers.RepeatedScalarFieldContainer[EventType]
    channels: _containers.RepeatedScalarFieldContainer[str]
    min_significance: float
    from_sequence: int
    from_time_ns: int
    slow_consumer: SlowConsumerPolicy
    max_queue: int
    heartbeat_ms: int
    directions: _containers.RepeatedScalarFieldContainer[Direction]
    sessions: _containers.RepeatedScalarFieldContainer[TradingSession]
    end_when_caught_up: bool
    log_id: str
    subscription_id: str
    def __init__(self, symbols: _Optional[_Iterable[str]] = ..., types: _Optional[_Iterable[_Union[EventType, str]]] = ..., channels: _Optional[_Iterable[str]] = ..., min_significance: _Optional[float] = ..., from_sequence: _Optional[int] = ..., from_time_ns: _Optional[int] = ..., slow_consumer: _Optional[_Union[SlowConsumerPolicy, str]] = ..., max_queue: _Optional[int] = ..., heartbeat_ms: _Optional[int] = ..., directions: _Optional[_Iterable[_Union[Direction, str]]] = ..., sessions: _Optional[_Iterable[_Union[TradingSession, str]]] = ..., end_when_caught_up: _Optional[bool] = ..., log_id: _Optional[str] = ..., subscription_id: _Optional[str] = ...) -> None: ...

class EventBatch(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    def __init__(self, events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ...) -> None: ...

class Missed(_message.Message):
    __slots__ = ("first_sequence", "last_sequence", "reason")
    FIRST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    first_sequence: int
    last_sequence: int
    reason: MissedReason
    def __init__(self, first_sequence: _Optional[int] = ..., last_sequence: _Optional[int] = ..., reason: _Optional[_Union[MissedReason, str]] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("last_sequence", "server_time_ns", "watermark_ns", "log_id")
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    SERVER_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    WATERMARK_NS_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    last_sequence: int
    server_time_ns: int
    watermark_ns: int
    log_id: str
    def __init__(self, last_sequence: _Optional[int] = ..., server_time_ns: _Optional[int] = ..., watermark_ns: _Optional[int] = ..., log_id: _Optional[str] = ...) -> None: ...

class CaughtUp(_message.Message):
    __slots__ = ("last_sequence", "log_id")
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    last_sequence: int
    log_id: str
    def __init__(self, last_sequence: _Optional[int] = ..., log_id: _Optional[str] = ...) -> None: ...

class SubscribeResponse(_message.Message):
    __slots__ = ("events", "missed", "heartbeat", "caught_up", "subscription_id")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    MISSED_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    CAUGHT_UP_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    events: EventBatch
    missed: Missed
    heartbeat: Heartbeat
    caught_up: CaughtUp
    subscription_id: str
    def __init__(self, events: _Optional[_Union[EventBatch, _Mapping]] = ..., missed: _Optional[_Union[Missed, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., caught_up: _Optional[_Union[CaughtUp, _Mapping]] = ..., subscription_id: _Optional[str] = ...) -> None: ...
