"""How a call really ended.

A call of grpcio's asyncio can lose it: a write that fails because the server has ended the call puts INTERNAL, "Internal error from Core" in
the place of the status that the server sent, whichever came first (https://github.com/grpc/grpc/issues/36066). A publisher would then try
again what the server refused for good, and a replay would not know why it ended.
"""
from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Any

import grpc
import grpc.aio

from .. import _silence
from .._silence import Silence
from .._watching import ALIVE_METHOD
from ..errors import ServerError, server_error

_PUT_THERE = (grpc.StatusCode.INTERNAL, "Internal error from Core")


class Ending:
    """Watches one call; to be made as soon as the call is, and asked when it has ended."""

    #: Seconds. The server's status follows what it ended within moments, and not at all when grpcio never sent the write.
    PATIENCE = 1.0

    def __init__(self, call: Any) -> None:
        self._status: tuple[grpc.StatusCode, str] | None = None
        self._came = asyncio.Event()
        call.add_done_callback(self._note)

    async def of(self, error: grpc.RpcError) -> grpc.RpcError | None:
        """The error that the call ended with where grpcio says `error`; None when it ended OK."""
        code, details = await self.status(error.code(), error.details())
        if (code, details) == (error.code(), error.details()):
            return error
        return None if code is grpc.StatusCode.OK else ServerError.of(code, details)

    async def status(self, code: grpc.StatusCode, details: str) -> tuple[grpc.StatusCode, str]:
        """Code and details that the call ended with where grpcio says these."""
        if (code, details) != _PUT_THERE:
            return code, details
        try:
            await asyncio.wait_for(self._came.wait(), self.PATIENCE)
        except asyncio.TimeoutError:
            return code, details
        assert self._status is not None
        return self._status

    def _note(self, call: Any) -> None:
        """Called whenever the call is given a status, with that status in place."""
        status = (_at_once(call.code()), _at_once(call.details()))
        if self._status is None and status != _PUT_THERE:
            self._status = status
            self._came.set()


async def responses(
    call: Any, ending: Ending, is_closed: Callable[[], bool], silence: Silence,
    is_alive: Callable[[], Awaitable[bool]] | None = None,
) -> AsyncGenerator[Any, None]:
    """The responses of a call, to its end: when the call ends OK, or was closed here. Raises ServerError, `silence.error()` when the call
    was given up: at once when silence is found, or when `is_alive` then says no."""
    watch = asyncio.create_task(_watch(call, silence, is_alive))
    try:
        silence.waits()
        async for response in call:
            silence.heard()
            yield response
            silence.waits()
    except asyncio.CancelledError:
        # So ends a call that was cancelled, and a task that was.
        if was_cancelled(asyncio.current_task()):
            raise
        if silence.is_found:
            raise silence.error() from None
        if not is_closed():
            raise
    except grpc.aio.AioRpcError as error:
        if not is_closed() and (ended := await ending.of(error)) is not None:
            raise server_error(ended) from error
    finally:
        watch.cancel()


async def _watch(call: Any, silence: Silence, is_alive: Callable[[], Awaitable[bool]] | None) -> None:
    """Ends a call that has gone silent."""
    while True:
        await asyncio.sleep(silence.interval)
        if not silence.check():
            continue
        if is_alive is not None and await is_alive():
            silence.begin_anew()
        elif silence.check():
            call.cancel()
            return


async def is_alive(channel: grpc.aio.Channel) -> bool:
    """Whether the connection brings answers; waits for one."""
    try:
        await channel.unary_unary(ALIVE_METHOD)(b"", timeout=_silence.ALIVE_TIMEOUT)
    except grpc.RpcError as error:
        return error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED
    except grpc.aio.UsageError:
        # The channel was closed: its call has ended, and says why.
        pass
    return True


def was_cancelled(task: asyncio.Task[Any] | None) -> bool:
    """Whether a CancelledError in this task is its own: one that a call was cancelled with looks the same. False before Python 3.11,
    which does not tell."""
    cancelling = getattr(task, "cancelling", None)
    return cancelling is not None and cancelling() > 0


def _at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    return None
