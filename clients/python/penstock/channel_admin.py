"""Steering a server while data flow."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from ._enums import channel_type, enum_value
from ._requests import names
from ._specs import ChannelSettings, ProfileSettings, Settings, channel_spec, profile_spec
from .errors import server_error
from .v1 import admin_pb2 as ad
from .v1 import admin_pb2_grpc
from .v1 import metrics_pb2 as me

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Admin:
    """Service ChannelAdmin, call by call.

    Every method raises `ServerError` with the status and the words of the server when it does not do what was asked; the classes of
    `penstock.errors` tell the statuses apart. `Unavailable` when there is no server, status DEADLINE_EXCEEDED after `timeout` seconds, which
    does not mean that nothing was done. What changes a channel returns how it then is.
    """

    def __init__(self, channel: Callable[[], grpc.Channel], timeout: float | None = 10.0) -> None:
        self._channel = channel
        self._timeout = timeout

    def with_timeout(self, timeout: float | None) -> Admin:
        """The same with another bound for each call, in seconds; None = none. For drains of channels that have much to do."""
        return Admin(self._channel, timeout)

    # -- Channels

    def list_channels(self) -> list[ad.ChannelStatus]:
        """Every channel, in the order of the configuration: its specification, metrics and config_version."""
        response = self._call("ListChannels", ad.ListChannelsRequest())
        return list(response.channels)

    def get_channel(self, name: str) -> ad.ChannelStatus:
        """One channel. Raises NotFound naming those there are."""
        return self._of_channel("GetChannel", ad.GetChannelRequest(name=name))

    def create_channel(
        self, name: str, type: str | int, settings: Settings | None = None, *, validate_only: bool = False,
        **more: Unpack[ChannelSettings],
    ) -> ad.ChannelStatus:
        """Adds a channel: `name` 1 to 64 of letters, digits, `-`, `_`, `.`; `type` TICK, BAR or FMV; what is not set is the server's default.

            admin.create_channel("bars-2", "BAR", ring_capacity=4096, batching={"max_batch": 512})

        Settings come as keywords (see `ChannelSettings`), as a mapping with dotted or nested names, or both. With `validate_only` nothing is
        changed. Raises AlreadyExists, InvalidArgument naming each bad value, ValueError for settings that there are not.
        """
        spec, _ = channel_spec(name, {"type": type, **(settings or {}), **more})
        request = ad.CreateChannelRequest(spec=spec, validate_only=validate_only)
        return self._of_channel("CreateChannel", request)

    def update_channel(
        self, name: str, settings: Settings | None = None, *, expected_version: int = 0, validate_only: bool = False,
        **more: Unpack[ChannelSettings],
    ) -> ad.ChannelStatus:
        """Changes the settings that are given and no others, between two batches, with the detectors' state kept.

            admin.update_channel("ticks-1", overflow="DROP_OLDEST", breaker={"open_ns": 2_000_000_000})
            admin.update_channel("ticks-1", {"batching.max_batch": 512}, expected_version=3)

        `expected_version` is the `config_version` that the change was decided on; 0 = any. Raises Aborted when it moved on, InvalidArgument
        naming each bad value, NotFound, ValueError for settings that there are not.
        """
        spec, paths = channel_spec(name, {**(settings or {}), **more})
        request = ad.UpdateChannelRequest(
            spec=spec, update_mask=FieldMask(paths=paths), expected_config_version=expected_version,
            validate_only=validate_only,
        )
        return self._of_channel("UpdateChannel", request)

    def delete_channel(self, name: str) -> ad.ChannelStatus:
        """Drains the channel and takes it away; its symbols move to a sibling with their state. Raises FailedPrecondition for the last
        channel of its type that takes symbols."""
        return self._of_channel("DeleteChannel", ad.DeleteChannelRequest(name=name))

    def pause_channel(self, name: str) -> ad.ChannelStatus:
        """The channel accepts until its ring is full, and processes nothing. Raises FailedPrecondition unless it is RUNNING."""
        return self._of_channel("PauseChannel", ad.PauseChannelRequest(name=name))

    def resume_channel(self, name: str) -> ad.ChannelStatus:
        """Goes on after a pause. Raises FailedPrecondition unless the channel is PAUSED."""
        return self._of_channel("ResumeChannel", ad.ResumeChannelRequest(name=name))

    def drain_channel(self, name: str) -> ad.ChannelStatus:
        """Processes what the channel holds, moves its symbols to siblings with their state, and stops it."""
        return self._of_channel("DrainChannel", ad.DrainChannelRequest(name=name))

    def start_channel(self, name: str) -> ad.ChannelStatus:
        """Starts a STOPPED or FAILED channel, its state kept. Raises FailedPrecondition in any other state."""
        return self._of_channel("StartChannel", ad.StartChannelRequest(name=name))

    def trip_breaker(self, name: str) -> ad.ChannelStatus:
        """Opens the channel's breaker; its symbols go to siblings."""
        return self._of_channel("TripBreaker", ad.TripBreakerRequest(name=name))

    def reset_breaker(self, name: str) -> ad.ChannelStatus:
        """Closes the channel's breaker."""
        return self._of_channel("ResetBreaker", ad.ResetBreakerRequest(name=name))

    # -- Symbols and where they go

    def get_routing(self) -> ad.GetRoutingResponse:
        """How symbols find their channels at first sight (`routing`, one for each type), and what the router has done (`metrics`)."""
        return self._call("GetRouting", ad.GetRoutingRequest())

    def set_routing(
        self, type: str | int, *, strategy: str | int | None = None, seed: int | None = None,
    ) -> list[ad.RoutingSpec]:
        """Which channel takes a symbol of `type` (TICK, BAR, FMV) at first sight: SYMBOL_HASH, ROUND_ROBIN, LEAST_LOADED, HEALTHIEST or
        RANDOM (by `seed`); what is None stays. Symbols that have a channel stay there. Returns the routing of all types.
        """
        routing = ad.RoutingSpec(type=channel_type(type))
        if strategy is not None:
            routing.strategy = enum_value(ad.RoutingStrategy.DESCRIPTOR, strategy)
        if seed is not None:
            routing.seed = seed
        response = self._call("SetRouting", ad.SetRoutingRequest(routing=routing))
        return list(response.routing)

    def rebalance(self, type: str | int) -> int:
        """Moves symbols of this type (TICK, BAR, FMV) so that channels carry alike; returns how many moved."""
        response = self._call("Rebalance", ad.RebalanceRequest(type=channel_type(type)))
        return response.moved

    def reset_symbols(self, symbols: Iterable[str]) -> int:
        """Forgets what detectors know of exact symbols and prefixes that end in `*`, 1 to 100,000; returns how many symbols were reset."""
        response = self._call("ResetSymbols", ad.ResetSymbolsRequest(symbols=names(symbols)))
        return response.reset

    # -- Profiles

    def get_profile(self, name: str) -> ad.ProfileStatus:
        """One profile with all its settings and its config_version. Raises NotFound naming those there are."""
        response = self._call("GetProfile", ad.GetProfileRequest(name=name))
        return response.profile

    def update_profile(
        self, name: str, settings: Settings | None = None, *, expected_version: int = 0, validate_only: bool = False,
        **more: Unpack[ProfileSettings],
    ) -> ad.ProfileStatus:
        """Changes the rules of a profile's symbols while data flow; settings, versions and errors as in `update_channel`.

            admin.update_profile("default", {"detectors.tick.surge.z": 5, "detectors.bar.gap.gap_pct": 1.5})
        """
        spec, paths = profile_spec(name, {**(settings or {}), **more})
        request = ad.UpdateProfileRequest(
            spec=spec, update_mask=FieldMask(paths=paths), expected_config_version=expected_version,
            validate_only=validate_only,
        )
        response = self._call("UpdateProfile", request)
        return response.profile

    # -- The server

    def list_sessions(self) -> list[ad.SessionInfo]:
        """The connections: id, peer, identity, open calls, events that wait (`lag`), drops and bytes."""
        response = self._call("ListSessions", ad.ListSessionsRequest())
        return list(response.sessions)

    def disconnect_session(self, id: str) -> None:
        """Ends one connection, by its id of `list_sessions`. Raises NotFound when it is gone."""
        self._call("DisconnectSession", ad.DisconnectSessionRequest(id=id))

    def metrics(self) -> me.MetricsSnapshot:
        """How the server and its channels are, at one moment."""
        response = self._call("GetMetrics", ad.GetMetricsRequest())
        return response.metrics

    def server_info(self) -> ad.GetServerInfoResponse:
        """Version, event log, clock and limits of the server."""
        return self._call("GetServerInfo", ad.GetServerInfoRequest())

    def shutdown(self, grace_ms: int = 0) -> None:
        """Ends the server in order. Calls have `grace_ms` milliseconds to end; they get the acknowledgements due."""
        self._call("Shutdown", ad.ShutdownRequest(grace_ms=grace_ms))

    # -- Inside

    def _of_channel(self, method: str, request: Any) -> ad.ChannelStatus:
        response = self._call(method, request)
        return response.channel

    def _call(self, method: str, request: Any) -> Any:
        stub = admin_pb2_grpc.ChannelAdminStub(self._channel())
        return perform(getattr(stub, method), request, self._timeout)


def perform(call: Callable[..., Any], request: Any, timeout: float | None) -> Any:
    """Makes one call; `timeout` in seconds. Raises ServerError."""
    try:
        return call(request, timeout=timeout)
    except grpc.RpcError as error:
        raise server_error(error) from error
