"""Drives a real server by stock gRPC clients that know nothing but our protos.

PENSTOCK_BINARY names the server's binary. Each test that needs a server of its own starts one on a free port and ends it by its process.
"""
import atexit
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
BINARY = os.environ.get("PENSTOCK_BINARY", "")

# The stubs are made from our protos by the stock generator, as any user would make them.
_stubs = tempfile.mkdtemp(prefix="penstock-stubs-")
atexit.register(shutil.rmtree, _stubs, ignore_errors=True)
subprocess.run(
    [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT / 'proto'}", f"--python_out={_stubs}", f"--grpc_python_out={_stubs}"]
    + [str(p) for p in sorted((ROOT / "proto/penstock/v1").glob("*.proto"))],
    check=True,
)
sys.path.insert(0, _stubs)

import grpc  # noqa: E402
from penstock.v1 import admin_pb2, admin_pb2_grpc, service_pb2_grpc  # noqa: E402


def pytest_collection_modifyitems(items):
    if not BINARY:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="PENSTOCK_BINARY is not set: no server to test"))


class Server:
    """A server process and how to talk to it."""

    def __init__(self, config="", arguments=()):
        self.directory = tempfile.TemporaryDirectory(prefix="penstock-test-")
        command = [BINARY, "serve", "--listen", "127.0.0.1:0", *arguments]
        if config:
            path = pathlib.Path(self.directory.name) / "penstock.yaml"
            path.write_text(config)
            command += ["--config", str(path)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.address = None
        for line in self.process.stdout:
            if match := re.match(r"listening on (\S+)", line):
                self.address = match.group(1)
                break
        assert self.address, "the server did not start: " + self.process.stderr.read()

    @property
    def port(self):
        return int(self.address.rsplit(":", 1)[1])

    def channel(self, options=()):
        return grpc.insecure_channel(self.address, options=options)

    @contextlib.contextmanager
    def stub(self):
        with self.channel() as channel:
            yield service_pb2_grpc.MarketStreamStub(channel)

    @contextlib.contextmanager
    def own_stub(self):
        """By a connection that no other channel of this process shares."""
        with self.channel([("grpc.use_local_subchannel_pool", 1)]) as channel:
            yield service_pb2_grpc.MarketStreamStub(channel)

    @contextlib.contextmanager
    def admin(self):
        with self.channel() as channel:
            yield admin_pb2_grpc.ChannelAdminStub(channel)

    def metrics(self):
        with self.channel() as channel:
            return admin_pb2_grpc.ChannelAdminStub(channel).GetMetrics(admin_pb2.GetMetricsRequest(), timeout=10).metrics

    def info(self):
        with self.channel() as channel:
            return admin_pb2_grpc.ChannelAdminStub(channel).GetServerInfo(admin_pb2.GetServerInfoRequest(), timeout=10)

    def stop(self, signal_number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.errors = self.process.stderr.read()
            self.process.stdout.close()
            self.process.stderr.close()
            self.directory.cleanup()
        return self.process.returncode


def config(channels=1, calendar="us_equities", ring_capacity=65536, extra="", batching="{strategy: adaptive}"):
    names = "\n".join(
        f"  - {{name: ticks-{i + 1}, ring_capacity: {ring_capacity}, batching: {batching}}}" for i in range(channels)
    )
    return f"channels:\n{names}\nprofiles:\n  - name: default\n    calendar: {{preset: {calendar}}}\n{extra}\n"


@contextlib.contextmanager
def running(text="", arguments=()):
    server = Server(text, arguments)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def server():
    """A server that tests share: each uses symbols of its own."""
    with running(config(channels=2, calendar="continuous")) as shared:
        yield shared
        # Whatever the tests did to it, it still answers and ends in order.
        assert shared.info().version
        assert shared.stop() == 0


def eventually(condition, seconds=20):
    """Waits for a condition; the bound is for a broken server, not for luck."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError("the condition did not come true")
