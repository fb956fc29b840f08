from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RejectionCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REJECTION_CODE_UNSPECIFIED: _ClassVar[RejectionCode]
    REJECTION_CODE_EMPTY_PAYLOAD: _ClassVar[RejectionCode]
    REJECTION_CODE_BAD_SYMBOL: _ClassVar[RejectionCode]
    REJECTION_CODE_BAD_PRICE: _ClassVar[RejectionCode]
    REJECTION_CODE_BAD_SIZE: _ClassVar[RejectionCode]
    REJECTION_CODE_BAD_TIMESTAMP: _ClassVar[RejectionCode]
    REJECTION_CODE_BAD_BAR: _ClassVar[RejectionCode]
    REJECTION_CODE_BAD_COLUMNS: _ClassVar[RejectionCode]
    REJECTION_CODE_NO_CHANNEL: _ClassVar[RejectionCode]
    REJECTION_CODE_TOO_MANY_SYMBOLS: _ClassVar[RejectionCode]
    REJECTION_CODE_SEQUENCE_REGRESSION: _ClassVar[RejectionCode]
    REJECTION_CODE_BAD_FAIR_VALUE: _ClassVar[RejectionCode]
REJECTION_CODE_UNSPECIFIED: RejectionCode
REJECTION_CODE_EMPTY_PAYLOAD: RejectionCode
REJECTION_CODE_BAD_SYMBOL: RejectionCode
REJECTION_CODE_BAD_PRICE: RejectionCode
REJECTION_CODE_BAD_SIZE: RejectionCode
REJECTION_CODE_BAD_TIMESTAMP: RejectionCode
REJECTION_CODE_BAD_BAR: RejectionCode
REJECTION_CODE_BAD_COLUMNS: RejectionCode
REJECTION_CODE_NO_CHANNEL: RejectionCode
REJECTION_CODE_TOO_MANY_SYMBOLS: RejectionCode
REJECTION_CODE_SEQUENCE_REGRESSION: RejectionCode
REJECTION_CODE_BAD_FAIR_VALUE: RejectionCode

class Tick(_message.Message):
    __slots__ = ("symbol", "timestamp_ns", "price", "size", "conditions")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    timestamp_ns: int
    price: float
    size: float
    conditions: int
    def __init__(self, symbol: _Optional[str] = ..., timestamp_ns: _Optional[int] = ..., price: _Optional[float] = ..., size: _Optional[float] = ..., conditions: _Optional[int] = ...) -> None: ...

class Bar(_message.Message):
    __slots__ = ("symbol", "start_ns", "duration_ns", "open", "high", "low", "close", "volume", "vwap", "trade_count", "partial", "incomplete")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    START_NS_FIELD_NUMBER: _ClassVar[int]
    DURATION_NS_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    CLOSE_FIELD_NUMBER: _ClassVar[int]
    VOLUME_FIELD_NUMBER: _ClassVar[int]
    VWAP_FIELD_NUMBER: _ClassVar[int]
    TRADE_COUNT_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_FIELD_NUMBER: _ClassVar[int]
    INCOMPLETE_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    start_ns: int
    duration_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    vwap: float
    trade_count: int
    partial: bool
    incomplete: bool
    def __init__(self, symbol: _Optional[str] = ..., start_ns: _Optional[int] = ..., duration_ns: _Optional[int] = ..., open: _Optional[float] = ..., high: _Optional[float] = ..., low: _Optional[float] = ..., close: _Optional[float] = ..., volume: _Optional[float] = ..., vwap: _Optional[float] = ..., trade_count: _Optional[int] = ..., partial: _Optional[bool] = ..., incomplete: _Optional[bool] = ...) -> None: ...

class FairMarketValue(_message.Message):
    __slots__ = ("symbol", "timestamp_ns", "fair_value", "market_price", "confidence", "model")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    FAIR_VALUE_FIELD_NUMBER: _ClassVar[int]
    MARKET_PRICE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    timestamp_ns: int
    fair_value: float
    market_price: float
    confidence: float
    model: str
    def __init__(self, symbol: _Optional[str] = ..., timestamp_ns: _Optional[int] = ..., fair_value: _Optional[float] = ..., market_price: _Optional[float] = ..., confidence: _Optional[float] = ..., model: _Optional[str] = ...) -> None: ...

class TickBatch(_message.Message):
    __slots__ = ("ticks",)
    TICKS_FIELD_NUMBER: _ClassVar[int]
    ticks: _containers.RepeatedCompositeFieldContainer[Tick]
    def __init__(self, ticks: _Optional[_Iterable[_Union[Tick, _Mapping]]] = ...) -> None: ...

class BarBatch(_message.Message):
    __slots__ = ("bars",)
    BARS_FIELD_NUMBER: _ClassVar[int]
    bars: _containers.RepeatedCompositeFieldContainer[Bar]
    def __init__(self, bars: _Optional[_Iterable[_Union[Bar, _Mapping]]] = ...) -> None: ...

class FairMarketValueBatch(_message.Message):
    __slots__ = ("values",)
    VALUES_FIELD_NUMBER: _ClassVar[int]
    values: _containers.RepeatedCompositeFieldContainer[FairMarketValue]
    def __init__(self, values: _Optional[_Iterable[_Union[FairMarketValue, _Mapping]]] = ...) -> None: ...

class TickColumns(_message.Message):
    __slots__ = ("symbols", "symbol_index", "timestamp_ns", "price", "size", "conditions")
    SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    SYMBOL_INDEX_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    symbols: _containers.RepeatedScalarFieldContainer[str]
    symbol_index: _containers.RepeatedScalarFieldContainer[int]
    timestamp_ns: _containers.RepeatedScalarFieldContainer[int]
    price: _containers.RepeatedScalarFieldContainer[float]
    size: _containers.RepeatedScalarFieldContainer[float]
    conditions: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, symbols: _Optional[_Iterable[str]] = ..., symbol_index: _Optional[_Iterable[int]] = ..., timestamp_ns: _Optional[_Iterable[int]] = ..., price: _Optional[_Iterable[float]] = ..., size: _Optional[_Iterable[float]] = ..., conditions: _Optional[_Iterable[int]] = ...) -> None: ...

class PublishRequest(_message.Message):
    __slots__ = ("sequence", "tick", "bar", "fair_market_value", "ticks", "bars", "fair_market_values", "tick_columns")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TICK_FIELD_NUMBER: _ClassVar[int]
    BAR_FIELD_NUMBER: _ClassVar[int]
    FAIR_MARKET_VALUE_FIELD_NUMBER: _ClassVar[int]
    TICKS_FIELD_NUMBER: _ClassVar[int]
    BARS_FIELD_NUMBER: _ClassVar[int]
    FAIR_MARKET_VALUES_FIELD_NUMBER: _ClassVar[int]
    TICK_COLUMNS_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    tick: Tick
    bar: Bar
    fair_market_value: FairMarketValue
    ticks: TickBatch
    bars: BarBatch
    fair_market_values: FairMarketValueBatch
    tick_columns: TickColumns
    def __init__(self, sequence: _Optional[int] = ..., tick: _Optional[_Union[Tick, _Mapping]] = ..., bar: _Optional[_Union[Bar, _Mapping]] = ..., fair_market_value: _Optional[_Union[FairMarketValue, _Mapping]] = ..., ticks: _Optional[_Union[TickBatch, _Mapping]] = ..., bars: _Optional[_Union[BarBatch, _Mapping]] = ..., fair_market_values: _Optional[_Union[FairMarketValueBatch, _Mapping]] = ..., tick_columns: _Optional[_Union[TickColumns, _Mapping]] = ...) -> None: ...

class Rejection(_message.Message):
    __slots__ = ("sequence", "index", "code", "detail")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    index: int
    code: RejectionCode
    detail: str
    def __init__(self, sequence: _Optional[int] = ..., index: _Optional[int] = ..., code: _Optional[_Union[RejectionCode, str]] = ..., detail: _Optional[str] = ...) -> None: ...

class PublishResponse(_message.Message):
    __slots__ = ("acked_sequence", "accepted", "rejected", "dropped", "rejections", "late", "resume_sequence", "quarantined", "duplicates", "blocked_by", "out_of_session")
    ACKED_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    REJECTED_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    REJECTIONS_FIELD_NUMBER: _ClassVar[int]
    LATE_FIELD_NUMBER: _ClassVar[int]
    RESUME_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    QUARANTINED_FIELD_NUMBER: _ClassVar[int]
    DUPLICATES_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_BY_FIELD_NUMBER: _ClassVar[int]
    OUT_OF_SESSION_FIELD_NUMBER: _ClassVar[int]
    acked_sequence: int
    accepted: int
    rejected: int
    dropped: int
    rejections: _containers.RepeatedCompositeFieldContainer[Rejection]
    late: int
    resume_sequence: int
    quarantined: int
    duplicates: int
    blocked_by: Blocked
    out_of_session: int
    def __init__(self, acked_sequence: _Optional[int] = ..., accepted: _Optional[int] = ..., rejected: _Optional[int] = ..., dropped: _Optional[int] = ..., rejections: _Optional[_Iterable[_Union[Rejection, _Mapping]]] = ..., late: _Optional[int] = ..., resume_sequence: _Optional[int] = ..., quarantined: _Optional[int] = ..., duplicates: _Optional[int] = ..., blocked_by: _Optional[_Union[Blocked, _Mapping]] = ..., out_of_session: _Optional[int] = ...) -> None: ...

class Blocked(_message.Message):
    __slots__ = ("channel", "reason")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    channel: str
    reason: str
    def __init__(self, channel: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...
