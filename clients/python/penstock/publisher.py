"""Publishing with acknowledgements and reconnection."""
from __future__ import annotations

import collections
import dataclasses
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import grpc

from ._proto import market_data_pb2 as md
from ._proto import service_pb2_grpc
from ._requests import TickTuple, column_chunks, to_tick
from ._retry import RETRIABLE, Backoff


class PublishError(Exception):
    """The server ended the stream for good, or could not be reached again."""


@dataclasses.dataclass
class Totals:
    """Items, over all connections of one publisher."""

    accepted: int = 0
    rejected: int = 0
    dropped: int = 0
    late: int = 0
    quarantined: int = 0
    duplicates: int = 0
    out_of_session: int = 0

    def plus(self, response: md.PublishResponse) -> Totals:
        return Totals(**{f.name: getattr(self, f.name) + getattr(response, f.name) for f in dataclasses.fields(self)})


class Publisher:
    """Sends items and keeps each request until it is acknowledged.

    With a `name` every request is processed exactly once for the server's life: after a lost connection the server says where to
    resume. Without one, what is unacknowledged is sent again, and may be processed twice (at least once).

    Items gather until there are `batch_size` of them or `flush()` is called; `max_in_flight` requests may be unacknowledged, then calls wait.
    Thread-safe for one producer thread.
    """

    def __init__(
        self, channel_factory: Callable[[], grpc.Channel], name: str | None = None, *, batch_size: int = 256,
        max_in_flight: int = 256, backoff: Backoff = Backoff(), on_rejection: Callable[[md.Rejection], None] | None = None,
    ) -> None:
        if batch_size < 1 or max_in_flight < 1:
            raise ValueError("batch_size and max_in_flight must be at least 1")
        self.name = name
        self.rejections: collections.deque[md.Rejection] = collections.deque(maxlen=1000)
        self.reconnects = 0
        self._channel_factory = channel_factory
        self._batch_size = batch_size
        self._max_in_flight = max_in_flight
        self._backoff = backoff
        self._on_rejection = on_rejection
        self._ticks: list[md.Tick] = []
        self._sequence = 0
        self._condition = threading.Condition()
        self._unacknowledged: collections.deque[md.PublishRequest] = collections.deque()
        self._acked = 0
        self._earlier = Totals()
        self._last = md.PublishResponse()
        self._error: BaseException | None = None
        self._closing = False
        self._done = threading.Event()
        self._outbox: queue.SimpleQueue[md.PublishRequest | None] = queue.SimpleQueue()
        self._resumed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="penstock-publisher", daemon=True)
        self._thread.start()
        if name is not None:
            # A named publisher numbers its requests from where the server says.
            self._resumed.wait()
            self._raise_if_failed()

    # -- Sending

    def tick(self, symbol: str, timestamp_ns: int, price: float, size: float, conditions: int = 0) -> None:
        """Adds one tick to the batch at hand."""
        self._ticks.append(
            md.Tick(symbol=symbol, timestamp_ns=timestamp_ns, price=price, size=size, conditions=conditions)
        )
        if len(self._ticks) >= self._batch_size:
            self._send_ticks()

    def publish(self, ticks: Iterable[md.Tick | TickTuple | Any]) -> None:
        """Adds ticks: `Tick` messages, tuples (symbol, timestamp_ns, price, size), or objects with these attributes."""
        for tick in ticks:
            self._ticks.append(to_tick(tick))
            if len(self._ticks) >= self._batch_size:
                self._send_ticks()

    def publish_columns(
        self, symbol: Sequence[str] | str, timestamp_ns: Sequence[int], price: Sequence[float], size: Sequence[float],
        conditions: Sequence[int] | None = None, *, rows: int = 8192,
    ) -> None:
        """Sends columns: lists, numpy arrays or pandas series of equal length; `symbol` may be one for all. The cheapest way."""
        self._send_ticks()
        for columns in column_chunks(symbol, timestamp_ns, price, size, conditions, rows):
            self._send(md.PublishRequest(tick_columns=columns))

    def publish_frame(self, frame: Any, *, rows: int = 8192) -> None:
        """Sends a pandas DataFrame with the columns symbol, timestamp_ns, price, size and, if it has it, conditions."""
        conditions = frame["conditions"].to_numpy() if "conditions" in frame else None
        self.publish_columns(
            frame["symbol"].to_numpy(), frame["timestamp_ns"].to_numpy(), frame["price"].to_numpy(),
            frame["size"].to_numpy(), conditions, rows=rows,
        )

    def flush(self, timeout: float | None = None) -> int:
        """Sends what is gathered and waits until all is acknowledged; returns the acknowledged sequence.

        Raises TimeoutError when `timeout` seconds have passed, PublishError when the server ended the stream.
        """
        self._send_ticks()
        with self._condition:
            if not self._condition.wait_for(lambda: not self._unacknowledged or self._error, timeout):
                raise TimeoutError(f"{len(self._unacknowledged)} requests are not acknowledged after {timeout} s")
        self._raise_if_failed()
        return self._acked

    def close(self, timeout: float | None = None) -> None:
        """Flushes and ends the stream."""
        try:
            if self._error is None:
                self.flush(timeout)
        finally:
            self._closing = True
            self._outbox.put(None)
            self._done.wait(10)

    @property
    def acked_sequence(self) -> int:
        """Every request up to it has been processed."""
        return self._acked

    @property
    def totals(self) -> Totals:
        with self._condition:
            return self._earlier.plus(self._last)

    def __enter__(self) -> Publisher:
        return self

    def __exit__(self, kind: Any, value: Any, trace: Any) -> None:
        if kind is None:
            self.close()
        else:
            self._closing = True
            self._outbox.put(None)

    # -- Inside

    def _send_ticks(self) -> None:
        if not self._ticks:
            return
        ticks, self._ticks = self._ticks, []
        self._send(md.PublishRequest(ticks=md.TickBatch(ticks=ticks)))

    def _send(self, request: md.PublishRequest) -> None:
        with self._condition:
            self._condition.wait_for(lambda: len(self._unacknowledged) < self._max_in_flight or self._error)
            self._raise_if_failed()
            self._sequence += 1
            request.sequence = self._sequence
            self._unacknowledged.append(request)
            self._outbox.put(request)

    def _raise_if_failed(self) -> None:
        if self._error is not None:
            raise PublishError(str(self._error)) from self._error

    def _run(self) -> None:
        attempt = 0
        try:
            while True:
                progressed, error = self._connect_once()
                if error is None:
                    return
                attempt = 1 if progressed else attempt + 1
                if error.code() not in RETRIABLE or self._backoff.gives_up(attempt):
                    raise error
                if self._closing and not self._unacknowledged:
                    return
                time.sleep(self._backoff.delay(attempt))
                self.reconnects += 1
        except BaseException as error:  # noqa: BLE001: told to the producer, whatever it is
            with self._condition:
                self._error = error
                self._condition.notify_all()
        finally:
            self._resumed.set()
            self._done.set()

    def _connect_once(self) -> tuple[bool, grpc.RpcError | None]:
        """One call, to its end. Returns whether it acknowledged anything, and the error it ended with."""
        before = self._acked
        with self._channel_factory() as channel:
            outbox: queue.SimpleQueue[md.PublishRequest | None] = queue.SimpleQueue()
            metadata = [("penstock-publisher", self.name)] if self.name is not None else None
            call = service_pb2_grpc.MarketStreamStub(channel).Publish(_until_none(outbox), metadata=metadata)
            if self.name is None:
                self._restart(outbox)
            try:
                for response in call:
                    if self.name is not None and not self._resumed.is_set():
                        self._begin(response.resume_sequence)
                    if self._outbox is not outbox:
                        self._restart(outbox, response.resume_sequence)
                    self._heard(response)
                return self._acked > before, None
            except grpc.RpcError as error:
                return self._acked > before, error
            finally:
                outbox.put(None)

    def _begin(self, resume: int) -> None:
        with self._condition:
            self._sequence = max(self._sequence, resume)
            self._acked = max(self._acked, resume)
        self._resumed.set()

    def _restart(self, outbox: queue.SimpleQueue[md.PublishRequest | None], resume: int = 0) -> None:
        """Sends what is due on a new call, and everything from now on."""
        with self._condition:
            self._earlier = self._earlier.plus(self._last)
            self._last = md.PublishResponse()
            while self._unacknowledged and self._unacknowledged[0].sequence <= resume:
                self._unacknowledged.popleft()
            for request in self._unacknowledged:
                outbox.put(request)
            self._outbox = outbox
            if self._closing:
                outbox.put(None)
            self._condition.notify_all()

    def _heard(self, response: md.PublishResponse) -> None:
        with self._condition:
            self._last = response
            self._acked = max(self._acked, response.acked_sequence)
            while self._unacknowledged and self._unacknowledged[0].sequence <= self._acked:
                self._unacknowledged.popleft()
            self._condition.notify_all()
        for rejection in response.rejections:
            self.rejections.append(rejection)
            if self._on_rejection is not None:
                self._on_rejection(rejection)


def _until_none(outbox: queue.SimpleQueue[md.PublishRequest | None]) -> Iterator[md.PublishRequest]:
    while (request := outbox.get()) is not None:
        yield request
