"""What a publisher has sent and what is acknowledged; shared by the synchronous and the asyncio publisher."""
from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable

import grpc

from ._batching import Gathered
from .v1 import market_data_pb2 as md
from ._rejections import Rejection, RejectionBook
from .errors import Aborted


@dataclasses.dataclass(frozen=True)
class Totals:
    """Items, over all connections of one publisher; `accepted` + `rejected` = items sent (again, if they were sent again)."""

    accepted: int = 0
    rejected: int = 0
    dropped: int = 0
    late: int = 0
    quarantined: int = 0
    duplicates: int = 0
    out_of_session: int = 0
    #: Part of `rejected`: items that no `Rejection` tells of, since the server names the first 32 between two acknowledgements.
    unnamed: int = 0
    #: Items of a named publisher that the server processed, and whose answer was lost with the connection: in none of the other totals, and
    #: which of them were rejected is not known.
    unheard: int = 0

    def plus(self, response: md.PublishResponse) -> Totals:
        counted = {name: getattr(self, name) + getattr(response, name) for name in _COUNTED}
        return dataclasses.replace(self, **counted)


#: What the server counts.
_COUNTED = [field.name for field in dataclasses.fields(Totals) if field.name in md.PublishResponse.DESCRIPTOR.fields_by_name]


class Ledger:
    """Numbers requests, keeps each until it is acknowledged, says what is due on a new call, and adds up totals.

    Pure: no I/O, no locks, no clock; its owner calls it from one thread at a time.

        add → unacknowledged → heard(acked_sequence) → gone
                    ↑ begin_call: those above resume_sequence are due again
    """

    def __init__(self, on_rejection: Callable[[Rejection], None] | None = None) -> None:
        self.unacknowledged: collections.deque[md.PublishRequest] = collections.deque()
        self.acked = 0
        #: Whether a call was begun: a named publisher does not know its first number before.
        self.begun = False
        #: So far. Replaced as a whole, never changed: it may be read from any thread.
        self.totals = Totals()
        #: Why nothing is acknowledged, as far as it is known; empty while all is well.
        self.obstacle = ""
        self._book = RejectionBook()
        self._sequence = 0
        #: Up to the end of the last call: totals count anew on each.
        self._earlier = Totals()
        #: Rejected items that this call's rejections stand for.
        self._named = 0
        self._on_rejection = on_rejection

    @property
    def rejections(self) -> collections.deque[Rejection]:
        """The newest 1,000."""
        return self._book.newest

    def add(self, gathered: Gathered) -> md.PublishRequest:
        """Numbers the request and keeps it."""
        self._sequence += 1
        request = gathered.request
        request.sequence = self._sequence
        self.unacknowledged.append(request)
        self._book.sent(self._sequence, gathered)
        return request

    def begin_call(self, resume_sequence: int = 0) -> list[md.PublishRequest]:
        """A new call: what is to be sent on it first. `resume_sequence` is what a named publisher is told, else 0.

        Raises Aborted when that is more than was ever sent: another publisher has used the name, and the next requests would count as its.
        """
        if not self.begun:
            self.begun = True
            self._sequence = max(self._sequence, resume_sequence)
            self.acked = max(self.acked, resume_sequence)
        if resume_sequence > self._sequence:
            raise Aborted(
                grpc.StatusCode.ABORTED,
                f"another publisher of this name has published up to request {resume_sequence}, this one up to {self._sequence}; "
                f"{len(self.unacknowledged)} of its requests are not acknowledged",
            )
        unheard = self._forget(resume_sequence)
        self.totals = self._earlier = dataclasses.replace(self.totals, unheard=self.totals.unheard + unheard)
        self._named = 0
        return list(self.unacknowledged)

    def rejections_in(self, response: md.PublishResponse) -> list[Rejection]:
        """What is new of a response's rejections; to be asked before the response is `heard`."""
        new, named = self._book.read(response.rejections)
        self._named += named
        return new

    def heard(self, response: md.PublishResponse) -> None:
        """An acknowledgement on the newest call."""
        totals = self._earlier.plus(response)
        self.totals = dataclasses.replace(totals, unnamed=totals.unnamed + max(0, response.rejected - self._named))
        self.acked = max(self.acked, response.acked_sequence)
        blocked = response.blocked_by
        self.obstacle = f"channel '{blocked.channel}': {blocked.reason}" if response.HasField("blocked_by") else ""
        self._forget(self.acked)

    def lost(self, error: grpc.RpcError) -> None:
        """The call has ended with this."""
        self.obstacle = f"{error.code().name}: {error.details()}"

    def overdue(self, timeout: float | None) -> TimeoutError:
        """What a wait of so many seconds that was in vain ends with."""
        reason = f" ({self.obstacle})" if self.obstacle else ""
        return TimeoutError(f"{len(self.unacknowledged)} requests are not acknowledged after {timeout} s{reason}")

    def hand_over(self, rejections: list[Rejection]) -> None:
        """Runs the caller's code. Apart from the others, so that an owner can call it without its lock, and before `heard`: whoever waits for
        an acknowledgement then has the rejections that it covers."""
        if self._on_rejection is not None:
            for rejection in rejections:
                self._on_rejection(rejection)

    def _forget(self, sequence: int) -> int:
        while self.unacknowledged and self.unacknowledged[0].sequence <= sequence:
            self.unacknowledged.popleft()
        return self._book.settled(sequence)
