#!/usr/bin/env bash
# All tests. Each step's runner prints its own closing line; the first failure ends it.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }

# Runs a test runner and shows the last lines that say something; a failure's own lines come last, where nobody has to look for them.
tests() {
  local lines=$1 log
  shift
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    grep -a -v -E '^(\[[0-9]+/[0-9]+\]|◇|✔ Test [^r])' "$log" | tail -n "$lines"
  else
    tail -n "$lines" "$log"
    printf '\n== failed: %s\n' "$*"
    grep -a -E '^✘|error:|WARNING: ThreadSanitizer|ERROR: AddressSanitizer' "$log" | cut -c 1-400 | tail -n 20 || true
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}

step 'packages'
scripts/install-packages.sh test

step 'format'
swift format lint --strict -r Sources Tests Fuzz Package.swift

step 'unit tests'
tests 60 swift test --enable-code-coverage

step 'ThreadSanitizer'
tests 4 scripts/sanitize.sh thread

step 'AddressSanitizer'
tests 4 scripts/sanitize.sh address

step 'release build'
swift build -c release --product penstock 2>&1 | tail -n 3

step 'real clients'
if [ ! -x .venv/bin/python ]; then python3 -m venv .venv; fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r Tests/Interop/requirements.txt
PENSTOCK_BINARY="$(swift build -c release --show-bin-path)/penstock"
export PENSTOCK_BINARY
# Apart: each has a conftest module of its own.
.venv/bin/python -m pytest -q Tests/Interop
.venv/bin/python -m pytest -q clients/python/tests

step 'done'
