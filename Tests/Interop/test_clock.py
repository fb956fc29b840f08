"""The system's clock is set while a server runs: a library laid under the server's process adds what the test says to the wall clock."""
import mmap
import os
import shutil
import struct
import subprocess
import tempfile
import time

import pytest
from conftest import Server, config, eventually
from penstock.v1 import events_pb2 as ev
from penstock.v1 import market_data_pb2 as md

SHIM = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
static volatile long long *seconds;
__attribute__((constructor)) static void begin(void) {
  int file = open(getenv("PENSTOCK_TEST_CLOCK"), O_RDONLY);
  void *memory = file < 0 ? MAP_FAILED : mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);
  if (memory != MAP_FAILED) seconds = memory;
}
int clock_gettime(clockid_t id, struct timespec *time) {
  int result = syscall(SYS_clock_gettime, id, time);
  if (id == CLOCK_REALTIME && seconds) time->tv_sec += *seconds;
  return result;
}
"""


@pytest.fixture(scope="module")
def shim():
    compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
    assert compiler, "a C compiler comes with Swift"
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "clock.so")
        subprocess.run([compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", path], input=SHIM.encode(), check=True)
        yield path


class Clock:
    """A server's wall clock, in seconds from the true one."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "seconds")
        with open(self.path, "wb") as file:
            file.write(bytes(8))
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 8)

    def set(self, seconds):
        self.memory[:8] = struct.pack("<q", seconds)


@pytest.fixture
def stepped(shim, monkeypatch):
    with tempfile.TemporaryDirectory() as directory:
        clock = Clock(directory)
        monkeypatch.setenv("LD_PRELOAD", shim)
        monkeypatch.setenv("PENSTOCK_TEST_CLOCK", clock.path)
        server = Server(config(calendar="continuous"))
        monkeypatch.delenv("LD_PRELOAD")
        yield server, clock
        if server.process.poll() is None:
            server.stop()


def publish(server, symbol, prices):
    """One request a second of event time, up to now: each new price is an event or more."""
    start = time.time_ns() - len(prices) * 10**9
    ticks = [
        md.Tick(symbol=symbol, timestamp_ns=start + i * 10**9, price=price, size=1) for i, price in enumerate(prices)
    ]
    with server.stub() as stub:
        return list(stub.Publish(iter([md.PublishRequest(ticks=md.TickBatch(ticks=ticks))]), timeout=20))[-1]


def events(server):
    with server.stub() as stub:
        query = ev.SubscribeRequest(from_sequence=1, end_when_caught_up=True)
        return [event for response in stub.Subscribe(query, timeout=20) for event in response.events.events]


def rising(count):
    return [100 * 1.01**i for i in range(count)]


def server_time(server):
    return server.info().server_time_ns / 1e9


def test_a_clock_that_is_set_back_rejects_no_live_data(stepped):
    server, clock = stepped
    assert publish(server, "A", rising(10)).rejected == 0
    clock.set(-3600)
    # The watch looks ten times a second; in that time nothing is lost either.
    for index in range(5):
        last = publish(server, f"B{index}", rising(10))
        assert (last.accepted, last.rejected) == (10, 0), last
        time.sleep(0.05)
    assert abs(server_time(server) - time.time()) < 60
    server.stop()
    assert "set back by 3600.0 s" in server.errors, server.errors


def test_times_go_on_when_a_clock_that_went_ahead_is_set_right(stepped):
    server, clock = stepped
    publish(server, "A", rising(20))
    clock.set(3600)
    eventually(lambda: server_time(server) > time.time() + 3500)
    publish(server, "B", rising(20))
    ahead = events(server)[-1].sequenced_ns
    assert ahead > time.time_ns() + 3500 * 10**9
    clock.set(0)
    time.sleep(0.3)
    publish(server, "C", rising(20))
    received = events(server)
    times = [event.sequenced_ns for event in received]
    assert times == sorted(times)
    assert all(e.received_ns <= e.detected_ns <= e.sequenced_ns for e in received)
    # It does not stand still until the true time has caught up: three tenths of a second have passed.
    assert times[-1] - ahead > 2 * 10**8
    metrics = server.metrics()
    waits = [channel.queue_latency.max_ns for channel in metrics.channels]
    assert max(waits) < 600 * 10**9, "a wait was measured across the step"
    server.stop()
    assert "set forward by 3600.0 s" in server.errors and "set back by 3600.0 s" in server.errors, server.errors
