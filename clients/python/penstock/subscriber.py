"""Subscriptions that survive lost connections."""
from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from typing import Any

import grpc

from .v1 import events_pb2 as ev
from .v1 import service_pb2_grpc
from ._retry import RETRIABLE, Backoff
from ._silence import of_heartbeats
from ._watching import watched
from .errors import ServerError, server_error

#: A detected event: the message of events.proto, whose `detail` is a oneof (`event.WhichOneof("detail")`).
Event = ev.Event


@dataclasses.dataclass(frozen=True)
class Missed:
    """Events that this subscriber did not get, and why: SLOW_CONSUMER, NO_LONGER_KEPT or LOG_REPLACED.

    Where `slow_consumer` is CONFLATE, some of them may come all the same.
    """

    first_sequence: int
    last_sequence: int
    reason: str


@dataclasses.dataclass(frozen=True)
class CaughtUp:
    """The kept events asked for have all come; what follows is live."""

    last_sequence: int


@dataclasses.dataclass(frozen=True)
class Heartbeat:
    """Everything up to `last_sequence` that matches has come; all channels have passed `watermark_ns`."""

    last_sequence: int
    server_time_ns: int
    watermark_ns: int


class Cursor:
    """Where a subscription stands: makes the request that goes on where the last call stopped. Shared with the asyncio client."""

    def __init__(self, request: ev.SubscribeRequest) -> None:
        self.request = request
        self.log_id = ""
        self.last_sequence: int | None = None
        self.watermark_ns = 0
        # Whether an event or a gap has come.
        self._has_begun = False

    @property
    def _conflates(self) -> bool:
        return self.request.slow_consumer == ev.SLOW_CONSUMER_POLICY_CONFLATE

    def next_request(self) -> ev.SubscribeRequest:
        request = ev.SubscribeRequest()
        request.CopyFrom(self.request)
        # Until something has come a time is asked for again: one in the future keeps away what is older.
        asks_for_time = request.WhichOneof("start") == "from_time_ns" and not self._has_begun
        if self.last_sequence is not None and not asks_for_time:
            request.from_sequence = self.last_sequence + 1
            request.log_id = self.log_id
        return request

    def items(self, response: ev.SubscribeResponse) -> Iterator[Event | Missed | CaughtUp | Heartbeat]:
        kind = response.WhichOneof("response")
        self._has_begun = self._has_begun or kind in ("events", "missed")
        if kind == "events":
            for event in response.events.events:
                self.last_sequence = event.sequence
                yield event
        elif kind == "missed":
            missed = response.missed
            reason = ev.MissedReason.Name(missed.reason).removeprefix("MISSED_REASON_")
            if reason == "LOG_REPLACED":
                # Counting starts anew.
                self.last_sequence = None
                self.request.from_sequence = 1
                self.request.log_id = ""
            elif reason == "NO_LONGER_KEPT" or not self._conflates:
                self.last_sequence = missed.last_sequence
            # else it comes before events that it covers: they, or a heartbeat, move the cursor. Where none comes, the next call
            # asks for the gap again.
            yield Missed(missed.first_sequence, missed.last_sequence, reason)
        elif kind == "heartbeat":
            heartbeat = response.heartbeat
            self.log_id = heartbeat.log_id
            self.watermark_ns = max(self.watermark_ns, heartbeat.watermark_ns)
            # While the past is read the heartbeat may be behind the start that was asked for.
            if self.request.WhichOneof("start") is None or self.last_sequence is not None:
                self.last_sequence = max(self.last_sequence or 0, heartbeat.last_sequence)
            yield Heartbeat(heartbeat.last_sequence, heartbeat.server_time_ns, heartbeat.watermark_ns)
        elif kind == "caught_up":
            self.log_id = response.caught_up.log_id
            self.last_sequence = max(self.last_sequence or 0, response.caught_up.last_sequence)
            yield CaughtUp(response.caught_up.last_sequence)


class Subscription:
    """What a subscriber knows and decides, without I/O; shared with the asyncio client."""

    def __init__(self, request: ev.SubscribeRequest, everything: bool, backoff: Backoff) -> None:
        #: What did not come, in order.
        self.missed: list[Missed] = []
        #: Calls after the first, whether they reached the server or not.
        self.reconnects = 0
        self._cursor = Cursor(request)
        self._everything = everything
        self._backoff = backoff
        #: Attempts since the last response.
        self._attempt = 0
        self._call: Any = None

    @property
    def last_sequence(self) -> int | None:
        """Of the last event, or as far as heartbeats say that there was none."""
        return self._cursor.last_sequence

    @property
    def watermark_ns(self) -> int:
        """The newest event time that all channels have passed."""
        return self._cursor.watermark_ns

    def _wanted(self, response: ev.SubscribeResponse) -> Iterator[Any]:
        self._attempt = 0
        for item in self._cursor.items(response):
            if isinstance(item, Missed):
                self.missed.append(item)
            if self._everything or isinstance(item, Event):
                yield item

    def _delay_after(self, error: ServerError) -> float:
        """Seconds to wait before the next call. Raises `error` when another would not help, or there were enough."""
        self._attempt += 1
        if error.code() not in RETRIABLE or self._backoff.gives_up(self._attempt):
            raise error
        self.reconnects += 1
        return self._backoff.delay(self._attempt)


class Subscriber(Subscription):
    """Iterates over events; with `everything=True` also over `Missed`, `CaughtUp` and `Heartbeat`.

    After a lost connection it goes on behind the last event: none is lost or comes twice while the server keeps them. A connection on which
    three heartbeats did not come counts as lost (`heartbeat_ms`; 15 s at the default, noticed within 22). What was missed is in `missed` in
    any case. Iterating raises `ServerError` when the server refuses, or is not reached again.
    """

    def __init__(
        self, channel_factory: Callable[[], grpc.Channel], request: ev.SubscribeRequest, *, everything: bool = False,
        backoff: Backoff = Backoff(),
    ) -> None:
        super().__init__(request, everything, backoff)
        self._channel_factory = channel_factory
        self._closed = threading.Event()

    def close(self) -> None:
        """Ends the iteration; from any thread."""
        self._closed.set()
        if self._call is not None:
            self._call.cancel()

    def __enter__(self) -> Subscriber:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __iter__(self) -> Iterator[Any]:
        delay = 0.0
        while not self._closed.wait(delay):
            with self._channel_factory() as channel:
                self._call = service_pb2_grpc.MarketStreamStub(channel).Subscribe(self._cursor.next_request())
                try:
                    # Whoever closes it now has no call to cancel, or one that is over.
                    if self._closed.is_set():
                        return
                    for response in watched(self._call, of_heartbeats(self._cursor.request.heartbeat_ms)):
                        yield from self._wanted(response)
                    return
                except grpc.RpcError as error:
                    if self._closed.is_set():
                        return
                    delay = self._delay_after(server_error(error))
                finally:
                    self._call.cancel()
