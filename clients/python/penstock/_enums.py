"""Enum values by their names."""
from __future__ import annotations

from typing import Any

from .v1 import metrics_pb2

#: What the configuration file calls shorter than the protos do.
_SHORT = {"FMV": "FAIR_MARKET_VALUE"}


def enum_value(enum: Any, value: str | int) -> Any:
    """A number of an enum, given by its descriptor: from a name with or without the enum's prefix, in any case, or from the number itself.

    Raises ValueError naming all that there are.
    """
    if isinstance(value, int):
        return value
    names = enum.values_by_name
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    name = str(value).upper()
    for candidate in (name, prefix + name, prefix + _SHORT.get(name, name)):
        if candidate in names:
            return names[candidate].number
    known = ", ".join(one.name.removeprefix(prefix) for one in enum.values[1:])
    raise ValueError(f"'{value}' is none of {known}")


def channel_type(value: str | int) -> Any:
    """TICK, BAR or FAIR_MARKET_VALUE (or FMV)."""
    return enum_value(metrics_pb2.ChannelType.DESCRIPTOR, value)
