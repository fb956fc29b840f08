#!/usr/bin/env bash
# Makes penstock/v1 from the repository's protos, here or below FOLDER, and here what is made for asyncio of the synchronous client; needs
# grpcio-tools in the Python that PYTHON names.
#
#   clients/python/generate.sh [FOLDER]
set -euo pipefail
here="$(dirname "$0")"
protos="$here/../../proto"
out="${1:-$here}"

"${PYTHON:-python3}" -m grpc_tools.protoc -I"$protos" --python_out="$out" --grpc_python_out="$out" --pyi_out="$out" \
  "$protos"/penstock/v1/*.proto
printf '"""The wire contract: messages and stubs. Made by generate.sh from proto/penstock/v1."""\n' >"$out/penstock/v1/__init__.py"
[ $# -gt 0 ] || "${PYTHON:-python3}" "$here/generate_aio.py"
