#!/usr/bin/env bash
# Makes penstock/_proto from the repository's protos; needs grpcio-tools in the Python that PYTHON names.
set -euo pipefail
cd "$(dirname "$0")"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m grpc_tools.protoc -I../../proto --python_out="$work" --grpc_python_out="$work" --pyi_out="$work" \
  ../../proto/penstock/v1/*.proto
for file in "$work"/penstock/v1/*.py "$work"/penstock/v1/*.pyi; do
  # The generated modules import each other by their proto package, which would be ours from outside.
  sed -e 's/^from penstock\.v1 import/from penstock._proto import/' "$file" >"penstock/_proto/$(basename "$file")"
done
printf '"""Made by generate.sh from proto/penstock/v1."""\n' >penstock/_proto/__init__.py
