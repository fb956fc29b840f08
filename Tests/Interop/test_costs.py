"""What a server costs that has little to do, and what it does when nobody reads what it says."""
import fcntl
import os
import subprocess
import time

from conftest import Server, config, eventually, running
from test_channels import START, SECOND, request

F_SETPIPE_SZ = 1031


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_idle_channels_cost_next_to_nothing():
    """256 of them: no look at a channel that did nothing, and no wake-up of its worker, may cost what one that works costs."""
    text = config(channels=256, calendar="continuous", ring_capacity=64)
    with running(text) as server, server.stub() as stub:
        list(stub.Publish(iter([request([f"S{n}" for n in range(512)], 2_000)]), timeout=60))
        # Everything has settled: connection, first looks at each channel.
        time.sleep(1)
        before, began = cpu_seconds(server.process.pid), time.monotonic()
        time.sleep(4)
        cores = (cpu_seconds(server.process.pid) - before) / (time.monotonic() - began)
        assert cores < 0.06, f"{cores:.3f} cores; a release build takes a third of a debug build"


def test_a_log_that_nobody_reads_stops_nothing(tmp_path):
    """The pipe behind standard error is full after some thirty lines; the channel fails, and says so, before every second item."""
    plan = tmp_path / "faults.yaml"
    plan.write_text("faults: [{channel: ticks-1, kind: fail, after: 0, every: 2}]\n")
    text = config(calendar="continuous").replace("batching:", "breaker: {consecutive_failures: 1}, batching:")
    server = Server(text + "\nserver: {faults: true}\n", ["--fault-plan", str(plan)])
    try:
        fcntl.fcntl(server.process.stderr, F_SETPIPE_SZ, 4096)
        with server.stub() as stub:
            rows = (request(["A"], 1, start=START + n * SECOND) for n in range(80))
            last = list(stub.Publish(rows, timeout=60))[-1]
            assert last.acked_sequence == 80 and last.accepted == 80
            assert server.metrics().channels[0].restarts > 60
    finally:
        # The end waits for nobody to read, either.
        code = server.stop()
    assert code == 0
    assert server.errors.count("starts again after a rest") >= 20
