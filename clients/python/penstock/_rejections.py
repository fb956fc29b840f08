"""Rejections, told by the caller's own count of items; shared by publishers and replays, synchronous and asyncio. No I/O."""
from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterable

from ._batching import Gathered
from .v1 import market_data_pb2 as md

#: What the server rejects as a whole request, and tells once.
_WHOLE = frozenset({md.REJECTION_CODE_BAD_COLUMNS, md.REJECTION_CODE_SEQUENCE_REGRESSION})


@dataclasses.dataclass(frozen=True)
class Rejection:
    """An item that the server did not take, or a request that it did not take as a whole."""

    #: The caller's number of the item, or of the first of them: from 0, in the order in which the publisher or replay was given them, whatever
    #: the calls and requests they went in; a row of a column or frame is one. None when the server names a request that is not under way.
    item: int | None
    #: How many items it stands for, from `item` on: 1, or all of a request (BAD_COLUMNS, SEQUENCE_REGRESSION).
    items: int
    #: The request that they were in, as numbered on the wire.
    sequence: int
    #: The place in that request, from 0.
    index: int
    #: `market_data.REJECTION_CODE_…`.
    code: int
    #: In words: what was found and what would be right.
    detail: str

    @property
    def reason(self) -> str:
        """The code's name: "BAD_PRICE". The number as text where the server is newer than this client."""
        try:
            return md.RejectionCode.Name(self.code).removeprefix("REJECTION_CODE_")
        except ValueError:
            return str(self.code)


class _Sent:
    __slots__ = ("first_item", "items", "sequence", "told")

    def __init__(self, sequence: int, gathered: Gathered) -> None:
        self.sequence = sequence
        self.first_item = gathered.first_item
        self.items = gathered.items
        #: The places that a rejection named; most requests have none.
        self.told: set[int] | None = None


class RejectionBook:
    """Which of the caller's items each unacknowledged request holds, and what the server said of them.

    A request is kept from `sent` until `settled`, so memory is bounded by what is unacknowledged. A request that is sent again after a lost
    connection keeps its items; what the server tells of it a second time is not told again.
    """

    def __init__(self) -> None:
        #: The newest 1,000.
        self.newest: collections.deque[Rejection] = collections.deque(maxlen=1000)
        #: In the order of their numbers, which rise by one.
        self._sent: collections.deque[_Sent] = collections.deque()

    def sent(self, sequence: int, gathered: Gathered) -> None:
        self._sent.append(_Sent(sequence, gathered))

    def read(self, rejections: Iterable[md.Rejection]) -> tuple[list[Rejection], int]:
        """Those of a response that are new, and how many rejected items all of them stand for. To be called before `settled` of the same
        response."""
        new: list[Rejection] = []
        items = 0
        for told in rejections:
            sent = self._find(told.sequence)
            stands_for = sent.items if sent is not None and told.code in _WHOLE else 1
            items += stands_for
            if sent is not None:
                if sent.told is None:
                    sent.told = set()
                if told.index in sent.told:
                    continue
                sent.told.add(told.index)
            item = sent.first_item + told.index if sent is not None else None
            new.append(Rejection(item, stands_for, told.sequence, told.index, told.code, told.detail))
        self.newest.extend(new)
        return new, items

    def settled(self, sequence: int) -> int:
        """Forgets the requests up to one that is acknowledged; returns how many items they held."""
        items = 0
        while self._sent and self._sent[0].sequence <= sequence:
            items += self._sent.popleft().items
        return items

    def _find(self, sequence: int) -> _Sent | None:
        if not self._sent:
            return None
        place = sequence - self._sent[0].sequence
        return self._sent[place] if 0 <= place < len(self._sent) else None
