"""Settings as `ChannelSpec`, `ProfileSpec` and update masks.

Settings are mappings by the names of admin.proto, nested or dotted, in any mixture:

    {"batching": {"max_batch": 512}, "breaker.open_ns": 5_000_000_000}
"""
from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, Union

from google.protobuf.message import Message

from ._enums import enum_value
from ._values import nanoseconds
from .v1 import admin_pb2 as ad

#: By dotted or nested names. Durations (`…_ns`) are nanoseconds or `datetime.timedelta`; enums are names in any case, or numbers.
Settings = Mapping[str, Any]


class ChannelSettings(TypedDict, total=False):
    """What a channel is told; each field as in ChannelSpec."""

    #: Items, a power of two; only when the channel is created.
    ring_capacity: int
    #: BLOCK, DROP_NEWEST, DROP_OLDEST or CONFLATE.
    overflow: Union[str, int]
    #: strategy (IMMEDIATE, SIZE, TIME, ADAPTIVE), max_batch (items, 1 to 65,536), max_wait_us.
    batching: Settings
    #: PARK, YIELD or SPIN.
    wait: Union[str, int]
    #: window_ns, min_batches, failure_rate_pct, slow_rate_pct, slow_item_ns, consecutive_failures, open_ns, open_max_ns, probe_batches.
    breaker: Settings
    #: stall_after_ns, depth_pct, depth_for_ns, p99_limit_ns.
    health: Settings
    #: Whose symbols it may take; empty = all.
    profiles: Iterable[str]


class ProfileSettings(TypedDict, total=False):
    """The rules for the symbols of one profile; each field as in ProfileSpec."""

    #: `*`, exact symbols, and prefixes that end in `*`.
    symbols: Iterable[str]
    #: preset ("us_equities", "continuous", "none"), time_zone, sessions, holidays, early_closes.
    calendar: Settings
    #: How far ahead of the server's clock an item may be.
    max_ahead_ns: Union[int, datetime.timedelta]
    #: tick, bar, fmv, each with its detectors.
    detectors: Settings


def channel_spec(name: str, settings: Settings) -> tuple[ad.ChannelSpec, list[str]]:
    """The specification, and the names of the leaves that are given. Raises ValueError naming each setting that cannot be written."""
    spec = ad.ChannelSpec(name=name)
    return spec, _fill(spec, settings, f"channel '{name}'")


def profile_spec(name: str, settings: Settings) -> tuple[ad.ProfileSpec, list[str]]:
    """As `channel_spec`."""
    spec = ad.ProfileSpec(name=name)
    return spec, _fill(spec, settings, f"profile '{name}'")


def to_channel_spec(given: ad.ChannelSpec | Settings) -> ad.ChannelSpec:
    """A specification from one, or from a mapping with `name` and settings."""
    return given if isinstance(given, ad.ChannelSpec) else channel_spec(*_named(given, "channel"))[0]


def to_profile_spec(given: ad.ProfileSpec | Settings) -> ad.ProfileSpec:
    """As `to_channel_spec`."""
    return given if isinstance(given, ad.ProfileSpec) else profile_spec(*_named(given, "profile"))[0]


# -- Inside. Descriptors are of one of protobuf's implementations, which share no type.


def _named(given: Settings, what: str) -> tuple[str, Settings]:
    if not given.get("name"):
        raise ValueError(f"a {what} needs a name")
    return given["name"], {key: value for key, value in given.items() if key != "name"}


def _fill(spec: Message, settings: Settings, what: str) -> list[str]:
    paths: list[str] = []
    problems: list[str] = []
    _write(spec, settings, "", paths, problems)
    if problems:
        raise ValueError(f"{what}: " + "; ".join(problems))
    return paths


def _write(message: Message, settings: Settings, prefix: str, paths: list[str], problems: list[str]) -> None:
    for key, value in settings.items():
        head, _, tail = key.partition(".")
        path = prefix + head
        field = message.DESCRIPTOR.fields_by_name.get(head)
        if field is None or path == "name":
            problems.append(f"{path} is no setting; there are: {_names(message.DESCRIPTOR, prefix)}")
        elif field.message_type is not None and not field.is_repeated:
            inner = {tail: value} if tail else value
            if isinstance(inner, Mapping):
                _write(getattr(message, head), inner, path + ".", paths, problems)
            else:
                problems.append(f"{path} is a part with settings of its own: {_names(field.message_type, '')}")
        elif tail:
            problems.append(f"{path} has no settings of its own ({tail})")
        else:
            try:
                _set(message, field, value)
                paths.append(path)
            except (TypeError, ValueError) as error:
                problems.append(f"{path}: {error}")


def _set(message: Message, field: Any, value: Any) -> None:
    if not field.is_repeated:
        if value is None:
            raise ValueError("is None; settings are changed, and not taken away")
        setattr(message, field.name, _scalar(field, value))
        return
    if isinstance(value, (str, bytes, Mapping)):
        raise TypeError(f"is {value!r}; must be a list")
    values = getattr(message, field.name)
    del values[:]
    if field.message_type is not None:
        for entry in value:
            values.add(**entry)
    else:
        values.extend(_scalar(field, entry) for entry in value)


def _scalar(field: Any, value: Any) -> Any:
    if isinstance(value, datetime.timedelta):
        if not field.name.endswith("_ns"):
            raise TypeError("is no duration in nanoseconds")
        return nanoseconds(value)
    return enum_value(field.enum_type, value) if field.enum_type is not None else value


def _names(descriptor: Any, prefix: str) -> str:
    return ", ".join(prefix + field.name for field in descriptor.fields if prefix or field.name != "name")
