"""The channels of a process."""
from __future__ import annotations

import atexit
import weakref
from collections.abc import Sequence
from typing import Any

import grpc

#: By name. The caller's own options take their places.
_OPTIONS = {
    # A pool of its own for each channel: grpcio otherwise shares one connection among channels of one target.
    "grpc.use_local_subchannel_pool": 1,
    # A connection on which nothing comes for so long is asked by a PING whether it is there, and counts as lost when that stays unanswered.
    # Without it a publisher waits for ever where the network goes silent. grpcio sends two while the caller sends nothing, and no more than
    # one a minute from then on, so that servers with their defaults bear it.
    "grpc.keepalive_time_ms": 10_000,
    "grpc.keepalive_timeout_ms": 10_000,
}

#: Those that somebody still holds.
_open: weakref.WeakSet[grpc.Channel] = weakref.WeakSet()


def channel_options(options: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return list({**_OPTIONS, **dict(options)}.items())


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
