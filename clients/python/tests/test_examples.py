"""The examples and the README's code run as they stand."""
import re
import subprocess
import sys

import pytest
from conftest import CONTINUOUS, PACKAGE, running

NOW = 1_700_006_400_000_000_000
SECOND = 10**9
TICKS = "symbol,timestamp_ns,price,size\n" + "".join(f"PH,{NOW + i * SECOND},{100 * 1.002**i},1\n" for i in range(9))
BARS = "symbol,start_ns,duration_ns,open,high,low,close,volume,vwap,trades\n" + "".join(
    f"PB,{NOW + i * 60 * SECOND},{60 * SECOND},{100 + 5 * i},{105 + 5 * i},{100 + 5 * i},{105 + 5 * i},10,,\n" for i in range(9)
)


def run(code, *arguments):
    return subprocess.run(
        [sys.executable, str(code), *arguments], capture_output=True, text=True, env={"PYTHONPATH": str(PACKAGE)}, timeout=60,
    )


def example(name):
    return PACKAGE / "examples" / name


def test_publish_csv(server, tmp_path):
    path = tmp_path / "ticks.csv"
    path.write_text(TICKS)
    done = run(example("publish_csv.py"), str(path), server.target)
    assert done.returncode == 0 and "accepted=9" in done.stdout, done.stderr
    watch = subprocess.Popen(
        [sys.executable, str(example("watch_events.py")), server.target, "PH"], stdout=subprocess.PIPE, text=True,
        env={"PYTHONPATH": str(PACKAGE)},
    )
    assert " PH HIGH " in watch.stdout.readline()
    watch.kill()
    watch.wait()
    watch.stdout.close()


def test_publish_bars(server, tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text(BARS + f"PB,{NOW},0,1,1,1,1,1,,\n")
    done = run(example("publish_bars.py"), str(path), server.target)
    assert done.returncode == 0, done.stderr
    assert "accepted=9, rejected=1" in done.stdout and "rejected: row 9 " in done.stdout and "PB SIGNIFICANT_MOVE " in done.stdout


def test_backtest(server, tmp_path):
    path = tmp_path / "ticks.csv"
    path.write_text(TICKS)
    done = run(example("backtest.py"), str(path), server.target, "3", "6")
    assert done.returncode == 0 and done.stdout.count("strongest surge") == 2, done.stderr


@pytest.mark.parametrize("name", ["backtest.py", "publish_bars.py", "publish_csv.py"])
def test_without_arguments_an_example_says_what_it_wants(name):
    done = run(example(name))
    assert done.returncode == 1 and f"python {name} " in done.stderr and "Traceback" not in done.stderr


BLOCKS = re.findall(r"```python\n(.*?)```", (PACKAGE / "README.md").read_text(), re.S)


@pytest.mark.parametrize("block", range(len(BLOCKS)))
def test_the_readme_runs_as_printed(tmp_path, block):
    code = BLOCKS[block]
    if "pandas" in code:
        pytest.importorskip("pandas")
    with running(tmp_path, CONTINUOUS) as server:
        path = tmp_path / "example.py"
        path.write_text(code.replace('connect()', 'connect("127.0.0.1:7171")').replace("127.0.0.1:7171", server.target))
        done = run(path)
        assert done.returncode == 0, done.stderr
