"""What goes wrong, as exceptions: the server's answers by their status, and a publisher's end."""
from __future__ import annotations

import re

import grpc


class ServerError(grpc.RpcError):
    """A call that the server did not perform, or that did not reach it.

    A `grpc.RpcError` too, with `code()` and `details()`, so that what handles those handles these.
    """

    def __init__(self, status: grpc.StatusCode, message: str) -> None:
        super().__init__(f"{status.name}: {message}")
        #: gRPC's status code.
        self.status = status
        #: In words: what was found and what would be right.
        self.message = message

    @staticmethod
    def of(status: grpc.StatusCode, message: str) -> ServerError:
        """Of the class for the status."""
        return _BY_STATUS.get(status, ServerError)(status, message)

    def code(self) -> grpc.StatusCode:
        return self.status

    def details(self) -> str:
        return self.message


class InvalidArgument(ServerError):
    """Values that the server does not take; nothing was changed."""

    @property
    def problems(self) -> list[str]:
        """One entry for each bad value: its field, what it is and what it must be."""
        # What is found and what it must be are parted in the same way as fields are; only fields are followed by a colon.
        return re.split(r"; (?=[\w.]+: )", self.message)


class NotFound(ServerError):
    """No such channel, profile or session; the message names those there are."""


class AlreadyExists(ServerError):
    """A channel of this name runs already."""


class FailedPrecondition(ServerError):
    """The channel is in a state in which this cannot be done."""


class Aborted(ServerError):
    """The configuration moved on: its version is not the one expected. Read it again and decide anew."""


class PermissionDenied(ServerError):
    """The caller's role is too low."""


class Unavailable(ServerError):
    """The server cannot be reached, or is draining. Trying again later may help."""


class Unimplemented(ServerError):
    """The server does not have this call: it is older than this client."""


class PublishError(Exception):
    """The server ended the stream for good, or could not be reached again. `__cause__` is what it ended with."""

    def __init__(self, cause: BaseException) -> None:
        self.status: grpc.StatusCode | None = None
        text = str(cause)
        if isinstance(cause, grpc.RpcError) and hasattr(cause, "code"):
            self.status = cause.code()
            text = f"{cause.code().name}: {cause.details()}"
        super().__init__(text)


_BY_STATUS: dict[grpc.StatusCode, type[ServerError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidArgument,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExists,
    grpc.StatusCode.FAILED_PRECONDITION: FailedPrecondition,
    grpc.StatusCode.ABORTED: Aborted,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDenied,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.UNIMPLEMENTED: Unimplemented,
}


def server_error(error: grpc.RpcError) -> ServerError:
    """The exception of this package for one of grpcio's, synchronous or asyncio."""
    if isinstance(error, ServerError):
        return error
    return ServerError.of(error.code(), error.details() or "")
