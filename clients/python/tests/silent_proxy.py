"""A TCP proxy under a test's hand, which can go silent: it takes what comes, passes nothing on and closes nothing."""
import contextlib
import socket
import threading


class SilentProxy:
    """Between clients and a server on 127.0.0.1. Connections that come behind `go_silent()` are passed on again."""

    def __init__(self, port):
        self._server = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.target = f"127.0.0.1:{self._listener.getsockname()[1]}"
        #: How many connections have come.
        self.connections = 0
        self._silence = threading.Event()
        self._sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    def go_silent(self):
        self._silence.set()
        self._silence = threading.Event()

    def close(self):
        # A listener that is only closed goes on accepting in the thread that waits for it.
        for one in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._sockets += [client, server]
                self.connections += 1
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(source, sink, self._silence), daemon=True).start()

    @staticmethod
    def _pass_on(source, sink, silence):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not silence.is_set():
                    sink.sendall(data)
        # Neither does it tell of an end.
        if not silence.is_set():
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def before(server):
    proxy = SilentProxy(server.port)
    try:
        yield proxy
    finally:
        proxy.close()
