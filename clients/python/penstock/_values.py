"""Single values as the wire has them: text, times and durations, and what a source leaves out. Nothing is invented for what is missing."""
from __future__ import annotations

import datetime
from typing import Any

#: By numpy's letter for the kind of a time and of a duration; they may count in any unit.
NUMPY_UNITS = {"M": "datetime64[ns]", "m": "timedelta64[ns]"}
#: What numpy has for "not a time"; the server rejects it.
NOT_A_TIME = -(2**63)
#: The last time that 64 bits of nanoseconds hold, in 2262.
LAST_TIME = 2**63 - 1
#: What the wire holds of whole numbers.
COUNT_MAX = {"conditions": 2**32 - 1, "trade_count": 2**64 - 1}
#: Above it a float skips whole numbers: nanoseconds of our years would be rounded to 256.
EXACT_FLOAT = 2**53

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_MICROSECOND = datetime.timedelta(microseconds=1)


def is_missing(value: Any) -> bool:
    """None, and what numpy and pandas have for it: NaN, NaT, NA."""
    # NA says neither that it equals itself nor that it does not. By its name, since pandas need not be there.
    if value is None or type(value).__name__ == "NAType":
        return True
    try:
        return bool(value != value)
    except ValueError:
        # An array, which is no single value.
        return False


def given(value: Any) -> Any:
    """0, which means "not given", for what is missing."""
    return 0 if is_missing(value) else value


def flag(value: Any, name: str) -> bool:
    """Whether something is so; what is missing is not. Raises TypeError for what is neither a truth value nor 0 or 1: the text "0" is true
    to Python."""
    if is_missing(value):
        return False
    if isinstance(value, (str, bytes)) or value not in (0, 1):
        raise TypeError(f"{name} is {value!r}; must be True, False, 1 or 0")
    return bool(value)


def number(value: Any, name: str) -> Any:
    """A number as it is, and NaN for one that is missing: as a price or size it is rejected, where 0 could be taken. Raises TypeError for what is
    no number."""
    if isinstance(value, (int, float)):
        return value
    if is_missing(value):
        return float("nan")
    if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
        raise TypeError(f"{name} is {value!r}; must be a number")
    return float(value)


def average(value: Any, name: str) -> Any:
    """A number, and 0, which means "not given", for one that is missing."""
    return number(given(value), name)


def number_or_none(value: Any, name: str) -> Any:
    """A number, or None for "not given"; NaN is a number that got lost."""
    return None if value is None else number(value, name)


def count(value: Any, name: str) -> int:
    """A whole number, and 0 for one that is missing. A column that misses some has floats or truth values in pandas; 1.5 raises TypeError, and
    what the wire cannot hold ValueError."""
    if type(value) is not int:
        if is_missing(value):
            return 0
        try:
            whole = None if isinstance(value, (str, bytes)) else int(value)
        except (TypeError, ValueError, OverflowError):
            whole = None
        if whole is None or whole != value:
            raise TypeError(f"{name} is {value!r}; must be a whole number")
        value = whole
    if not 0 <= value <= COUNT_MAX[name]:
        raise ValueError(f"{name} is {value}; must be 0 to {COUNT_MAX[name]}")
    return value


def text(value: Any, name: str) -> str:
    """A text as it is, and "" for one that is missing: as a symbol it is rejected. Raises TypeError for what is no text: 700 may once have
    been 0700, and 700.0 was a number beside a missing one."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode()
    if is_missing(value):
        return ""
    raise TypeError(f"{name} is {value!r}; must be text")


def nanoseconds(value: Any) -> Any:
    """A time (UTC, where it has no time zone; a date is its midnight) or a duration of Python, numpy or pandas, exactly; a number as it is.
    What is none of these comes back as it is, too: `time` refuses it."""
    if isinstance(value, int):
        return value
    if is_missing(value):
        return NOT_A_TIME
    if isinstance(value, datetime.datetime):
        epoch = _EPOCH if value.tzinfo is not None else _EPOCH.replace(tzinfo=None)
        # As seconds it would pass through a float. Pandas' own has the nanoseconds below a microsecond apart.
        return (value - epoch) // _MICROSECOND * 1000 + getattr(value, "nanosecond", 0)
    if isinstance(value, datetime.date):
        return (value - _EPOCH.date()).days * 86_400 * 10**9
    if isinstance(value, datetime.timedelta):
        return value // _MICROSECOND * 1000 + getattr(value, "nanoseconds", 0)
    unit = NUMPY_UNITS.get(getattr(getattr(value, "dtype", None), "kind", ""))
    if unit is None:
        return value
    taken = value.astype(unit)
    if wrapped(value, taken):
        raise ValueError(f"the time {value} is more than 64 bits of nanoseconds hold")
    return int(taken.astype("int64"))


def wrapped(given: Any, taken: Any) -> Any:
    """Whether numpy, which does not tell, made another time of one that nanoseconds cannot hold: the year 9999, which stands for "never", becomes
    1816. Entry by entry, for arrays. Finer units are only rounded."""
    if given.dtype.str.endswith(("[ps]", "[fs]", "[as]")):
        return given != given
    return (taken.astype(given.dtype) != given) & (given == given)


def time(value: Any, name: str) -> int:
    """`nanoseconds` as the wire has them. Raises TypeError for what is neither a time nor a number that can be one, and for a float that may
    have been rounded; ValueError for what 64 bits do not hold."""
    if type(value) is int and NOT_A_TIME <= value <= LAST_TIME:
        return value
    try:
        taken = nanoseconds(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    if isinstance(taken, float) and taken.is_integer():
        # What pandas makes of whole numbers beside a missing one.
        if abs(taken) > EXACT_FLOAT:
            raise TypeError(f"{name} is {value!r}, a float, which rounds nanoseconds; read the column as Int64, or as times")
        taken = int(taken)
    if not hasattr(taken, "__index__") or isinstance(taken, bool):
        raise TypeError(f"{name} is {value!r}; must be nanoseconds or a time (pandas.to_datetime and to_timedelta make them of text)")
    if not NOT_A_TIME <= taken <= LAST_TIME:
        raise ValueError(f"{name} is {value}, which is more than 64 bits of nanoseconds hold")
    return int(taken)
