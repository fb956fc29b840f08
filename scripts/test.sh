#!/usr/bin/env bash
# All tests. Each step's runner prints its own closing line; the first failure ends it.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }

step 'packages'
scripts/install-packages.sh test

step 'format'
swift format lint --strict -r Sources Tests Fuzz Package.swift

step 'unit tests'
swift test --enable-code-coverage 2>&1 | grep -v -E '^(\[[0-9]+/[0-9]+\]|◇|✔ Test [^r])' | tail -n 60

step 'ThreadSanitizer'
scripts/sanitize.sh thread 2>&1 | tail -n 4

step 'AddressSanitizer'
scripts/sanitize.sh address 2>&1 | tail -n 4

step 'release build'
swift build -c release --product penstock 2>&1 | tail -n 3

step 'real clients'
if [ ! -x .venv/bin/python ]; then python3 -m venv .venv; fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r Tests/Interop/requirements.txt
PENSTOCK_BINARY="$(swift build -c release --show-bin-path)/penstock"
export PENSTOCK_BINARY
# Apart: the one makes stubs of its own, the other brings the client's.
.venv/bin/python -m pytest -q Tests/Interop
.venv/bin/python -m pytest -q clients/python/tests

step 'done'
