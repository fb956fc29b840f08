"""The README's example runs as printed."""
import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT, config, running


# Installed, the client's folder stands behind the script's own on the path, as PYTHONPATH has it.
@pytest.mark.parametrize("python_path", ["", str(ROOT / "clients/python")], ids=["alone", "with the client"])
def test_the_example_runs_as_printed(tmp_path, python_path):
    readme = (ROOT / "README.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.S)
    command, code = re.match(r"# pip install grpcio-tools; python (.*)\n((?s:.*))", example).groups()
    stubs = subprocess.run(
        [sys.executable, *command.replace("-Iproto", f"-I{ROOT / 'proto'}").split()[:-1]]
        + [str(p) for p in sorted((ROOT / "proto/penstock/v1").glob("*.proto"))],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )
    assert stubs.returncode == 0, stubs.stderr
    with running(config(channels=2, calendar="continuous")) as server:
        script = tmp_path / "example.py"
        script.write_text(code.replace("127.0.0.1:7171", server.address))
        done = subprocess.run(
            [sys.executable, str(script)], cwd=tmp_path, env={**os.environ, "PYTHONPATH": python_path}, capture_output=True, text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    assert "acknowledged 1 accepted 5" in done.stdout
    assert "SPY/tick/HIGH/1715779801000000000/0 521.0" in done.stdout
