"""Single values as the wire has them: text, times and durations, and what a source leaves out. Nothing is invented for what is missing."""
from __future__ import annotations

import datetime
from typing import Any

#: By numpy's letter for the kind of a time and of a duration; they may count in any unit.
NUMPY_UNITS = {"M": "datetime64[ns]", "m": "timedelta64[ns]"}
#: What numpy has for "not a time"; the server rejects it.
NOT_A_TIME = -(2**63)

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
    """A time (UTC, where it has no time zone) or a duration of Python, numpy or pandas, exactly; a number as it is."""
    if isinstance(value, int):
        return value
    if is_missing(value):
        return NOT_A_TIME
    if isinstance(value, datetime.datetime):
        epoch = _EPOCH if value.tzinfo is not None else _EPOCH.replace(tzinfo=None)
        # As seconds it would pass through a float. Pandas' own has the nanoseconds below a microsecond apart.
        return (value - epoch) // _MICROSECOND * 1000 + getattr(value, "nanosecond", 0)
    if isinstance(value, datetime.timedelta):
        return value // _MICROSECOND * 1000 + getattr(value, "nanoseconds", 0)
    unit = NUMPY_UNITS.get(getattr(getattr(value, "dtype", None), "kind", ""))
    return int(value.astype(unit).astype("int64")) if unit is not None else value
