"""The protos compile for the languages of our users, with the stock plugins."""
import shutil
import subprocess
from pathlib import Path

import pytest

PROTO = Path(__file__).resolve().parents[2] / "proto"
FILES = sorted(path.relative_to(PROTO).as_posix() for path in (PROTO / "penstock").rglob("*.proto"))
STEMS = [Path(file).stem for file in FILES]


def plugin(name):
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def protoc(tmp_path, *options):
    command = [plugin("protoc"), f"-I{PROTO}", *options, *FILES]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return {path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}


def test_there_are_protos_and_services():
    assert len(FILES) == 5
    text = "".join((PROTO / file).read_text() for file in FILES)
    assert "service MarketStream" in text and "service ChannelAdmin" in text


def test_python(tmp_path):
    made = protoc(
        tmp_path, f"--python_out={tmp_path}", f"--grpc_out={tmp_path}",
        f"--plugin=protoc-gen-grpc={plugin('grpc_python_plugin')}")
    for stem in STEMS:
        compile(made[f"penstock/v1/{stem}_pb2.py"], stem, "exec")
    assert "class MarketStreamStub" in "".join(made.values())


def test_go(tmp_path):
    plugin("protoc-gen-go"), plugin("protoc-gen-go-grpc")
    made = protoc(
        tmp_path, f"--go_out={tmp_path}", "--go_opt=paths=source_relative", f"--go-grpc_out={tmp_path}",
        "--go-grpc_opt=paths=source_relative")
    assert {f"penstock/v1/{stem}.pb.go" for stem in STEMS} <= set(made)
    assert "type MarketStreamClient interface" in "".join(made.values())


def test_cpp(tmp_path):
    made = protoc(
        tmp_path, f"--cpp_out={tmp_path}", f"--grpc_out={tmp_path}",
        f"--plugin=protoc-gen-grpc={plugin('grpc_cpp_plugin')}")
    assert {f"penstock/v1/{stem}.pb.{ext}" for stem in STEMS for ext in ("h", "cc")} <= set(made)
    assert any("class MarketStream final" in text for text in made.values())


def test_java(tmp_path):
    made = protoc(
        tmp_path, f"--java_out={tmp_path}", f"--grpc_out={tmp_path}",
        f"--plugin=protoc-gen-grpc={plugin('grpc_java_plugin')}")
    for name in ("PublishRequest", "Event", "MarketStreamGrpc", "ChannelAdminGrpc"):
        assert f"dev/penstock/v1/{name}.java" in made


def test_no_name_is_a_macro_of_c():
    """A field or value named like a macro of <math.h> or <limits.h> would break C and C++ users."""
    names = subprocess.run(
        ["grep", "-hoE", r"^\s+[a-z_A-Z.]+ (OVERFLOW|UNDERFLOW|DOMAIN|NAN|INFINITY|EOF|NULL)\b", *FILES],
        cwd=PROTO, capture_output=True, text=True)
    assert names.stdout == ""
