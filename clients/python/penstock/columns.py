"""Columns (lists, numpy arrays, pandas series) and pandas frames as messages, for `Publisher.publish` and `Client.replay`.

Each function cuts its columns into messages of at most `rows` items, lazily. Columns have equal length; what is the same for all rows may
be one value. Times and durations are nanoseconds, or Python's, numpy's or pandas' own (`datetime`, `datetime64`, `timedelta`; with a time
zone, or else UTC). Columns may be of any of pandas' types for what they hold: nullable, categorical, objects, of pyarrow.

Uneven columns raise ValueError before anything is made. What cannot be read (text for a number or time, a number for a symbol) raises TypeError,
and what the wire cannot hold ValueError, naming its column and its row, counted from 0. What is missing (None, or the NaN, NaT and NA of pandas)
is sent as missing, and the server rejects it where it is needed; in `conditions`, `vwap`, `trade_count` and `partial` it means "not given".
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Optional, TypeVar, Union

from ._values import COUNT_MAX, LAST_TIME, NOT_A_TIME, NUMPY_UNITS, average, count, flag, number, number_or_none, text, time, wrapped
from .v1 import market_data_pb2 as md

#: A column of numbers: a list, a numpy array, a pandas series.
Numbers = Sequence[Any]
#: A column of text, or one text for all rows.
Texts = Union[Sequence[str], str]

_Message = TypeVar("_Message")


def tick_columns(
    symbol: Texts, timestamp_ns: Numbers, price: Numbers, size: Numbers, conditions: Optional[Numbers] = None, *,
    rows: int = 8192,
) -> Iterator[md.TickColumns]:
    """Ticks, which travel by column: the cheapest way."""
    return _parts(
        _ticks, rows, "timestamp_ns",
        symbol=symbol, timestamp_ns=timestamp_ns, price=price, size=size, conditions=conditions,
    )


def bar_batches(
    symbol: Texts, start_ns: Numbers, duration_ns: Union[Numbers, int], open: Numbers, high: Numbers, low: Numbers,
    close: Numbers, volume: Numbers, vwap: Optional[Numbers] = None, trade_count: Optional[Numbers] = None,
    partial: Union[Sequence[bool], bool, None] = None, *, rows: int = 4096,
) -> Iterator[md.BarBatch]:
    """Bars, which travel one by one: in batches. `duration_ns` and `partial` may be one for all; NaN in `vwap`, `trade_count` and `partial`
    means "not given"."""
    return _parts(
        _bars, rows, "start_ns",
        symbol=symbol, start_ns=start_ns, duration_ns=duration_ns, open=open, high=high, low=low, close=close,
        volume=volume, vwap=vwap, trade_count=trade_count, partial=partial,
    )


def fair_value_batches(
    symbol: Texts, timestamp_ns: Numbers, fair_value: Numbers, market_price: Optional[Numbers] = None,
    confidence: Optional[Numbers] = None, model: Texts = "", *, rows: int = 4096,
) -> Iterator[md.FairMarketValueBatch]:
    """Fair market values, in batches. Without `market_price` the server compares with the last price of its tick channels; a NaN there is
    a bad value and rejected, since a price that got lost is not the wish for another."""
    return _parts(
        _fair_values, rows, "timestamp_ns",
        symbol=symbol, timestamp_ns=timestamp_ns, fair_value=fair_value, market_price=market_price,
        confidence=confidence, model=model,
    )


def tick_frame(frame: Any, *, rows: int = 8192) -> Iterator[md.TickColumns]:
    """Ticks of a pandas DataFrame with the columns symbol, timestamp_ns, price, size and, if it has it, conditions."""
    return tick_columns(**_of_frame(frame, "symbol timestamp_ns price size", "conditions"), rows=rows)


def bar_frame(frame: Any, *, rows: int = 4096) -> Iterator[md.BarBatch]:
    """Bars of a pandas DataFrame with the columns symbol, start_ns, duration_ns, open, high, low, close, volume and, if it has them, vwap,
    trade_count and partial."""
    required = "symbol start_ns duration_ns open high low close volume"
    return bar_batches(**_of_frame(frame, required, "vwap trade_count partial"), rows=rows)


def fair_value_frame(frame: Any, *, rows: int = 4096) -> Iterator[md.FairMarketValueBatch]:
    """Fair market values of a pandas DataFrame with the columns symbol, timestamp_ns, fair_value and, if it has them, market_price,
    confidence and model."""
    columns = _of_frame(frame, "symbol timestamp_ns fair_value", "market_price confidence model")
    return fair_value_batches(**columns, rows=rows)


# -- Inside


def _of_frame(frame: Any, required: str, optional: str) -> dict[str, Any]:
    missing = [name for name in required.split() if name not in frame]
    if missing:
        words = f"the frame has no column {', '.join(missing)}; it has {', '.join(map(str, frame.columns))}"
        indexed = [name for name in missing if name in frame.index.names]
        raise ValueError(words + (f", and {', '.join(indexed)} as its index: pass frame.reset_index()" if indexed else ""))
    columns = {name: frame[name] for name in (required + " " + optional).split() if name in frame}
    for name, column in columns.items():
        if getattr(column, "ndim", 1) != 1:
            raise ValueError(f"{name} is several columns of the frame; must be one")
    return columns


#: How an entry becomes what is sent, where it is no plain number.
_READERS: dict[str, Callable[[Any, str], Any]] = {
    "symbol": text, "model": text, "timestamp_ns": time, "start_ns": time, "duration_ns": time, "conditions": count, "trade_count": count,
    "partial": flag, "vwap": average, "market_price": number_or_none, "confidence": number_or_none,
}
#: Columns that may be left out.
_OPTIONAL = frozenset({"conditions", "vwap", "trade_count", "partial", "market_price", "confidence"})
#: The types whose entries are sent as they are.
_PLAIN: dict[Callable[[Any, str], Any], set[type]] = {
    text: {str}, time: {int}, count: {int}, flag: {bool}, number: {float, int}, number_or_none: {float, int},
}
#: Numpy's letters for what columns of times and of durations hold.
_KINDS = {"timestamp_ns": "M", "start_ns": "M", "duration_ns": "m"}
#: What the wire holds of the columns of whole numbers.
_RANGES = {name: (0, most) for name, most in COUNT_MAX.items()} | dict.fromkeys(_KINDS, (NOT_A_TIME, LAST_TIME))


class _Column:
    """A column of any kind, or one value for all rows. Slices are lists of Python's own numbers: numpy's are none that protobuf takes."""

    def __init__(self, name: str, values: Any) -> None:
        #: None where one value stands for all rows.
        self.length: int | None = None
        self._name = name
        self._values = values
        self._read = _READERS.get(name, number)
        if values is None or isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
            return
        self.length = len(values)
        if getattr(values, "ndim", 1) != 1:
            raise ValueError(f"column {name} has {values.ndim} dimensions; must have 1")
        kind = getattr(getattr(values, "dtype", None), "kind", "")
        if kind in NUMPY_UNITS and kind != _KINDS.get(name):
            raise TypeError(f"column {name} has {'times' if kind == 'M' else 'durations'}")
        if hasattr(values, "to_numpy"):
            values = _of_pandas(values, kind)
        if kind in NUMPY_UNITS and values.dtype.kind == kind:
            values = self._in_nanoseconds(values, NUMPY_UNITS[kind])
        self._values = values

    def part(self, start: int, stop: int) -> list[Any]:
        if self.length is None:
            # Left out: an empty default, whatever the type.
            one = 0 if self._values is None and self._name in _OPTIONAL else self._read(self._values, self._name)
            return [one] * (stop - start)
        values = self._values[start:stop]
        return self._as_sent(values.tolist() if hasattr(values, "tolist") else list(values), start)

    def _as_sent(self, values: list[Any], start: int) -> list[Any]:
        # At the speed of C: nearly every column is plain.
        if set(map(type, values)) <= _PLAIN.get(self._read, set()):
            least, most = _RANGES.get(self._name, (None, None))
            if least is None or least <= min(values) and max(values) <= most:
                return values
        taken = []
        for row, value in enumerate(values, start):
            try:
                taken.append(self._read(value, self._name))
            except (TypeError, ValueError) as error:
                raise (ValueError if type(error) is ValueError else TypeError)(f"row {row}: {error}") from error
        return taken

    def _in_nanoseconds(self, values: Any, unit: str) -> Any:
        """Of numpy's times or durations, in any unit. "Not a time" becomes the least integer, which the server rejects."""
        taken = values.astype(unit)
        for row in wrapped(values, taken).nonzero()[0].tolist():
            raise ValueError(f"row {row}: {self._name} is {values[row]}, which is more than 64 bits of nanoseconds hold")
        return taken.astype("int64")


def _of_pandas(values: Any, kind: str) -> Any:
    """A series as an array: its own slices may go by an index of labels. What has a time zone becomes UTC."""
    if kind in NUMPY_UNITS:
        # In its own unit, which may hold more than nanoseconds do; dates of pyarrow have none, and become objects.
        unit = getattr(values.dtype, "unit", None) or getattr(getattr(values.dtype, "pyarrow_dtype", None), "unit", None)
        return values.to_numpy(NUMPY_UNITS[kind].replace("ns", unit)) if unit is not None else values.to_numpy()
    taken = values.to_numpy()
    # Nullable integers become floats where one is missing, which would round times.
    return values.to_numpy(object) if kind in ("i", "u") and taken.dtype.kind == "f" else taken


def _parts(make: Callable[..., _Message], rows: int, by: str, /, **columns: Any) -> Iterator[_Message]:
    """`make` of the lists of each part. Checks at once and not when the first message is made, where the caller may be elsewhere."""
    if rows < 1:
        raise ValueError(f"rows is {rows}; must be at least 1")
    taken = {name: _Column(name, values) for name, values in columns.items()}
    count = taken[by].length
    if count is None:
        raise ValueError(f"column {by} must have an entry for each row")
    for name, column in taken.items():
        if column.length not in (None, count):
            raise ValueError(f"column {name} has {column.length} entries, {by} has {count}")
    return _made(make, taken, count, rows)


def _made(make: Callable[..., _Message], columns: dict[str, _Column], count: int, rows: int) -> Iterator[_Message]:
    for start in range(0, count, rows):
        stop = min(start + rows, count)
        yield make(**{name: column.part(start, stop) for name, column in columns.items()})


def _ticks(
    symbol: list[str], timestamp_ns: list[int], price: list[float], size: list[float], conditions: list[int],
) -> md.TickColumns:
    places: dict[str, int] = {}
    index = [places.setdefault(name, len(places)) for name in symbol]
    return md.TickColumns(
        symbols=list(places), symbol_index=index, timestamp_ns=timestamp_ns, price=price, size=size,
        conditions=conditions if any(conditions) else [],
    )


def _bars(
    symbol: list[str], start_ns: list[int], duration_ns: list[int], open: list[float], high: list[float],
    low: list[float], close: list[float], volume: list[float], vwap: list[Any], trade_count: list[Any],
    partial: list[Any],
) -> md.BarBatch:
    rows = zip(symbol, start_ns, duration_ns, open, high, low, close, volume, vwap, trade_count, partial)
    return md.BarBatch(
        bars=[
            md.Bar(
                symbol=name, start_ns=start, duration_ns=duration, open=o, high=h, low=l, close=c, volume=v,
                vwap=mean, trade_count=trades, partial=unfinished,
            )
            for name, start, duration, o, h, l, c, v, mean, trades, unfinished in rows
        ]
    )


def _fair_values(
    symbol: list[str], timestamp_ns: list[int], fair_value: list[float], market_price: list[float],
    confidence: list[float], model: list[str],
) -> md.FairMarketValueBatch:
    rows = zip(symbol, timestamp_ns, fair_value, market_price, confidence, model)
    return md.FairMarketValueBatch(
        values=[
            md.FairMarketValue(
                symbol=name, timestamp_ns=time, fair_value=value, market_price=price, confidence=sure, model=origin,
            )
            for name, time, value, price, sure, origin in rows
        ]
    )
