"""What the adapters of this folder share: the command line, and a loop that reads a websocket, connects again with back-off, and publishes.

Ctrl-C ends an adapter when what it has published is acknowledged. The named publisher delivers each item exactly once to the server,
whatever happens to that connection. The vendor's connection is another matter: what is sent while it is down does not come again.
"""
import argparse
import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import penstock

Bar, Tick = penstock.market_data.Bar, penstock.market_data.Tick

#: Seconds that an item may wait for its batch to fill.
FLUSH_AFTER = 0.2
#: What parsing raises for a message that is not as documented.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Refused(Exception):
    """An error that the vendor sent. It is final where connecting again would only bring it again: a wrong key, a plan without this feed."""

    def __init__(self, text: str, *, final: bool) -> None:
        super().__init__(text)
        self.final = final


def arguments(words: str, url: str, *, name: str, add: Callable[[argparse.ArgumentParser], Any] = lambda parser: None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("symbols", nargs="+", metavar="SYMBOL")
    parser.add_argument("--server", default="127.0.0.1:7171", metavar="HOST:PORT", help="the Penstock server")
    parser.add_argument("--name", default=name, help="of the publisher; two adapters that run at once need two")
    parser.add_argument("--url", default=url, help="the vendor, or a stand-in")
    add(parser)
    return parser.parse_args()


def run(options: argparse.Namespace, parse: Callable[[Any], Iterable[Any]], subscribe: Callable[[Any], None], connect: Any = None) -> None:
    """Publishes what `parse` makes of each message until Ctrl-C; `subscribe` gets each new connection first. `connect` opens one that is no
    websocket: it too has `recv(timeout=)` and raises OSError when it is lost."""
    connect = connect or _websockets()
    vendor = options.url or options.name
    backoff = penstock.Backoff(initial=0.5, maximum=30.0, attempts=None)
    failures = 0
    with publishing(options) as publisher:
        while True:
            try:
                with connect(options.url) as socket:
                    subscribe(socket)
                    print("connected to", vendor, flush=True)
                    for items in _read(socket, parse, publisher):
                        publisher.publish(items)
                        # Only data count as success: a vendor that accepts and then hangs up is to be asked ever more slowly.
                        failures = 0
            except (Refused, OSError) as error:
                publisher.flush()
                if isinstance(error, Refused) and error.final:
                    sys.exit(f"{vendor} refused: {error}")
                failures += 1
                wait = backoff.delay(failures)
                print(f"lost ({error}): again in {wait:.1f} s; what is sent until then is missed", file=sys.stderr, flush=True)
                time.sleep(wait)


def _websockets() -> Callable[[str], Any]:
    try:
        from websockets.exceptions import InvalidStatus, WebSocketException
        from websockets.sync.client import connect
    except ImportError:
        sys.exit("this adapter needs the package websockets: pip install websockets")

    @contextlib.contextmanager
    def opened(url: str) -> Iterator[Any]:
        try:
            with connect(url, open_timeout=10, close_timeout=1, max_size=2**24) as socket:
                yield socket
        except InvalidStatus as error:
            raise Refused(str(error), final=error.response.status_code in (400, 401, 403, 404)) from error
        except WebSocketException as error:
            raise ConnectionError(str(error)) from error

    return opened


@contextlib.contextmanager
def publishing(options: argparse.Namespace) -> Iterator[penstock.Publisher]:
    """A publisher of the name that was given. Ctrl-C and SIGTERM end it in order, with its totals; so does an end of the block."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with penstock.connect(options.server) as client:
            # Said at once where there is no server; later the publisher waits for one that restarts.
            client.server_info()
            with client.publisher(options.name, backoff=penstock.Backoff(attempts=None)) as publisher:
                try:
                    yield publisher
                except KeyboardInterrupt:
                    pass
                publisher.flush(30)
                print(publisher.totals, flush=True)
    except (penstock.PublishError, penstock.ServerError, TimeoutError) as error:
        sys.exit(f"{options.server}: {error}")


def expect(socket: Any, parse: Callable[[str], Any], wanted: str) -> None:
    """Waits for the control message that holds `wanted`; `parse` raises what the vendor refuses. Ten seconds, and twenty messages."""
    for _ in range(20):
        message = socket.recv(timeout=10)
        try:
            parse(message)
        except UNREADABLE as error:
            raise ConnectionError(f"not what the vendor documents: {message!r:.300}") from error
        if wanted in message:
            return
    raise OSError(f"no {wanted} came")


def _read(socket: Any, parse: Callable[[Any], Iterable[Any]], publisher: penstock.Publisher) -> Iterator[list[Any]]:
    """The items of each message that has any; flushes where the feed pauses, and in between. A message that cannot be read is told."""
    flushed = time.monotonic()
    while True:
        try:
            message = socket.recv(timeout=FLUSH_AFTER)
        except TimeoutError:
            message = None
        if message is not None:
            try:
                if items := list(parse(message)):
                    yield items
            except UNREADABLE as error:
                print(f"left out, {type(error).__name__} {error}: {message!r:.300}", file=sys.stderr, flush=True)
        if message is None or time.monotonic() - flushed > FLUSH_AFTER:
            publisher.flush()
            flushed = time.monotonic()
