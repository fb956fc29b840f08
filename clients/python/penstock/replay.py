"""Back-tests: the production detectors over the caller's data with the caller's settings, apart from all live channels."""
from __future__ import annotations

import dataclasses
import itertools
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import grpc

from ._batching import Batcher
from ._items import Batch, Item, TickTuple
from ._ledger import Totals
from .v1 import admin_pb2 as ad
from .v1 import events_pb2 as ev
from .v1 import market_data_pb2 as md
from .v1 import service_pb2 as sv
from .v1 import service_pb2_grpc
from ._rejections import Rejection, RejectionBook
from ._silence import of_answers
from ._specs import Settings, to_channel_spec, to_profile_spec
from ._watching import is_alive, watched
from .errors import ServerError, server_error
from .subscriber import Event


@dataclasses.dataclass(frozen=True)
class ReplaySummary:
    """What a replay came to."""

    #: Events by type ("HIGH") and symbol.
    counts: dict[tuple[str, str], int]
    #: 32 bytes over the deterministic fields of all events, ordered by symbol and then as detected: the same for the same data, settings
    #: and rules version, whatever the batching, the form of the messages and the number of channels.
    digest: bytes

    @property
    def events(self) -> int:
        return sum(self.counts.values())

    def by_type(self) -> dict[str, int]:
        return _sums((kind, count) for (kind, _), count in self.counts.items())

    def by_symbol(self) -> dict[str, int]:
        return _sums((symbol, count) for (_, symbol), count in self.counts.items())


class ReplayLedger:
    """What a replay has answered; shared with the asyncio client. No I/O."""

    def __init__(self) -> None:
        self.summary: ReplaySummary | None = None
        self.totals = Totals()
        self._named = 0
        #: Requests are noted where the data are read, which in the synchronous client is another thread: a deque's ends bear that.
        self.book = RejectionBook()

    def events(self, response: sv.ReplayResponse) -> Iterable[Event]:
        """The events of a response; acknowledgements and the summary are noted."""
        kind = response.WhichOneof("response")
        if kind == "events":
            return response.events.events
        if kind == "ack":
            ack = response.ack
            self._named += self.book.read(ack.rejections)[1]
            self.totals = dataclasses.replace(Totals().plus(ack), unnamed=max(0, ack.rejected - self._named))
            self.book.settled(ack.acked_sequence)
        elif kind == "summary":
            counts = {
                (ev.EventType.Name(count.type).removeprefix("EVENT_TYPE_"), count.symbol): count.events
                for count in response.summary.counts
            }
            self.summary = ReplaySummary(counts, response.summary.digest)
        return ()

    def finished(self) -> ReplaySummary:
        """To be called when the call has ended OK."""
        if self.summary is None:
            raise ServerError(grpc.StatusCode.INTERNAL, "the replay ended without a summary")
        return self.summary


def replay_setup(
    channels: Iterable[ad.ChannelSpec | Settings] | None, profiles: Iterable[ad.ProfileSpec | Settings] | None,
) -> sv.ReplayRequest:
    """The first request; ValueError for settings that there are not."""
    setup = sv.ReplaySetup(
        channels=[to_channel_spec(channel) for channel in channels or ()],
        profiles=[to_profile_spec(profile) for profile in profiles or ()],
    )
    return sv.ReplayRequest(setup=setup)


class ReplayOutcome:
    """What a replay tells beside its events; shared with the asyncio client."""

    def __init__(self) -> None:
        self._ledger = ReplayLedger()

    @property
    def summary(self) -> ReplaySummary:
        """When all events have come; RuntimeError before."""
        if self._ledger.summary is None:
            raise RuntimeError("the summary comes after the last event: iterate to the end, or run()")
        return self._ledger.summary

    @property
    def totals(self) -> Totals:
        """Items, so far; all of them at the end."""
        return self._ledger.totals

    @property
    def rejections(self) -> list[Rejection]:
        """The newest 1,000 items that the server did not take: which of `items`, counted from 0, and why. Requests count from 1."""
        return list(self._ledger.book.newest)


class Replay(ReplayOutcome):
    """One replay: an iterator over its events that has a `summary` when they have all come.

        replay = client.replay(items)
        for event in replay:
            print(event.symbol, event.price)
        print(replay.summary.by_type())

    The data are read as fast as the server takes them, in a thread of grpcio; what reading them raises ends the replay and is raised here. A
    lost connection is an error, since a replay does not go on where it stopped. Iterating raises `ServerError`; use it by `with`, or
    `close()` it, when it may be left before its end.
    """

    def __init__(
        self, channel: grpc.Channel, items: Iterable[Item | Batch | TickTuple | Any], *,
        channels: Iterable[ad.ChannelSpec | Settings] | None = None,
        profiles: Iterable[ad.ProfileSpec | Settings] | None = None, batch_size: int = 256,
        timeout: float | None = None,
    ) -> None:
        super().__init__()
        self._setup = replay_setup(channels, profiles)
        self._batcher = Batcher(batch_size)
        self._items = items
        self._failure: BaseException | None = None
        self._started = threading.Event()
        self._channel = channel
        self._call = service_pb2_grpc.MarketStreamStub(channel).Replay(self._requests(), timeout=timeout)
        self._started.set()
        self._events = self._read()

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        return next(self._events)

    def run(self) -> ReplaySummary:
        """Reads on to the end, past all events, and returns the summary."""
        for _ in self._events:
            pass
        return self.summary

    def close(self) -> None:
        """Ends the replay, wherever it is; from any thread."""
        self._call.cancel()
        self._channel.close()

    def __enter__(self) -> Replay:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    # -- Inside

    def _requests(self) -> Iterator[sv.ReplayRequest]:
        """Runs in grpcio's thread, which would only log an exception."""
        try:
            yield from numbered(self._setup, self._batcher, self._items, self._ledger.book)
        except Exception as failure:  # noqa: BLE001: raised where the events are read
            self._failure = failure
            # The data may fail before the constructor has its call.
            self._started.wait()
            self._call.cancel()

    def _read(self) -> Iterator[Event]:
        try:
            for response in watched(self._call, of_answers(), lambda: is_alive(self._channel)):
                yield from self._ledger.events(response)
            self._ledger.finished()
        except grpc.RpcError as error:
            if self._failure is not None:
                raise self._failure from None
            raise server_error(error) from error
        finally:
            self.close()


def numbered(
    setup: sv.ReplayRequest, batcher: Batcher, items: Iterable[Any], book: RejectionBook,
) -> Iterator[sv.ReplayRequest]:
    """The requests of a replay in their order; publishing counts from 1."""
    yield setup
    gathered = itertools.chain(batcher.add_all(items), batcher.rest())
    for sequence, one in enumerate(gathered, 1):
        one.request.sequence = sequence
        book.sent(sequence, one)
        yield sv.ReplayRequest(publish=one.request)


def _sums(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for key, count in pairs:
        sums[key] = sums.get(key, 0) + count
    return sums
