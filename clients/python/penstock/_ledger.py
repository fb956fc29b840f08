"""What a publisher has sent and what is acknowledged; shared by the synchronous and the asyncio publisher."""
from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable

from ._proto import market_data_pb2 as md


@dataclasses.dataclass
class Totals:
    """Items, over all connections of one publisher; `accepted` + `rejected` = items sent (again, if they were sent again)."""

    accepted: int = 0
    rejected: int = 0
    dropped: int = 0
    late: int = 0
    quarantined: int = 0
    duplicates: int = 0
    out_of_session: int = 0

    def plus(self, response: md.PublishResponse) -> Totals:
        return Totals(**{f.name: getattr(self, f.name) + getattr(response, f.name) for f in dataclasses.fields(self)})


class Ledger:
    """Numbers requests, keeps each until it is acknowledged, says what is due on a new call, and adds up totals.

    Pure: no I/O, no locks, no clock; its owner calls it from one thread at a time.

        add → unacknowledged → heard(acked_sequence) → gone
                    ↑ begin_call: those above resume_sequence are due again
    """

    def __init__(self, on_rejection: Callable[[md.Rejection], None] | None = None) -> None:
        self.unacknowledged: collections.deque[md.PublishRequest] = collections.deque()
        #: The newest 1,000.
        self.rejections: collections.deque[md.Rejection] = collections.deque(maxlen=1000)
        self.acked = 0
        #: Whether a call was begun: a named publisher does not know its first number before.
        self.begun = False
        self._sequence = 0
        self._earlier = Totals()
        self._last = md.PublishResponse()
        self._on_rejection = on_rejection

    @property
    def totals(self) -> Totals:
        return self._earlier.plus(self._last)

    def add(self, request: md.PublishRequest) -> md.PublishRequest:
        """Numbers the request and keeps it."""
        self._sequence += 1
        request.sequence = self._sequence
        self.unacknowledged.append(request)
        return request

    def begin_call(self, resume_sequence: int = 0) -> list[md.PublishRequest]:
        """A new call: what is to be sent on it first. `resume_sequence` is what a named publisher is told, else 0."""
        if not self.begun:
            self.begun = True
            self._sequence = max(self._sequence, resume_sequence)
            self.acked = max(self.acked, resume_sequence)
        # Totals count anew on each call.
        self._earlier = self._earlier.plus(self._last)
        self._last = md.PublishResponse()
        self._forget(resume_sequence)
        return list(self.unacknowledged)

    def heard(self, response: md.PublishResponse) -> None:
        """An acknowledgement on the newest call."""
        self._last = response
        self.acked = max(self.acked, response.acked_sequence)
        self._forget(self.acked)

    def hand_over(self, response: md.PublishResponse) -> None:
        """Its rejections. Apart from `heard`, so that an owner can call it without its lock: it runs the caller's code."""
        for rejection in response.rejections:
            self.rejections.append(rejection)
            if self._on_rejection is not None:
                self._on_rejection(rejection)

    def _forget(self, sequence: int) -> None:
        while self.unacknowledged and self.unacknowledged[0].sequence <= sequence:
            self.unacknowledged.popleft()
