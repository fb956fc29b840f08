"""Whether a call has gone silent; used by the synchronous and the asyncio client. No I/O, no clock."""
from __future__ import annotations

import math
from collections.abc import Callable

import grpc

from .errors import ServerError, Unavailable

#: Seconds; what the server takes for `heartbeat_ms` 0.
DEFAULT_HEARTBEAT = 5.0
#: Seconds until a call that owes nothing at fixed times is asked about, and then for the answer: 20 in all.
ANSWER_PATIENCE = 8.0
ALIVE_TIMEOUT = 10.0


class Silence:
    """Judges one call by what has come between checks, of which its owner makes one each `interval` seconds.

    Checks are counted, and not seconds: a process that was stopped for a minute has missed its checks too, and the responses that came
    meanwhile are waiting for it. Silence is told after `patience` seconds, and at most a quarter of that later.
    """

    CHECKS = 4
    #: Seconds. A connection may take longer to be made than a heartbeat takes to come.
    CONNECTING = 10.0

    def __init__(self, patience: float, is_owed: Callable[[], bool] = lambda: True) -> None:
        """`is_owed`: whether the server has something to answer; asked at each check."""
        # A second at least: heartbeats may be shorter than the pauses of a busy machine.
        self.patience = max(patience, 1.0)
        self.interval = self.patience / self.CHECKS
        #: Whether it was found.
        self.is_found = False
        self._is_owed = is_owed
        # Nothing is expected of a call that nobody reads.
        self._is_waiting = False
        self._responses = 0
        self._responses_seen = 0
        self._quiet_checks = 0

    def waits(self) -> None:
        """The next response is waited for."""
        self._is_waiting = True

    def heard(self) -> None:
        """It has come."""
        self._is_waiting = False
        self._responses += 1

    def check(self) -> bool:
        """Whether the call is silent: to be asked about or given up then."""
        if self._is_waiting and self._responses == self._responses_seen and self._is_owed():
            self._quiet_checks += 1
        else:
            self._responses_seen = self._responses
            self._quiet_checks = 0
        patience = self.patience if self._responses else max(self.patience, self.CONNECTING)
        self.is_found = self._quiet_checks >= math.ceil(patience / self.interval)
        return self.is_found

    def begin_anew(self) -> None:
        """The connection has answered something else."""
        self._quiet_checks = 0
        self.is_found = False

    def error(self) -> ServerError:
        """What a call that was given up ends with."""
        return Unavailable(
            grpc.StatusCode.UNAVAILABLE, f"nothing has come for {self.patience:g} s and more: the network or the server is silent"
        )


def of_heartbeats(heartbeat_ms: int) -> Silence:
    """Of a subscription that asked for these: three of them did not come."""
    return Silence(3 * (heartbeat_ms / 1000 if heartbeat_ms else DEFAULT_HEARTBEAT))


def of_snapshots(interval_ms: int) -> Silence:
    """Of a watch of metrics, which does not connect again: no more impatient than a subscription."""
    return Silence(3 * max(interval_ms / 1000, DEFAULT_HEARTBEAT))


def of_answers(is_owed: Callable[[], bool] = lambda: True) -> Silence:
    """Of a call whose server may have nothing to say: to be asked about before it is given up."""
    return Silence(ANSWER_PATIENCE, is_owed)
