from penstock.v1 import admin_pb2 as _admin_pb2
from penstock.v1 import events_pb2 as _events_pb2
from penstock.v1 import market_data_pb2 as _market_data_pb2
from penstock.v1 import metrics_pb2 as _metrics_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NoticeCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOTICE_CODE_UNSPECIFIED: _ClassVar[NoticeCode]
    NOTICE_CODE_DRAINING: _ClassVar[NoticeCode]
    NOTICE_CODE_CHANNEL_PAUSED: _ClassVar[NoticeCode]
    NOTICE_CODE_CHANNEL_RESUMED: _ClassVar[NoticeCode]
    NOTICE_CODE_BREAKER_OPENED: _ClassVar[NoticeCode]
    NOTICE_CODE_BREAKER_CLOSED: _ClassVar[NoticeCode]
    NOTICE_CODE_SUBSCRIPTION_ENDED: _ClassVar[NoticeCode]
NOTICE_CODE_UNSPECIFIED: NoticeCode
NOTICE_CODE_DRAINING: NoticeCode
NOTICE_CODE_CHANNEL_PAUSED: NoticeCode
NOTICE_CODE_CHANNEL_RESUMED: NoticeCode
NOTICE_CODE_BREAKER_OPENED: NoticeCode
NOTICE_CODE_BREAKER_CLOSED: NoticeCode
NOTICE_CODE_SUBSCRIPTION_ENDED: NoticeCode

class Unsubscribe(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Ping(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: int
    def __init__(self, token: _Optional[int] = ...) -> None: ...

class Pong(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: int
    def __init__(self, token: _Optional[int] = ...) -> None: ...

class StopMetrics(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ClientFrame(_message.Message):
    __slots__ = ("publish", "subscribe", "unsubscribe", "watch_metrics", "ping", "stop_metrics")
    PUBLISH_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIBE_FIELD_NUMBER: _ClassVar[int]
    UNSUBSCRIBE_FIELD_NUMBER: _ClassVar[int]
    WATCH_METRICS_FIELD_NUMBER: _ClassVar[int]
    PING_FIELD_NUMBER: _ClassVar[int]
    STOP_METRICS_FIELD_NUMBER: _ClassVar[int]
    publish: _market_data_pb2.PublishRequest
    subscribe: _events_pb2.SubscribeRequest
    unsubscribe: Unsubscribe
    watch_metrics: WatchMetricsRequest
    ping: Ping
    stop_metrics: StopMetrics
    def __init__(self, publish: _Optional[_Union[_market_data_pb2.PublishRequest, _Mapping]] = ..., subscribe: _Optional[_Union[_events_pb2.SubscribeRequest, _Mapping]] = ..., unsubscribe: _Optional[_Union[Unsubscribe, _Mapping]] = ..., watch_metrics: _Optional[_Union[WatchMetricsRequest, _Mapping]] = ..., ping: _Optional[_Union[Ping, _Mapping]] = ..., stop_metrics: _Optional[_Union[StopMetrics, _Mapping]] = ...) -> None: ...

class Notice(_message.Message):
    __slots__ = ("code", "detail", "channel", "subscription_id")
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    code: NoticeCode
    detail: str
    channel: str
    subscription_id: str
    def __init__(self, code: _Optional[_Union[NoticeCode, str]] = ..., detail: _Optional[str] = ..., channel: _Optional[str] = ..., subscription_id: _Optional[str] = ...) -> None: ...

class ServerFrame(_message.Message):
    __slots__ = ("ack", "subscription", "metrics", "pong", "notice")
    ACK_FIELD_NUMBER: _ClassVar[int]
    SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    PONG_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    ack: _market_data_pb2.PublishResponse
    subscription: _events_pb2.SubscribeResponse
    metrics: _metrics_pb2.MetricsSnapshot
    pong: Pong
    notice: Notice
    def __init__(self, ack: _Optional[_Union[_market_data_pb2.PublishResponse, _Mapping]] = ..., subscription: _Optional[_Union[_events_pb2.SubscribeResponse, _Mapping]] = ..., metrics: _Optional[_Union[_metrics_pb2.MetricsSnapshot, _Mapping]] = ..., pong: _Optional[_Union[Pong, _Mapping]] = ..., notice: _Optional[_Union[Notice, _Mapping]] = ...) -> None: ...

class WatchMetricsRequest(_message.Message):
    __slots__ = ("interval_ms",)
    INTERVAL_MS_FIELD_NUMBER: _ClassVar[int]
    interval_ms: int
    def __init__(self, interval_ms: _Optional[int] = ...) -> None: ...

class ReplaySetup(_message.Message):
    __slots__ = ("channels", "profiles")
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    PROFILES_FIELD_NUMBER: _ClassVar[int]
    channels: _containers.RepeatedCompositeFieldContainer[_admin_pb2.ChannelSpec]
    profiles: _containers.RepeatedCompositeFieldContainer[_admin_pb2.ProfileSpec]
    def __init__(self, channels: _Optional[_Iterable[_Union[_admin_pb2.ChannelSpec, _Mapping]]] = ..., profiles: _Optional[_Iterable[_Union[_admin_pb2.ProfileSpec, _Mapping]]] = ...) -> None: ...

class ReplayRequest(_message.Message):
    __slots__ = ("setup", "publish")
    SETUP_FIELD_NUMBER: _ClassVar[int]
    PUBLISH_FIELD_NUMBER: _ClassVar[int]
    setup: ReplaySetup
    publish: _market_data_pb2.PublishRequest
    def __init__(self, setup: _Optional[_Union[ReplaySetup, _Mapping]] = ..., publish: _Optional[_Union[_market_data_pb2.PublishRequest, _Mapping]] = ...) -> None: ...

class ReplayCount(_message.Message):
    __slots__ = ("type", "symbol", "events")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    type: _events_pb2.EventType
    symbol: str
    events: int
    def __init__(self, type: _Optional[_Union[_events_pb2.EventType, str]] = ..., symbol: _Optional[str] = ..., events: _Optional[int] = ...) -> None: ...

class ReplaySummary(_message.Message):
    __slots__ = ("counts", "digest")
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    counts: _containers.RepeatedCompositeFieldContainer[ReplayCount]
    digest: bytes
    def __init__(self, counts: _Optional[_Iterable[_Union[ReplayCount, _Mapping]]] = ..., digest: _Optional[bytes] = ...) -> None: ...

class ReplayResponse(_message.Message):
    __slots__ = ("events", "ack", "summary")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    ACK_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    events: _events_pb2.EventBatch
    ack: _market_data_pb2.PublishResponse
    summary: ReplaySummary
    def __init__(self, events: _Optional[_Union[_events_pb2.EventBatch, _Mapping]] = ..., ack: _Optional[_Union[_market_data_pb2.PublishResponse, _Mapping]] = ..., summary: _Optional[_Union[ReplaySummary, _Mapping]] = ...) -> None: ...

class GetSymbolStateRequest(_message.Message):
    __slots__ = ("symbols",)
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    symbols: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, symbols: _Optional[_Iterable[str]] = ...) -> None: ...

class TrendState(_message.Message):
    __slots__ = ("horizon_ns", "direction", "since_ns")
    HORIZON_NS_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    SINCE_NS_FIELD_NUMBER: _ClassVar[int]
    horizon_ns: int
    direction: _events_pb2.Direction
    since_ns: int
    def __init__(self, horizon_ns: _Optional[int] = ..., direction: _Optional[_Union[_events_pb2.Direction, str]] = ..., since_ns: _Optional[int] = ...) -> None: ...

class SymbolState(_message.Message):
    __slots__ = ("symbol", "channel", "last_price", "last_price_ns", "session", "session_open", "session_high", "session_low", "high_anchor", "low_anchor", "trends", "surge", "vwap", "relative_volume", "warm_up_left_ns", "valuation", "profile", "watermark_ns", "candidate_price", "candidate_alike", "learned_pct")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    LAST_PRICE_FIELD_NUMBER: _ClassVar[int]
    LAST_PRICE_NS_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SESSION_OPEN_FIELD_NUMBER: _ClassVar[int]
    SESSION_HIGH_FIELD_NUMBER: _ClassVar[int]
    SESSION_LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_ANCHOR_FIELD_NUMBER: _ClassVar[int]
    LOW_ANCHOR_FIELD_NUMBER: _ClassVar[int]
    TRENDS_FIELD_NUMBER: _ClassVar[int]
    SURGE_FIELD_NUMBER: _ClassVar[int]
    VWAP_FIELD_NUMBER: _ClassVar[int]
    RELATIVE_VOLUME_FIELD_NUMBER: _ClassVar[int]
    WARM_UP_LEFT_NS_FIELD_NUMBER: _ClassVar[int]
    VALUATION_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    WATERMARK_NS_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_PRICE_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_ALIKE_FIELD_NUMBER: _ClassVar[int]
    LEARNED_PCT_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    channel: str
    last_price: float
    last_price_ns: int
    session: _events_pb2.TradingSession
    session_open: float
    session_high: float
    session_low: float
    high_anchor: float
    low_anchor: float
    trends: _containers.RepeatedCompositeFieldContainer[TrendState]
    surge: _events_pb2.Direction
    vwap: float
    relative_volume: float
    warm_up_left_ns: int
    valuation: _events_pb2.ValuationState
    profile: str
    watermark_ns: int
    candidate_price: float
    candidate_alike: int
    learned_pct: float
    def __init__(self, symbol: _Optional[str] = ..., channel: _Optional[str] = ..., last_price: _Optional[float] = ..., last_price_ns: _Optional[int] = ..., session: _Optional[_Union[_events_pb2.TradingSession, str]] = ..., session_open: _Optional[float] = ..., session_high: _Optional[float] = ..., session_low: _Optional[float] = ..., high_anchor: _Optional[float] = ..., low_anchor: _Optional[float] = ..., trends: _Optional[_Iterable[_Union[TrendState, _Mapping]]] = ..., surge: _Optional[_Union[_events_pb2.Direction, str]] = ..., vwap: _Optional[float] = ..., relative_volume: _Optional[float] = ..., warm_up_left_ns: _Optional[int] = ..., valuation: _Optional[_Union[_events_pb2.ValuationState, str]] = ..., profile: _Optional[str] = ..., watermark_ns: _Optional[int] = ..., candidate_price: _Optional[float] = ..., candidate_alike: _Optional[int] = ..., learned_pct: _Optional[float] = ...) -> None: ...

class GetSymbolStateResponse(_message.Message):
    __slots__ = ("states", "as_of_sequence")
    STATES_FIELD_NUMBER: _ClassVar[int]
    AS_OF_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    states: _containers.RepeatedCompositeFieldContainer[SymbolState]
    as_of_sequence: int
    def __init__(self, states: _Optional[_Iterable[_Union[SymbolState, _Mapping]]] = ..., as_of_sequence: _Optional[int] = ...) -> None: ...
