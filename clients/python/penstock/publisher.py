"""Publishing with acknowledgements and reconnection."""
from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import grpc

from ._batching import Gathered
from ._forms import Forms
from .v1 import market_data_pb2 as md
from .v1 import service_pb2_grpc
from ._rejections import Rejection
from ._retry import Attempts, Backoff, ended_early
from ._silence import of_answers
from ._watching import is_alive, watched


class Publisher(Forms[None]):
    """Sends ticks, bars and fair market values, and keeps each request until it is acknowledged.

    With a `name` every request is processed exactly once for the server's life: after a lost connection the server says where to
    resume. Without one, what is unacknowledged is sent again, and may be processed twice (at least once).

    Items gather until there are `batch_size` of them (1 or more; the server takes at most `max_items` in a request, 65,536 unless it is
    configured otherwise), until one of another kind comes, or until `flush()`; all are sent in the order in which they were given.
    `max_in_flight` requests may be unacknowledged, then calls wait. When nothing comes for 10 s while something is, the publisher asks the
    server whether it is there, and connects again unless it answers within another 10. An item that the server does not take ends nothing: see `rejections`.
    `on_rejection` is called with each, from a thread of the publisher; what it raises ends the publisher. The server names the first 32
    between two acknowledgements: `batch_size` 32 and `max_in_flight` 1 have every one named, at a round trip a request.

    Every method that sends raises `PublishError` when the server ended the stream for good or was not reached again, or when another
    publisher took over the name. One that is interrupted has sent what it had taken: `items` says how many.
    Thread-safe for one producer thread.
    """

    def __init__(
        self, channel_factory: Callable[[], grpc.Channel], name: str | None = None, *, batch_size: int = 256,
        max_in_flight: int = 256, backoff: Backoff = Backoff(), on_rejection: Callable[[Rejection], None] | None = None,
    ) -> None:
        super().__init__(
            name, batch_size=batch_size, max_in_flight=max_in_flight, backoff=backoff, on_rejection=on_rejection
        )
        self._channel_factory = channel_factory
        # Guards the ledger, the outbox and what the publisher ended with.
        self._guard = self._condition = threading.Condition()
        self._call: Any = None
        self._abandoned = threading.Event()
        self._done = threading.Event()
        self._outbox: queue.SimpleQueue[md.PublishRequest | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="penstock-publisher", daemon=True)
        self._thread.start()
        if name is not None:
            # A named publisher numbers its requests from where the server says.
            with self._condition:
                self._condition.wait_for(lambda: self._ledger.begun or self._error)
            self._raise_if_failed()

    # -- Sending

    def flush(self, timeout: float | None = None) -> int:
        """Sends what is gathered and waits until all is acknowledged; returns the acknowledged sequence.

        Raises TimeoutError when `timeout` seconds have passed, PublishError when the server ended the stream.
        """
        self._send_all(self._batcher.rest())
        with self._condition:
            if not self._condition.wait_for(lambda: not self._ledger.unacknowledged or self._error, timeout):
                raise self._ledger.overdue(timeout)
        self._raise_if_failed()
        return self._ledger.acked

    def close(self, timeout: float | None = None) -> None:
        """Flushes and ends the stream; raises what `flush` does, unless that was raised before, and gives up then what is not acknowledged."""
        patience = 0
        try:
            if not self._error_told:
                self.flush(timeout)
            patience = 10
        finally:
            self._end()
            if not self._done.wait(patience):
                self._abandoned.set()
                if self._call is not None:
                    self._call.cancel()

    def __enter__(self) -> Publisher:
        return self

    def __exit__(self, kind: Any, value: Any, trace: Any) -> None:
        if kind is None:
            self.close()
        else:
            self._end()

    # -- Inside

    def _send_all(self, requests: Iterable[Gathered]) -> None:
        for gathered in requests:
            with self._condition:
                try:
                    self._condition.wait_for(lambda: self._has_room() or self._error)
                finally:
                    # An interrupt too: the items are taken from the caller, and one request too many is better than one lost.
                    if self._error is None:
                        self._outbox.put(self._ledger.add(gathered))
                self._raise_if_failed()

    def _end(self) -> None:
        with self._condition:
            self._closing = True
            self._outbox.put(None)

    def _run(self) -> None:
        attempts = Attempts(self._backoff)
        try:
            while True:
                progressed, error = self._connect_once()
                if self._closing and not self._ledger.unacknowledged:
                    return
                if self._abandoned.wait(attempts.delay_after(error, progressed)):
                    return
                self.reconnects += 1
        except BaseException as error:  # noqa: BLE001: told to the producer, whatever it is
            with self._condition:
                self._error = error
                self._condition.notify_all()
        finally:
            self._done.set()

    def _connect_once(self) -> tuple[bool, grpc.RpcError]:
        """One call, to its end. Returns whether it acknowledged anything, and what it ended with."""
        before = self._ledger.acked
        with self._channel_factory() as channel:
            outbox: queue.SimpleQueue[md.PublishRequest | None] = queue.SimpleQueue()
            metadata = [("penstock-publisher", self.name)] if self.name is not None else None
            self._call = call = service_pb2_grpc.MarketStreamStub(channel).Publish(_until_none(outbox), metadata=metadata)
            if self.name is None:
                self._begin_call(outbox)
            try:
                for response in watched(call, of_answers(self._is_owed_an_answer), lambda: is_alive(channel)):
                    if self._outbox is not outbox:
                        self._begin_call(outbox, response.resume_sequence)
                    with self._condition:
                        rejections = self._ledger.rejections_in(response)
                    self._ledger.hand_over(rejections)
                    with self._condition:
                        self._ledger.heard(response)
                        self._condition.notify_all()
                return self._ledger.acked > before, ended_early()
            except grpc.RpcError as error:
                self._ledger.lost(error)
                return self._ledger.acked > before, error
            finally:
                outbox.put(None)

    def _begin_call(self, outbox: queue.SimpleQueue[md.PublishRequest | None], resume: int = 0) -> None:
        """Sends what is due on a new call, and everything from now on."""
        with self._condition:
            for request in self._ledger.begin_call(resume):
                outbox.put(request)
            self._outbox = outbox
            if self._closing:
                outbox.put(None)
            self._condition.notify_all()


def _until_none(outbox: queue.SimpleQueue[md.PublishRequest | None]) -> Iterator[md.PublishRequest]:
    while (request := outbox.get()) is not None:
        yield request
