"""Reading a call, and giving it up when the network has gone silent."""
from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import grpc

from . import _silence
from ._silence import Silence

#: Every gRPC server answers it at any time, if only that it does not know it: more than some allow HTTP/2's PINGs, and through proxies.
ALIVE_METHOD = "/grpc.health.v1.Health/Check"


def watched(call: Any, silence: Silence, is_alive: Callable[[], bool] | None = None) -> Iterator[Any]:
    """The responses of a call, to its end. Raises the call's error, or `silence.error()` when it was given up: at once when silence is found,
    or when `is_alive` then says no."""
    is_over = threading.Event()

    def watch() -> None:
        # grpcio waits for the next response without a bound: only another thread can end that.
        while not is_over.wait(silence.interval):
            if not silence.check():
                continue
            if is_alive is not None and is_alive():
                silence.begin_anew()
            elif silence.check():
                call.cancel()
                return

    threading.Thread(target=watch, name="penstock-silence", daemon=True).start()
    try:
        silence.waits()
        for response in call:
            silence.heard()
            yield response
            silence.waits()
    except grpc.RpcError as error:
        if silence.is_found:
            raise silence.error() from error
        raise
    finally:
        is_over.set()


def is_alive(channel: grpc.Channel) -> bool:
    """Whether the connection brings answers; waits for one."""
    try:
        channel.unary_unary(ALIVE_METHOD)(b"", timeout=_silence.ALIVE_TIMEOUT)
    except grpc.RpcError as error:
        return error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED
    except ValueError:
        # The channel was closed: its call has ended, and says why.
        pass
    return True
