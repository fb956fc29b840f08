"""Makes the package importable from source, and starts a real server where PENSTOCK_BINARY names one."""
import os
import pathlib
import re
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))


class RealServer:
    def __init__(self, port=0):
        self.process = subprocess.Popen(
            [os.environ["PENSTOCK_BINARY"], "serve", "--listen", f"127.0.0.1:{port}", "--config", CONFIG],
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

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        assert self.process.wait(20) == 0
        self.process.stdout.close()


CONFIG = ""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    global CONFIG
    if not os.environ.get("PENSTOCK_BINARY"):
        pytest.skip("PENSTOCK_BINARY is not set: no server to test")
    path = tmp_path_factory.mktemp("penstock") / "penstock.yaml"
    path.write_text("profiles: [{name: default, calendar: {preset: continuous}}]\n")
    CONFIG = str(path)
    server = RealServer()
    yield server
    server.stop()
