"""What can be asked in single calls, of ChannelAdmin and MarketStream: each call's method, request and what of its answer is wanted. No I/O."""
from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from google.protobuf.field_mask_pb2 import FieldMask

from ._enums import channel_type, enum_value
from .v1 import admin_pb2 as ad
from .v1 import admin_pb2_grpc, service_pb2_grpc
from .v1 import metrics_pb2 as me
from .v1 import service_pb2 as sv
from ._specs import Settings, channel_spec, profile_spec

Answer = TypeVar("Answer")


@dataclasses.dataclass(frozen=True)
class Ask(Generic[Answer]):
    """One call, to be made by the synchronous or the asyncio client."""

    method: str
    request: Any
    read: Callable[[Any], Answer]
    #: Gives the service's calls on a channel of either kind.
    service: Callable[[Any], Any] = admin_pb2_grpc.ChannelAdminStub


def _channel(response: Any) -> ad.ChannelStatus:
    return response.channel  # type: ignore[no-any-return]


def _of_channel(method: str, name: str) -> Ask[ad.ChannelStatus]:
    return Ask(method, getattr(ad, method + "Request")(name=name), _channel)


# -- Channels


def list_channels() -> Ask[list[ad.ChannelStatus]]:
    return Ask("ListChannels", ad.ListChannelsRequest(), lambda response: list(response.channels))


def get_channel(name: str) -> Ask[ad.ChannelStatus]:
    return _of_channel("GetChannel", name)


def create_channel(name: str, type: str | int, settings: Settings, validate_only: bool) -> Ask[ad.ChannelStatus]:
    spec, _ = channel_spec(name, {"type": channel_type(type), **settings})
    return Ask("CreateChannel", ad.CreateChannelRequest(spec=spec, validate_only=validate_only), _channel)


def update_channel(
    name: str, settings: Settings, expected_version: int, validate_only: bool,
) -> Ask[ad.ChannelStatus]:
    spec, paths = channel_spec(name, settings)
    request = ad.UpdateChannelRequest(
        spec=spec, update_mask=FieldMask(paths=paths), expected_config_version=expected_version,
        validate_only=validate_only,
    )
    return Ask("UpdateChannel", request, _channel)


def delete_channel(name: str) -> Ask[ad.ChannelStatus]:
    return _of_channel("DeleteChannel", name)


def pause_channel(name: str) -> Ask[ad.ChannelStatus]:
    return _of_channel("PauseChannel", name)


def resume_channel(name: str) -> Ask[ad.ChannelStatus]:
    return _of_channel("ResumeChannel", name)


def drain_channel(name: str) -> Ask[ad.ChannelStatus]:
    return _of_channel("DrainChannel", name)


def start_channel(name: str) -> Ask[ad.ChannelStatus]:
    return _of_channel("StartChannel", name)


def trip_breaker(name: str) -> Ask[ad.ChannelStatus]:
    return _of_channel("TripBreaker", name)


def reset_breaker(name: str) -> Ask[ad.ChannelStatus]:
    return _of_channel("ResetBreaker", name)


# -- Symbols and where they go


def get_routing() -> Ask[ad.GetRoutingResponse]:
    return Ask("GetRouting", ad.GetRoutingRequest(), lambda response: response)


def set_routing(type: str | int, strategy: str | int | None, seed: int | None) -> Ask[list[ad.RoutingSpec]]:
    routing = ad.RoutingSpec(type=channel_type(type))
    if strategy is not None:
        routing.strategy = enum_value(ad.RoutingStrategy, "ROUTING_STRATEGY_", strategy)
    if seed is not None:
        routing.seed = seed
    return Ask("SetRouting", ad.SetRoutingRequest(routing=routing), lambda response: list(response.routing))


def rebalance(type: str | int) -> Ask[int]:
    return Ask("Rebalance", ad.RebalanceRequest(type=channel_type(type)), lambda response: response.moved)


def reset_symbols(symbols: Iterable[str]) -> Ask[int]:
    return Ask("ResetSymbols", ad.ResetSymbolsRequest(symbols=_names(symbols)), lambda response: response.reset)


def symbol_states(symbols: Iterable[str]) -> Ask[dict[str, sv.SymbolState]]:
    return Ask(
        "GetSymbolState", sv.GetSymbolStateRequest(symbols=_names(symbols)),
        lambda response: {state.symbol: state for state in response.states}, service_pb2_grpc.MarketStreamStub,
    )


def _names(symbols: Iterable[str]) -> list[str]:
    # A text is an iterable of its letters, which are other symbols.
    return [symbols] if isinstance(symbols, str) else list(symbols)


# -- Profiles


def get_profile(name: str) -> Ask[ad.ProfileStatus]:
    return Ask("GetProfile", ad.GetProfileRequest(name=name), lambda response: response.profile)


def update_profile(
    name: str, settings: Settings, expected_version: int, validate_only: bool,
) -> Ask[ad.ProfileStatus]:
    spec, paths = profile_spec(name, settings)
    request = ad.UpdateProfileRequest(
        spec=spec, update_mask=FieldMask(paths=paths), expected_config_version=expected_version,
        validate_only=validate_only,
    )
    return Ask("UpdateProfile", request, lambda response: response.profile)


# -- The server


def list_sessions() -> Ask[list[ad.SessionInfo]]:
    return Ask("ListSessions", ad.ListSessionsRequest(), lambda response: list(response.sessions))


def disconnect_session(id: str) -> Ask[None]:
    return Ask("DisconnectSession", ad.DisconnectSessionRequest(id=id), lambda response: None)


def metrics() -> Ask[me.MetricsSnapshot]:
    return Ask("GetMetrics", ad.GetMetricsRequest(), lambda response: response.metrics)


def server_info() -> Ask[ad.GetServerInfoResponse]:
    return Ask("GetServerInfo", ad.GetServerInfoRequest(), lambda response: response)


def shutdown(grace_ms: int) -> Ask[None]:
    return Ask("Shutdown", ad.ShutdownRequest(grace_ms=grace_ms), lambda response: None)
