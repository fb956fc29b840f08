"""Whether a call that owes responses has gone silent; used by the synchronous and the asyncio client. No I/O, no clock."""
from __future__ import annotations

import math

import grpc

from .errors import ServerError, Unavailable

#: Seconds; what the server takes for `heartbeat_ms` 0.
DEFAULT_HEARTBEAT = 5.0


class Silence:
    """Judges one call by what has come between checks, of which its owner makes one each `interval` seconds.

    Checks are counted, and not seconds: a process that was stopped for a minute has missed its checks too, and the responses that came
    meanwhile are waiting for it. Silence is told after `patience` seconds, and at most a quarter of that later.
    """

    CHECKS = 4
    #: Seconds. A connection may take longer to be made than a heartbeat takes to come.
    CONNECTING = 10.0

    def __init__(self, due: float) -> None:
        """`due`: a response is due at least so often, in seconds."""
        self._due = due
        # A second at least: heartbeats may be shorter than the pauses of a busy machine.
        self.patience = max(3 * due, 1.0)
        self.interval = self.patience / self.CHECKS
        #: Whether somebody waits for a response; nothing is expected of a call that nobody reads.
        self.is_waiting = False
        #: Whether it was found.
        self.is_found = False
        self._responses = 0
        self._responses_seen = 0
        self._quiet_checks = 0

    def waits(self) -> None:
        """The next response is waited for."""
        self.is_waiting = True

    def heard(self) -> None:
        """It has come."""
        self.is_waiting = False
        self._responses += 1

    def check(self) -> bool:
        """Whether the call is silent: to be given up then."""
        if self.is_waiting and self._responses == self._responses_seen:
            self._quiet_checks += 1
        else:
            self._responses_seen = self._responses
            self._quiet_checks = 0
        patience = self.patience if self._responses else max(self.patience, self.CONNECTING)
        self.is_found = self._quiet_checks >= math.ceil(patience / self.interval)
        return self.is_found

    def error(self) -> ServerError:
        """What a call that was given up ends with."""
        return Unavailable(
            grpc.StatusCode.UNAVAILABLE,
            f"nothing has come for {self.patience:g} s, where something is due every {self._due:g} s: the network or the server is silent",
        )


def of_heartbeats(heartbeat_ms: int) -> Silence:
    """Of a subscription that asked for these."""
    return Silence(heartbeat_ms / 1000 if heartbeat_ms else DEFAULT_HEARTBEAT)


def of_snapshots(interval_ms: int) -> Silence:
    """Of a watch of metrics, which does not connect again: no more impatient than a subscription."""
    return Silence(max(interval_ms / 1000, DEFAULT_HEARTBEAT))
