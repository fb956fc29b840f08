"""The wire's messages and stubs: `penstock.v1`."""
import importlib.metadata
import os
import re
import subprocess
import sys

import pytest
from conftest import PACKAGE

V1 = PACKAGE / "penstock" / "v1"
PROTOS = PACKAGE.parents[1] / "proto"


def run(code, path):
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}, capture_output=True, text=True,
        timeout=60,
    )


def make(folder):
    """As a user makes stubs."""
    pytest.importorskip("grpc_tools")
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTOS}", f"--python_out={folder}", f"--grpc_python_out={folder}"]
    subprocess.run([*command, *map(str, sorted((PROTOS / "penstock/v1").glob("*.proto")))], check=True, timeout=60)


def test_it_is_made_of_the_protos_as_they_are(tmp_path):
    pytest.importorskip("grpc_tools")
    (made_by,) = re.findall(r"GRPC_GENERATED_VERSION = '(.*)'", (V1 / "service_pb2_grpc.py").read_text())
    if importlib.metadata.version("grpcio-tools") != made_by:
        pytest.skip(f"another version of grpcio-tools writes other code than {made_by}")
    subprocess.run([str(PACKAGE / "generate.sh"), str(tmp_path)], env={**os.environ, "PYTHON": sys.executable}, check=True, timeout=60)
    made = {path.name: path.read_text() for path in (tmp_path / "penstock/v1").iterdir()}
    kept = {path.name: path.read_text() for path in V1.iterdir() if path.is_file()}
    assert made.keys() == kept.keys()
    assert [name for name in made if made[name] != kept[name]] == [], "stale: run generate.sh"


def test_what_is_required_is_what_the_generated_code_asks_for():
    required = dict(re.findall(r'"(grpcio|protobuf)>=([\d.]+)"', (PACKAGE / "pyproject.toml").read_text()))
    (grpcio,) = set(re.findall(r"GRPC_GENERATED_VERSION = '(.*)'", "".join(path.read_text() for path in V1.glob("*_grpc.py"))))
    (protobuf,) = set(re.findall(r"Protobuf Python Version: (.*)", "".join(path.read_text() for path in V1.glob("*_pb2.py"))))
    assert required == {"grpcio": grpcio, "protobuf": protobuf}


def test_the_client_and_the_contract_share_one_name():
    done = run(
        "import penstock\nfrom penstock.v1 import events_pb2, market_data_pb2, service_pb2_grpc\n"
        "assert penstock.Event is events_pb2.Event and penstock.market_data is market_data_pb2", [PACKAGE],
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("mine_first", [True, False])
def test_stubs_of_the_same_name_elsewhere_give_way_to_it(tmp_path, mine_first):
    make(tmp_path)
    code = "from penstock.v1 import events_pb2\nimport penstock\nassert penstock.Event is events_pb2.Event"
    done = run(code, [tmp_path, PACKAGE] if mine_first else [PACKAGE, tmp_path])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("mine_first", [True, False])
def test_stubs_under_another_name_work_beside_it(tmp_path, mine_first):
    make(tmp_path)
    mine = tmp_path / "mine"
    (tmp_path / "penstock" / "v1").rename(mine)
    for path in mine.glob("*.py"):
        path.write_text(path.read_text().replace("from penstock.v1 import", "from mine import"))
    imports = ["from mine import events_pb2, service_pb2_grpc", "import penstock"]
    check = "event = events_pb2.Event(symbol='A'); assert penstock.Event.FromString(event.SerializeToString()).symbol == 'A'"
    done = run("\n".join([*(imports if mine_first else reversed(imports)), check]), [tmp_path, PACKAGE])
    assert done.returncode == 0, done.stderr
