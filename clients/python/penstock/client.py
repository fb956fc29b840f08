"""The way in: one object for one server."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import grpc

from ._channels import channel_options, open_channel
from ._items import Batch, Item, TickTuple
from .v1 import admin_pb2
from .v1 import metrics_pb2, service_pb2, service_pb2_grpc
from ._rejections import Rejection
from ._requests import subscribe_request, names
from ._retry import Backoff
from ._silence import of_snapshots
from ._specs import Settings
from ._watching import watched
from .channel_admin import Admin, perform
from .errors import server_error
from .publisher import Publisher
from .replay import Replay
from .session import Session
from .subscriber import Subscriber


def connect(target: str = "127.0.0.1:7171", *, timeout: float = 10.0, options: Sequence[tuple[str, Any]] = ()) -> Client:
    """A client of the server at HOST:PORT. Nothing is sent before the first call; `timeout` bounds single calls, in seconds; `options` are
    those of a grpcio channel."""
    return Client(target, timeout=timeout, options=options)


class Client:
    """One server. Publishers and subscribers have connections of their own, so that one's load does not slow another."""

    def __init__(self, target: str = "127.0.0.1:7171", *, timeout: float = 10.0, options: Sequence[tuple[str, Any]] = ()) -> None:
        self.target = target
        self._timeout = timeout
        self._options = channel_options(options)
        self._channel = self._new_channel()
        self._is_closed = False
        #: Steers the server: channels, profiles, routing, sessions.
        self.admin = Admin(lambda: self._channel, timeout)

    def _new_channel(self) -> grpc.Channel:
        return open_channel(self.target, self._options)

    def publisher(
        self, name: str | None = None, *, batch_size: int = 256, max_in_flight: int = 256, backoff: Backoff = Backoff(),
        on_rejection: Callable[[Rejection], None] | None = None,
    ) -> Publisher:
        """A publisher; with a name, each request is processed exactly once for the server's life. `on_rejection` gets each `Rejection`."""
        return Publisher(
            self._new_channel, name, batch_size=batch_size, max_in_flight=max_in_flight, backoff=backoff,
            on_rejection=on_rejection,
        )

    def subscribe(self, *, everything: bool = False, backoff: Backoff = Backoff(), **filters: Any) -> Subscriber:
        """A subscription: symbols, types ("HIGH"), channels, directions, sessions, min_significance, from_sequence, from_time_ns,
        slow_consumer, max_queue, heartbeat_ms, end_when_caught_up."""
        return Subscriber(self._new_channel, subscribe_request(**filters), everything=everything, backoff=backoff)

    def replay(
        self, items: Iterable[Item | Batch | TickTuple | Any],
        channels: Iterable[admin_pb2.ChannelSpec | Settings] | None = None,
        profiles: Iterable[admin_pb2.ProfileSpec | Settings] | None = None, *, batch_size: int = 256,
        timeout: float | None = None,
    ) -> Replay:
        """A back-test: the server's detectors over `items`, apart from its live channels. Iterate over the events, then read `summary`.

        `items` are as of `Publisher.publish`: messages of any kind and their batches (for frames and arrays see `penstock.columns`), and ticks
        as tuples. `channels` and `profiles` are specifications, or mappings with `name` and settings as of `Admin.update_channel`; None = as the
        server is configured. `timeout` bounds the whole replay, in seconds. Two replays run at once in a server, below live work.
        """
        return Replay(
            self._new_channel(), items, channels=channels, profiles=profiles, batch_size=batch_size, timeout=timeout
        )

    def session(self, name: str | None = None) -> Session:
        """Everything on one call; with a name, publishing on it is of that publisher."""
        return Session(self._new_channel(), name)

    def watch_metrics(self, interval_ms: int = 1000) -> Iterator[metrics_pb2.MetricsSnapshot]:
        """Snapshots, one at once and then one each `interval_ms` (100 to 60,000 milliseconds), until the client is closed.

        Iterating raises `ServerError`: InvalidArgument for another interval, Unavailable when the connection is lost. To be left by `break`.
        """
        request = service_pb2.WatchMetricsRequest(interval_ms=interval_ms)
        call = service_pb2_grpc.MarketStreamStub(self._channel).WatchMetrics(request)
        try:
            yield from watched(call, of_snapshots(interval_ms))
        except grpc.RpcError as error:
            if not self._is_closed:
                raise server_error(error) from error
        finally:
            call.cancel()

    def symbol_states(self, symbols: Iterable[str]) -> dict[str, service_pb2.SymbolState]:
        """What the detectors of these symbols stand at, by symbol; unknown symbols are left out. At most 1,000, or InvalidArgument."""
        stub = service_pb2_grpc.MarketStreamStub(self._channel)
        request = service_pb2.GetSymbolStateRequest(symbols=names(symbols))
        response = perform(stub.GetSymbolState, request, self._timeout)
        return {state.symbol: state for state in response.states}

    def metrics(self) -> metrics_pb2.MetricsSnapshot:
        """As `admin.metrics()`."""
        return self.admin.metrics()

    def server_info(self) -> admin_pb2.GetServerInfoResponse:
        """As `admin.server_info()`."""
        return self.admin.server_info()

    def channels(self) -> list[admin_pb2.ChannelStatus]:
        """As `admin.list_channels()`."""
        return self.admin.list_channels()

    def close(self) -> None:
        """Ends single calls and `watch_metrics`; publishers, subscribers, sessions and replays have an end of their own."""
        self._is_closed = True
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
