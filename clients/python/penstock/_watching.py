"""Reading a call that owes responses, and giving it up when the network has gone silent."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import grpc

from ._silence import Silence


def watched(call: Any, silence: Silence) -> Iterator[Any]:
    """The responses of a call, to its end. Raises the call's error, or `silence.error()` when it was given up."""
    is_over = threading.Event()

    def watch() -> None:
        # grpcio waits for the next response without a bound: only another thread can end that.
        while not is_over.wait(silence.interval):
            if silence.check():
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
