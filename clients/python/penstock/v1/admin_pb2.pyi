from google.protobuf import field_mask_pb2 as _field_mask_pb2
from penstock.v1 import metrics_pb2 as _metrics_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OverflowPolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OVERFLOW_POLICY_UNSPECIFIED: _ClassVar[OverflowPolicy]
    OVERFLOW_POLICY_BLOCK: _ClassVar[OverflowPolicy]
    OVERFLOW_POLICY_DROP_NEWEST: _ClassVar[OverflowPolicy]
    OVERFLOW_POLICY_DROP_OLDEST: _ClassVar[OverflowPolicy]
    OVERFLOW_POLICY_CONFLATE: _ClassVar[OverflowPolicy]

class BatchingStrategy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BATCHING_STRATEGY_UNSPECIFIED: _ClassVar[BatchingStrategy]
    BATCHING_STRATEGY_IMMEDIATE: _ClassVar[BatchingStrategy]
    BATCHING_STRATEGY_SIZE: _ClassVar[BatchingStrategy]
    BATCHING_STRATEGY_TIME: _ClassVar[BatchingStrategy]
    BATCHING_STRATEGY_ADAPTIVE: _ClassVar[BatchingStrategy]

class WaitStrategy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    WAIT_STRATEGY_UNSPECIFIED: _ClassVar[WaitStrategy]
    WAIT_STRATEGY_PARK: _ClassVar[WaitStrategy]
    WAIT_STRATEGY_YIELD: _ClassVar[WaitStrategy]
    WAIT_STRATEGY_SPIN: _ClassVar[WaitStrategy]

class RoutingStrategy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ROUTING_STRATEGY_UNSPECIFIED: _ClassVar[RoutingStrategy]
    ROUTING_STRATEGY_SYMBOL_HASH: _ClassVar[RoutingStrategy]
    ROUTING_STRATEGY_ROUND_ROBIN: _ClassVar[RoutingStrategy]
    ROUTING_STRATEGY_LEAST_LOADED: _ClassVar[RoutingStrategy]
    ROUTING_STRATEGY_HEALTHIEST: _ClassVar[RoutingStrategy]
    ROUTING_STRATEGY_RANDOM: _ClassVar[RoutingStrategy]
OVERFLOW_POLICY_UNSPECIFIED: OverflowPolicy
OVERFLOW_POLICY_BLOCK: OverflowPolicy
OVERFLOW_POLICY_DROP_NEWEST: OverflowPolicy
OVERFLOW_POLICY_DROP_OLDEST: OverflowPolicy
OVERFLOW_POLICY_CONFLATE: OverflowPolicy
BATCHING_STRATEGY_UNSPECIFIED: BatchingStrategy
BATCHING_STRATEGY_IMMEDIATE: BatchingStrategy
BATCHING_STRATEGY_SIZE: BatchingStrategy
BATCHING_STRATEGY_TIME: BatchingStrategy
BATCHING_STRATEGY_ADAPTIVE: BatchingStrategy
WAIT_STRATEGY_UNSPECIFIED: WaitStrategy
WAIT_STRATEGY_PARK: WaitStrategy
WAIT_STRATEGY_YIELD: WaitStrategy
WAIT_STRATEGY_SPIN: WaitStrategy
ROUTING_STRATEGY_UNSPECIFIED: RoutingStrategy
ROUTING_STRATEGY_SYMBOL_HASH: RoutingStrategy
ROUTING_STRATEGY_ROUND_ROBIN: RoutingStrategy
ROUTING_STRATEGY_LEAST_LOADED: RoutingStrategy
ROUTING_STRATEGY_HEALTHIEST: RoutingStrategy
ROUTING_STRATEGY_RANDOM: RoutingStrategy

class BatchingSpec(_message.Message):
    __slots__ = ("strategy", "max_batch", "max_wait_us")
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    MAX_BATCH_FIELD_NUMBER: _ClassVar[int]
    MAX_WAIT_US_FIELD_NUMBER: _ClassVar[int]
    strategy: BatchingStrategy
    max_batch: int
    max_wait_us: int
    def __init__(self, strategy: _Optional[_Union[BatchingStrategy, str]] = ..., max_batch: _Optional[int] = ..., max_wait_us: _Optional[int] = ...) -> None: ...

class BreakerSpec(_message.Message):
    __slots__ = ("window_ns", "min_batches", "failure_rate_pct", "slow_rate_pct", "slow_item_ns", "consecutive_failures", "open_ns", "open_max_ns", "probe_batches")
    WINDOW_NS_FIELD_NUMBER: _ClassVar[int]
    MIN_BATCHES_FIELD_NUMBER: _ClassVar[int]
    FAILURE_RATE_PCT_FIELD_NUMBER: _ClassVar[int]
    SLOW_RATE_PCT_FIELD_NUMBER: _ClassVar[int]
    SLOW_ITEM_NS_FIELD_NUMBER: _ClassVar[int]
    CONSECUTIVE_FAILURES_FIELD_NUMBER: _ClassVar[int]
    OPEN_NS_FIELD_NUMBER: _ClassVar[int]
    OPEN_MAX_NS_FIELD_NUMBER: _ClassVar[int]
    PROBE_BATCHES_FIELD_NUMBER: _ClassVar[int]
    window_ns: int
    min_batches: int
    failure_rate_pct: float
    slow_rate_pct: float
    slow_item_ns: int
    consecutive_failures: int
    open_ns: int
    open_max_ns: int
    probe_batches: int
    def __init__(self, window_ns: _Optional[int] = ..., min_batches: _Optional[int] = ..., failure_rate_pct: _Optional[float] = ..., slow_rate_pct: _Optional[float] = ..., slow_item_ns: _Optional[int] = ..., consecutive_failures: _Optional[int] = ..., open_ns: _Optional[int] = ..., open_max_ns: _Optional[int] = ..., probe_batches: _Optional[int] = ...) -> None: ...

class HealthSpec(_message.Message):
    __slots__ = ("stall_after_ns", "depth_pct", "depth_for_ns", "p99_limit_ns")
    STALL_AFTER_NS_FIELD_NUMBER: _ClassVar[int]
    DEPTH_PCT_FIELD_NUMBER: _ClassVar[int]
    DEPTH_FOR_NS_FIELD_NUMBER: _ClassVar[int]
    P99_LIMIT_NS_FIELD_NUMBER: _ClassVar[int]
    stall_after_ns: int
    depth_pct: float
    depth_for_ns: int
    p99_limit_ns: int
    def __init__(self, stall_after_ns: _Optional[int] = ..., depth_pct: _Optional[float] = ..., depth_for_ns: _Optional[int] = ..., p99_limit_ns: _Optional[int] = ...) -> None: ...

class ChannelSpec(_message.Message):
    __slots__ = ("name", "type", "ring_capacity", "overflow", "batching", "wait", "breaker", "health", "profiles")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    RING_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    OVERFLOW_FIELD_NUMBER: _ClassVar[int]
    BATCHING_FIELD_NUMBER: _ClassVar[int]
    WAIT_FIELD_NUMBER: _ClassVar[int]
    BREAKER_FIELD_NUMBER: _ClassVar[int]
    HEALTH_FIELD_NUMBER: _ClassVar[int]
    PROFILES_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: _metrics_pb2.ChannelType
    ring_capacity: int
    overflow: OverflowPolicy
    batching: BatchingSpec
    wait: WaitStrategy
    breaker: BreakerSpec
    health: HealthSpec
    profiles: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., type: _Optional[_Union[_metrics_pb2.ChannelType, str]] = ..., ring_capacity: _Optional[int] = ..., overflow: _Optional[_Union[OverflowPolicy, str]] = ..., batching: _Optional[_Union[BatchingSpec, _Mapping]] = ..., wait: _Optional[_Union[WaitStrategy, str]] = ..., breaker: _Optional[_Union[BreakerSpec, _Mapping]] = ..., health: _Optional[_Union[HealthSpec, _Mapping]] = ..., profiles: _Optional[_Iterable[str]] = ...) -> None: ...

class SessionTimes(_message.Message):
    __slots__ = ("pre", "regular", "post", "closed", "pre_ranges", "regular_ranges", "post_ranges")
    PRE_FIELD_NUMBER: _ClassVar[int]
    REGULAR_FIELD_NUMBER: _ClassVar[int]
    POST_FIELD_NUMBER: _ClassVar[int]
    CLOSED_FIELD_NUMBER: _ClassVar[int]
    PRE_RANGES_FIELD_NUMBER: _ClassVar[int]
    REGULAR_RANGES_FIELD_NUMBER: _ClassVar[int]
    POST_RANGES_FIELD_NUMBER: _ClassVar[int]
    pre: int
    regular: int
    post: int
    closed: int
    pre_ranges: _containers.RepeatedScalarFieldContainer[str]
    regular_ranges: _containers.RepeatedScalarFieldContainer[str]
    post_ranges: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, pre: _Optional[int] = ..., regular: _Optional[int] = ..., post: _Optional[int] = ..., closed: _Optional[int] = ..., pre_ranges: _Optional[_Iterable[str]] = ..., regular_ranges: _Optional[_Iterable[str]] = ..., post_ranges: _Optional[_Iterable[str]] = ...) -> None: ...

class CalendarSpec(_message.Message):
    __slots__ = ("preset", "time_zone", "sessions", "holidays", "early_closes", "week")
    PRESET_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    HOLIDAYS_FIELD_NUMBER: _ClassVar[int]
    EARLY_CLOSES_FIELD_NUMBER: _ClassVar[int]
    WEEK_FIELD_NUMBER: _ClassVar[int]
    preset: str
    time_zone: str
    sessions: SessionTimes
    holidays: _containers.RepeatedScalarFieldContainer[str]
    early_closes: _containers.RepeatedScalarFieldContainer[str]
    week: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, preset: _Optional[str] = ..., time_zone: _Optional[str] = ..., sessions: _Optional[_Union[SessionTimes, _Mapping]] = ..., holidays: _Optional[_Iterable[str]] = ..., early_closes: _Optional[_Iterable[str]] = ..., week: _Optional[_Iterable[str]] = ...) -> None: ...

class PrintFilterSpec(_message.Message):
    __slots__ = ("enabled", "jump_pct", "floor", "confirm", "confirm_time_ns", "open_jump_pct", "learned_max_pct", "learned_time_ns")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    JUMP_PCT_FIELD_NUMBER: _ClassVar[int]
    FLOOR_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    OPEN_JUMP_PCT_FIELD_NUMBER: _ClassVar[int]
    LEARNED_MAX_PCT_FIELD_NUMBER: _ClassVar[int]
    LEARNED_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    jump_pct: float
    floor: float
    confirm: int
    confirm_time_ns: int
    open_jump_pct: float
    learned_max_pct: float
    learned_time_ns: int
    def __init__(self, enabled: _Optional[bool] = ..., jump_pct: _Optional[float] = ..., floor: _Optional[float] = ..., confirm: _Optional[int] = ..., confirm_time_ns: _Optional[int] = ..., open_jump_pct: _Optional[float] = ..., learned_max_pct: _Optional[float] = ..., learned_time_ns: _Optional[int] = ...) -> None: ...

class ActivitySpec(_message.Message):
    __slots__ = ("sigma_sample_ns", "sigma_time_ns", "window_ns", "volume_time_ns")
    SIGMA_SAMPLE_NS_FIELD_NUMBER: _ClassVar[int]
    SIGMA_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    WINDOW_NS_FIELD_NUMBER: _ClassVar[int]
    VOLUME_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    sigma_sample_ns: int
    sigma_time_ns: int
    window_ns: int
    volume_time_ns: int
    def __init__(self, sigma_sample_ns: _Optional[int] = ..., sigma_time_ns: _Optional[int] = ..., window_ns: _Optional[int] = ..., volume_time_ns: _Optional[int] = ...) -> None: ...

class PriceBandSpec(_message.Message):
    __slots__ = ("below", "min_change", "min_change_pct")
    BELOW_FIELD_NUMBER: _ClassVar[int]
    MIN_CHANGE_FIELD_NUMBER: _ClassVar[int]
    MIN_CHANGE_PCT_FIELD_NUMBER: _ClassVar[int]
    below: float
    min_change: float
    min_change_pct: float
    def __init__(self, below: _Optional[float] = ..., min_change: _Optional[float] = ..., min_change_pct: _Optional[float] = ...) -> None: ...

class HighLowSpec(_message.Message):
    __slots__ = ("enabled", "bands", "extended_hours_factor", "opening_factor", "opening_time_ns", "cooldown_ns", "reversal_window_ns", "volume_weight")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    BANDS_FIELD_NUMBER: _ClassVar[int]
    EXTENDED_HOURS_FACTOR_FIELD_NUMBER: _ClassVar[int]
    OPENING_FACTOR_FIELD_NUMBER: _ClassVar[int]
    OPENING_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_NS_FIELD_NUMBER: _ClassVar[int]
    REVERSAL_WINDOW_NS_FIELD_NUMBER: _ClassVar[int]
    VOLUME_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    bands: _containers.RepeatedCompositeFieldContainer[PriceBandSpec]
    extended_hours_factor: float
    opening_factor: float
    opening_time_ns: int
    cooldown_ns: int
    reversal_window_ns: int
    volume_weight: float
    def __init__(self, enabled: _Optional[bool] = ..., bands: _Optional[_Iterable[_Union[PriceBandSpec, _Mapping]]] = ..., extended_hours_factor: _Optional[float] = ..., opening_factor: _Optional[float] = ..., opening_time_ns: _Optional[int] = ..., cooldown_ns: _Optional[int] = ..., reversal_window_ns: _Optional[int] = ..., volume_weight: _Optional[float] = ...) -> None: ...

class SurgeSpec(_message.Message):
    __slots__ = ("enabled", "z", "min_move_pct", "volume_ratio", "warm_up_ns", "cooldown_ns", "confirm")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    MIN_MOVE_PCT_FIELD_NUMBER: _ClassVar[int]
    VOLUME_RATIO_FIELD_NUMBER: _ClassVar[int]
    WARM_UP_NS_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_NS_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    z: float
    min_move_pct: float
    volume_ratio: float
    warm_up_ns: int
    cooldown_ns: int
    confirm: int
    def __init__(self, enabled: _Optional[bool] = ..., z: _Optional[float] = ..., min_move_pct: _Optional[float] = ..., volume_ratio: _Optional[float] = ..., warm_up_ns: _Optional[int] = ..., cooldown_ns: _Optional[int] = ..., confirm: _Optional[int] = ...) -> None: ...

class VolumeSpikeSpec(_message.Message):
    __slots__ = ("enabled", "multiple", "warm_up_ns", "history", "cooldown_ns", "active_seconds", "extended_hours_factor")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    MULTIPLE_FIELD_NUMBER: _ClassVar[int]
    WARM_UP_NS_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_NS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    EXTENDED_HOURS_FACTOR_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    multiple: float
    warm_up_ns: int
    history: int
    cooldown_ns: int
    active_seconds: int
    extended_hours_factor: float
    def __init__(self, enabled: _Optional[bool] = ..., multiple: _Optional[float] = ..., warm_up_ns: _Optional[int] = ..., history: _Optional[int] = ..., cooldown_ns: _Optional[int] = ..., active_seconds: _Optional[int] = ..., extended_hours_factor: _Optional[float] = ...) -> None: ...

class TrendSpec(_message.Message):
    __slots__ = ("enabled", "horizons_ns", "min_samples", "enter_r2", "enter_move_pct", "enter_v", "exit_r2")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    HORIZONS_NS_FIELD_NUMBER: _ClassVar[int]
    MIN_SAMPLES_FIELD_NUMBER: _ClassVar[int]
    ENTER_R2_FIELD_NUMBER: _ClassVar[int]
    ENTER_MOVE_PCT_FIELD_NUMBER: _ClassVar[int]
    ENTER_V_FIELD_NUMBER: _ClassVar[int]
    EXIT_R2_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    horizons_ns: _containers.RepeatedScalarFieldContainer[int]
    min_samples: _containers.RepeatedScalarFieldContainer[int]
    enter_r2: float
    enter_move_pct: float
    enter_v: float
    exit_r2: float
    def __init__(self, enabled: _Optional[bool] = ..., horizons_ns: _Optional[_Iterable[int]] = ..., min_samples: _Optional[_Iterable[int]] = ..., enter_r2: _Optional[float] = ..., enter_move_pct: _Optional[float] = ..., enter_v: _Optional[float] = ..., exit_r2: _Optional[float] = ...) -> None: ...

class VwapCrossSpec(_message.Message):
    __slots__ = ("enabled", "band_pct", "warm_up_ns", "hold_ns")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    BAND_PCT_FIELD_NUMBER: _ClassVar[int]
    WARM_UP_NS_FIELD_NUMBER: _ClassVar[int]
    HOLD_NS_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    band_pct: float
    warm_up_ns: int
    hold_ns: int
    def __init__(self, enabled: _Optional[bool] = ..., band_pct: _Optional[float] = ..., warm_up_ns: _Optional[int] = ..., hold_ns: _Optional[int] = ...) -> None: ...

class OpeningRangeSpec(_message.Message):
    __slots__ = ("enabled", "minutes", "band_pct")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    MINUTES_FIELD_NUMBER: _ClassVar[int]
    BAND_PCT_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    minutes: int
    band_pct: float
    def __init__(self, enabled: _Optional[bool] = ..., minutes: _Optional[int] = ..., band_pct: _Optional[float] = ...) -> None: ...

class GapSpec(_message.Message):
    __slots__ = ("enabled", "gap_pct", "daily_gap_pct")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    GAP_PCT_FIELD_NUMBER: _ClassVar[int]
    DAILY_GAP_PCT_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    gap_pct: float
    daily_gap_pct: float
    def __init__(self, enabled: _Optional[bool] = ..., gap_pct: _Optional[float] = ..., daily_gap_pct: _Optional[float] = ...) -> None: ...

class TickDetectorsSpec(_message.Message):
    __slots__ = ("lateness_tolerance_ns", "print_filter", "activity", "high_low", "surge", "volume_spike", "trend", "vwap_cross", "opening_range", "gap", "bars_ns")
    LATENESS_TOLERANCE_NS_FIELD_NUMBER: _ClassVar[int]
    PRINT_FILTER_FIELD_NUMBER: _ClassVar[int]
    ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    HIGH_LOW_FIELD_NUMBER: _ClassVar[int]
    SURGE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_SPIKE_FIELD_NUMBER: _ClassVar[int]
    TREND_FIELD_NUMBER: _ClassVar[int]
    VWAP_CROSS_FIELD_NUMBER: _ClassVar[int]
    OPENING_RANGE_FIELD_NUMBER: _ClassVar[int]
    GAP_FIELD_NUMBER: _ClassVar[int]
    BARS_NS_FIELD_NUMBER: _ClassVar[int]
    lateness_tolerance_ns: int
    print_filter: PrintFilterSpec
    activity: ActivitySpec
    high_low: HighLowSpec
    surge: SurgeSpec
    volume_spike: VolumeSpikeSpec
    trend: TrendSpec
    vwap_cross: VwapCrossSpec
    opening_range: OpeningRangeSpec
    gap: GapSpec
    bars_ns: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, lateness_tolerance_ns: _Optional[int] = ..., print_filter: _Optional[_Union[PrintFilterSpec, _Mapping]] = ..., activity: _Optional[_Union[ActivitySpec, _Mapping]] = ..., high_low: _Optional[_Union[HighLowSpec, _Mapping]] = ..., surge: _Optional[_Union[SurgeSpec, _Mapping]] = ..., volume_spike: _Optional[_Union[VolumeSpikeSpec, _Mapping]] = ..., trend: _Optional[_Union[TrendSpec, _Mapping]] = ..., vwap_cross: _Optional[_Union[VwapCrossSpec, _Mapping]] = ..., opening_range: _Optional[_Union[OpeningRangeSpec, _Mapping]] = ..., gap: _Optional[_Union[GapSpec, _Mapping]] = ..., bars_ns: _Optional[_Iterable[int]] = ...) -> None: ...

class SignificantMoveSpec(_message.Message):
    __slots__ = ("enabled", "move_pct_1m", "move_pct_5m", "move_pct_intraday", "move_pct_daily")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    MOVE_PCT_1M_FIELD_NUMBER: _ClassVar[int]
    MOVE_PCT_5M_FIELD_NUMBER: _ClassVar[int]
    MOVE_PCT_INTRADAY_FIELD_NUMBER: _ClassVar[int]
    MOVE_PCT_DAILY_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    move_pct_1m: float
    move_pct_5m: float
    move_pct_intraday: float
    move_pct_daily: float
    def __init__(self, enabled: _Optional[bool] = ..., move_pct_1m: _Optional[float] = ..., move_pct_5m: _Optional[float] = ..., move_pct_intraday: _Optional[float] = ..., move_pct_daily: _Optional[float] = ...) -> None: ...

class BarHighLowSpec(_message.Message):
    __slots__ = ("enabled", "closes")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    CLOSES_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    closes: int
    def __init__(self, enabled: _Optional[bool] = ..., closes: _Optional[int] = ...) -> None: ...

class AggregateSpec(_message.Message):
    __slots__ = ("enabled", "windows_ns")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    WINDOWS_NS_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    windows_ns: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, enabled: _Optional[bool] = ..., windows_ns: _Optional[_Iterable[int]] = ...) -> None: ...

class BarDetectorsSpec(_message.Message):
    __slots__ = ("gap", "significant_move", "volume_spike", "high_low", "aggregate")
    GAP_FIELD_NUMBER: _ClassVar[int]
    SIGNIFICANT_MOVE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_SPIKE_FIELD_NUMBER: _ClassVar[int]
    HIGH_LOW_FIELD_NUMBER: _ClassVar[int]
    AGGREGATE_FIELD_NUMBER: _ClassVar[int]
    gap: GapSpec
    significant_move: SignificantMoveSpec
    volume_spike: VolumeSpikeSpec
    high_low: BarHighLowSpec
    aggregate: AggregateSpec
    def __init__(self, gap: _Optional[_Union[GapSpec, _Mapping]] = ..., significant_move: _Optional[_Union[SignificantMoveSpec, _Mapping]] = ..., volume_spike: _Optional[_Union[VolumeSpikeSpec, _Mapping]] = ..., high_low: _Optional[_Union[BarHighLowSpec, _Mapping]] = ..., aggregate: _Optional[_Union[AggregateSpec, _Mapping]] = ...) -> None: ...

class ValuationSpec(_message.Message):
    __slots__ = ("enabled", "enter_pct", "exit_pct", "min_confidence", "max_staleness_ns")
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    ENTER_PCT_FIELD_NUMBER: _ClassVar[int]
    EXIT_PCT_FIELD_NUMBER: _ClassVar[int]
    MIN_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    MAX_STALENESS_NS_FIELD_NUMBER: _ClassVar[int]
    enabled: bool
    enter_pct: float
    exit_pct: float
    min_confidence: float
    max_staleness_ns: int
    def __init__(self, enabled: _Optional[bool] = ..., enter_pct: _Optional[float] = ..., exit_pct: _Optional[float] = ..., min_confidence: _Optional[float] = ..., max_staleness_ns: _Optional[int] = ...) -> None: ...

class FairMarketValueDetectorsSpec(_message.Message):
    __slots__ = ("valuation",)
    VALUATION_FIELD_NUMBER: _ClassVar[int]
    valuation: ValuationSpec
    def __init__(self, valuation: _Optional[_Union[ValuationSpec, _Mapping]] = ...) -> None: ...

class DetectorsSpec(_message.Message):
    __slots__ = ("tick", "bar", "fmv")
    TICK_FIELD_NUMBER: _ClassVar[int]
    BAR_FIELD_NUMBER: _ClassVar[int]
    FMV_FIELD_NUMBER: _ClassVar[int]
    tick: TickDetectorsSpec
    bar: BarDetectorsSpec
    fmv: FairMarketValueDetectorsSpec
    def __init__(self, tick: _Optional[_Union[TickDetectorsSpec, _Mapping]] = ..., bar: _Optional[_Union[BarDetectorsSpec, _Mapping]] = ..., fmv: _Optional[_Union[FairMarketValueDetectorsSpec, _Mapping]] = ...) -> None: ...

class ProfileSpec(_message.Message):
    __slots__ = ("name", "symbols", "calendar", "max_ahead_ns", "detectors")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    CALENDAR_FIELD_NUMBER: _ClassVar[int]
    MAX_AHEAD_NS_FIELD_NUMBER: _ClassVar[int]
    DETECTORS_FIELD_NUMBER: _ClassVar[int]
    name: str
    symbols: _containers.RepeatedScalarFieldContainer[str]
    calendar: CalendarSpec
    max_ahead_ns: int
    detectors: DetectorsSpec
    def __init__(self, name: _Optional[str] = ..., symbols: _Optional[_Iterable[str]] = ..., calendar: _Optional[_Union[CalendarSpec, _Mapping]] = ..., max_ahead_ns: _Optional[int] = ..., detectors: _Optional[_Union[DetectorsSpec, _Mapping]] = ...) -> None: ...

class ChannelStatus(_message.Message):
    __slots__ = ("spec", "metrics", "config_version")
    SPEC_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    CONFIG_VERSION_FIELD_NUMBER: _ClassVar[int]
    spec: ChannelSpec
    metrics: _metrics_pb2.ChannelMetrics
    config_version: int
    def __init__(self, spec: _Optional[_Union[ChannelSpec, _Mapping]] = ..., metrics: _Optional[_Union[_metrics_pb2.ChannelMetrics, _Mapping]] = ..., config_version: _Optional[int] = ...) -> None: ...

class ListChannelsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListChannelsResponse(_message.Message):
    __slots__ = ("channels",)
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    channels: _containers.RepeatedCompositeFieldContainer[ChannelStatus]
    def __init__(self, channels: _Optional[_Iterable[_Union[ChannelStatus, _Mapping]]] = ...) -> None: ...

class GetChannelRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetChannelResponse(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: ChannelStatus
    def __init__(self, channel: _Optional[_Union[ChannelStatus, _Mapping]] = ...) -> None: ...

class PauseChannelRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class PauseChannelResponse(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: ChannelStatus
    def __init__(self, channel: _Optional[_Union[ChannelStatus, _Mapping]] = ...) -> None: ...

class ResumeChannelRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ResumeChannelResponse(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: ChannelStatus
    def __init__(self, channel: _Optional[_Union[ChannelStatus, _Mapping]] = ...) -> None: ...

class DrainChannelRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DrainChannelResponse(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: ChannelStatus
    def __init__(self, channel: _Optional[_Union[ChannelStatus, _Mapping]] = ...) -> None: ...

class StartChannelRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class StartChannelResponse(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: ChannelStatus
    def __init__(self, channel: _Optional[_Union[ChannelStatus, _Mapping]] = ...) -> None: ...

class DeleteChannelRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DeleteChannelResponse(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: ChannelStatus
    def __init__(self, channel: _Optional[_Union[ChannelStatus, _Mapping]] = ...) -> None: ...

class CreateChannelRequest(_message.Message):
    __slots__ = ("spec", "validate_only")
    SPEC_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    spec: ChannelSpec
    validate_only: bool
    def __init__(self, spec: _Optional[_Union[ChannelSpec, _Mapping]] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class CreateChannelResponse(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: ChannelStatus
    def __init__(self, channel: _Optional[_Union[ChannelStatus, _Mapping]] = ...) -> None: ...

class UpdateChannelRequest(_message.Message):
    __slots__ = ("spec", "update_mask", "expected_config_version", "validate_only")
    SPEC_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_CONFIG_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    spec: ChannelSpec
    update_mask: _field_mask_pb2.FieldMask
    expected_config_version: int
    validate_only: bool
    def __init__(self, spec: _Optional[_Union[ChannelSpec, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., expected_config_version: _Optional[int] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class UpdateChannelResponse(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: ChannelStatus
    def __init__(self, channel: _Optional[_Union[ChannelStatus, _Mapping]] = ...) -> None: ...

class TripBreakerRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class TripBreakerResponse(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: ChannelStatus
    def __init__(self, channel: _Optional[_Union[ChannelStatus, _Mapping]] = ...) -> None: ...

class ResetBreakerRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ResetBreakerResponse(_message.Message):
    __slots__ = ("channel",)
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    channel: ChannelStatus
    def __init__(self, channel: _Optional[_Union[ChannelStatus, _Mapping]] = ...) -> None: ...

class RoutingSpec(_message.Message):
    __slots__ = ("type", "strategy", "seed")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    type: _metrics_pb2.ChannelType
    strategy: RoutingStrategy
    seed: int
    def __init__(self, type: _Optional[_Union[_metrics_pb2.ChannelType, str]] = ..., strategy: _Optional[_Union[RoutingStrategy, str]] = ..., seed: _Optional[int] = ...) -> None: ...

class GetRoutingRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetRoutingResponse(_message.Message):
    __slots__ = ("routing", "metrics")
    ROUTING_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    routing: _containers.RepeatedCompositeFieldContainer[RoutingSpec]
    metrics: _metrics_pb2.RouterMetrics
    def __init__(self, routing: _Optional[_Iterable[_Union[RoutingSpec, _Mapping]]] = ..., metrics: _Optional[_Union[_metrics_pb2.RouterMetrics, _Mapping]] = ...) -> None: ...

class SetRoutingRequest(_message.Message):
    __slots__ = ("routing",)
    ROUTING_FIELD_NUMBER: _ClassVar[int]
    routing: RoutingSpec
    def __init__(self, routing: _Optional[_Union[RoutingSpec, _Mapping]] = ...) -> None: ...

class SetRoutingResponse(_message.Message):
    __slots__ = ("routing",)
    ROUTING_FIELD_NUMBER: _ClassVar[int]
    routing: _containers.RepeatedCompositeFieldContainer[RoutingSpec]
    def __init__(self, routing: _Optional[_Iterable[_Union[RoutingSpec, _Mapping]]] = ...) -> None: ...

class RebalanceRequest(_message.Message):
    __slots__ = ("type",)
    TYPE_FIELD_NUMBER: _ClassVar[int]
    type: _metrics_pb2.ChannelType
    def __init__(self, type: _Optional[_Union[_metrics_pb2.ChannelType, str]] = ...) -> None: ...

class RebalanceResponse(_message.Message):
    __slots__ = ("moved",)
    MOVED_FIELD_NUMBER: _ClassVar[int]
    moved: int
    def __init__(self, moved: _Optional[int] = ...) -> None: ...

class ResetSymbolsRequest(_message.Message):
    __slots__ = ("symbols",)
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    symbols: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, symbols: _Optional[_Iterable[str]] = ...) -> None: ...

class ResetSymbolsResponse(_message.Message):
    __slots__ = ("reset",)
    RESET_FIELD_NUMBER: _ClassVar[int]
    reset: int
    def __init__(self, reset: _Optional[int] = ...) -> None: ...

class ProfileStatus(_message.Message):
    __slots__ = ("spec", "config_version")
    SPEC_FIELD_NUMBER: _ClassVar[int]
    CONFIG_VERSION_FIELD_NUMBER: _ClassVar[int]
    spec: ProfileSpec
    config_version: int
    def __init__(self, spec: _Optional[_Union[ProfileSpec, _Mapping]] = ..., config_version: _Optional[int] = ...) -> None: ...

class GetProfileRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetProfileResponse(_message.Message):
    __slots__ = ("profile",)
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    profile: ProfileStatus
    def __init__(self, profile: _Optional[_Union[ProfileStatus, _Mapping]] = ...) -> None: ...

class UpdateProfileRequest(_message.Message):
    __slots__ = ("spec", "update_mask", "expected_config_version", "validate_only")
    SPEC_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_CONFIG_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    spec: ProfileSpec
    update_mask: _field_mask_pb2.FieldMask
    expected_config_version: int
    validate_only: bool
    def __init__(self, spec: _Optional[_Union[ProfileSpec, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., expected_config_version: _Optional[int] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class UpdateProfileResponse(_message.Message):
    __slots__ = ("profile",)
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    profile: ProfileStatus
    def __init__(self, profile: _Optional[_Union[ProfileStatus, _Mapping]] = ...) -> None: ...

class SessionInfo(_message.Message):
    __slots__ = ("id", "peer", "identity", "streams", "lag", "drops", "bytes_in", "bytes_out")
    ID_FIELD_NUMBER: _ClassVar[int]
    PEER_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    STREAMS_FIELD_NUMBER: _ClassVar[int]
    LAG_FIELD_NUMBER: _ClassVar[int]
    DROPS_FIELD_NUMBER: _ClassVar[int]
    BYTES_IN_FIELD_NUMBER: _ClassVar[int]
    BYTES_OUT_FIELD_NUMBER: _ClassVar[int]
    id: str
    peer: str
    identity: str
    streams: int
    lag: int
    drops: int
    bytes_in: int
    bytes_out: int
    def __init__(self, id: _Optional[str] = ..., peer: _Optional[str] = ..., identity: _Optional[str] = ..., streams: _Optional[int] = ..., lag: _Optional[int] = ..., drops: _Optional[int] = ..., bytes_in: _Optional[int] = ..., bytes_out: _Optional[int] = ...) -> None: ...

class ListSessionsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListSessionsResponse(_message.Message):
    __slots__ = ("sessions",)
    SESSIONS_FIELD_NUMBER: _ClassVar[int]
    sessions: _containers.RepeatedCompositeFieldContainer[SessionInfo]
    def __init__(self, sessions: _Optional[_Iterable[_Union[SessionInfo, _Mapping]]] = ...) -> None: ...

class DisconnectSessionRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class DisconnectSessionResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetMetricsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetMetricsResponse(_message.Message):
    __slots__ = ("metrics",)
    METRICS_FIELD_NUMBER: _ClassVar[int]
    metrics: _metrics_pb2.MetricsSnapshot
    def __init__(self, metrics: _Optional[_Union[_metrics_pb2.MetricsSnapshot, _Mapping]] = ...) -> None: ...

class GetServerInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetServerInfoResponse(_message.Message):
    __slots__ = ("version", "rules_version", "log_id", "started_ns", "server_time_ns", "last_event_sequence", "first_kept_sequence", "max_message_bytes", "max_items", "profiles")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    RULES_VERSION_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    STARTED_NS_FIELD_NUMBER: _ClassVar[int]
    SERVER_TIME_NS_FIELD_NUMBER: _ClassVar[int]
    LAST_EVENT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    FIRST_KEPT_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_ITEMS_FIELD_NUMBER: _ClassVar[int]
    PROFILES_FIELD_NUMBER: _ClassVar[int]
    version: str
    rules_version: int
    log_id: str
    started_ns: int
    server_time_ns: int
    last_event_sequence: int
    first_kept_sequence: int
    max_message_bytes: int
    max_items: int
    profiles: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, version: _Optional[str] = ..., rules_version: _Optional[int] = ..., log_id: _Optional[str] = ..., started_ns: _Optional[int] = ..., server_time_ns: _Optional[int] = ..., last_event_sequence: _Optional[int] = ..., first_kept_sequence: _Optional[int] = ..., max_message_bytes: _Optional[int] = ..., max_items: _Optional[int] = ..., profiles: _Optional[_Iterable[str]] = ...) -> None: ...

class ShutdownRequest(_message.Message):
    __slots__ = ("grace_ms",)
    GRACE_MS_FIELD_NUMBER: _ClassVar[int]
    grace_ms: int
    def __init__(self, grace_ms: _Optional[int] = ...) -> None: ...

class ShutdownResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
