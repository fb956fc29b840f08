#!/usr/bin/env bash
# Runs the core targets' tests under a sanitizer: sanitize.sh thread|address. No package is built: it takes a minute.
set -euo pipefail
cd "$(dirname "$0")/.."

export PENSTOCK_CORE_ONLY=1
# Tests that count what the sanitizer's runtime does as well allow for it.
export PENSTOCK_SANITIZER="${1:-}"
case "${1:-}" in
# The sanitizer sees a race in the first seeds of a threaded test or not at all.
thread) filter='LockFreeTests|ChannelsTests|EventsTests' && export PENSTOCK_SEEDS="${PENSTOCK_SEEDS:-20}" ;;
# The leaks that the sanitizer reports are the test runner's own.
address) filter='HTTP2Tests|GRPCTests|WireCodecTests' && export ASAN_OPTIONS=detect_leaks=0 ;;
*) echo "sanitize.sh thread|address" >&2 && exit 64 ;;
esac

swift test --scratch-path ".build-$1" --sanitize="$1" --filter "$filter"
