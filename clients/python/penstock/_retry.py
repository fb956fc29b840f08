"""When to try again, and how long to wait before."""
from __future__ import annotations

import dataclasses
import random

import grpc

from .errors import Unavailable

#: What a lost connection or a restarting server answers; everything else is an answer that trying again does not change.
RETRIABLE = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED})


@dataclasses.dataclass(frozen=True)
class Backoff:
    """Exponential back-off with jitter. Seconds."""

    initial: float = 0.1
    maximum: float = 10.0
    factor: float = 2.0
    #: Attempts without any progress before the error is raised; None = for ever.
    attempts: int | None = 10

    def delay(self, attempt: int) -> float:
        """How long to wait before attempt 1, 2, …; between half and all of the step, so that clients spread."""
        # A power without bound would end as an error, after hours of trying.
        step = min(self.maximum, self.initial * self.factor ** min(attempt - 1, 60))
        return step * (0.5 + random.random() / 2)

    def gives_up(self, attempt: int) -> bool:
        return self.attempts is not None and attempt > self.attempts


class Attempts:
    """Counts the attempts of one publisher without progress."""

    def __init__(self, backoff: Backoff) -> None:
        self._backoff = backoff
        self._attempt = 0

    def delay_after(self, error: grpc.RpcError, progressed: bool) -> float:
        """Seconds to wait before the next attempt. Raises `error` when another would not help, or there were enough."""
        self._attempt = 1 if progressed else self._attempt + 1
        if error.code() not in RETRIABLE or self._backoff.gives_up(self._attempt):
            raise error
        return self._backoff.delay(self._attempt)


def ended_early() -> grpc.RpcError:
    """What a publisher's call ends with that ends OK: an error unless it was asked to end and all is acknowledged."""
    return Unavailable(grpc.StatusCode.UNAVAILABLE, "the server ended the stream before everything was acknowledged")
