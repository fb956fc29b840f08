"""Makes the package importable from source, and starts a real server where PENSTOCK_BINARY names one."""
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest

PACKAGE = pathlib.Path(__file__).resolve().parents[1]
#: Market data beside the checkout, as Tests/Interop has it.
SHARED = PACKAGE.parents[2] / "shared"

sys.path.insert(0, str(PACKAGE))

#: A market that never closes: times of tests are whatever they are.
CONTINUOUS = "profiles: [{name: default, calendar: {preset: continuous}}]\n"

NOW = 1_700_006_400_000_000_000
SECOND = 10**9


def ticks(symbol, count, bad=()):
    """Ticks a second apart, of which those at the places `bad` have no price."""
    return [(symbol, NOW + i * SECOND, 0.0 if i in bad else 100.0, 1.0) for i in range(count)]


def places(publisher):
    return [rejection.item for rejection in publisher.rejections]


class RealServer:
    def __init__(self, directory, config=CONTINUOUS, port=0):
        path = pathlib.Path(directory) / "penstock.yaml"
        path.write_text(config)
        self.process = subprocess.Popen(
            [os.environ["PENSTOCK_BINARY"], "serve", "--listen", f"127.0.0.1:{port}", "--config", str(path)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        for line in self.process.stdout:
            if match := re.match(r"listening on (\S+)", line):
                self.target = match.group(1)
                return
        raise AssertionError("the server did not start")

    @property
    def port(self):
        return int(self.target.rsplit(":", 1)[1])

    def freeze(self):
        """It takes what comes into its sockets, and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait(20)
        self.process.stdout.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        assert self.process.wait(20) == 0
        self.process.stdout.close()


@contextlib.contextmanager
def running(directory, config=CONTINUOUS, port=0):
    """A server of one test's own."""
    if not os.environ.get("PENSTOCK_BINARY"):
        pytest.skip("PENSTOCK_BINARY is not set: no server to test")
    server = RealServer(directory, config, port)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that the tests of a module share: each uses symbols of its own."""
    with running(tmp_path_factory.mktemp("penstock")) as shared:
        yield shared


@pytest.fixture
def data():
    """Opens a file of the shared market data as a pandas frame."""
    pandas = pytest.importorskip("pandas")

    def read(name):
        path = SHARED / "data" / name
        if not path.exists():
            pytest.skip(f"{name} is not beside the checkout")
        return pandas.read_csv(path)

    return read


def eventually(condition, seconds=20):
    """Waits for a condition; the bound is for a broken server, not for luck."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError("the condition did not come true")
