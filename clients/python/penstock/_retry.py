"""When to try again, and how long to wait before."""
from __future__ import annotations

import dataclasses
import random

import grpc

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
        step = min(self.maximum, self.initial * self.factor ** (attempt - 1))
        return step * (0.5 + random.random() / 2)

    def gives_up(self, attempt: int) -> bool:
        return self.attempts is not None and attempt > self.attempts
