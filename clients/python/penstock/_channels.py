"""The channels of a process."""
from __future__ import annotations

import atexit
import weakref
from collections.abc import Sequence
from typing import Any

import grpc

#: Those that somebody still holds.
_open: weakref.WeakSet[grpc.Channel] = weakref.WeakSet()


def channel_options(options: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """With a pool of its own for each channel: grpcio otherwise shares one connection among channels of one target."""
    return [("grpc.use_local_subchannel_pool", 1), *options]


def open_channel(target: str, options: Sequence[tuple[str, Any]]) -> grpc.Channel:
    channel = grpc.insecure_channel(target, options=options)
    _open.add(channel)
    return channel


@atexit.register
def _close_all() -> None:
    """A script that ends while it holds an iterator would hang: the interpreter frees the iterator last, closing its channel waits for a
    thread of grpcio, and by then such threads do not run any more."""
    for channel in list(_open):
        channel.close()
