#!/usr/bin/env bash
# The measurements of docs/performance.md that need a server: each shape at full speed, then latency at 50,000 ticks a second.
set -euo pipefail
cd "$(dirname "$0")/.."

swift build -c release --product penstock 2>&1 | tail -n 1
penstock="$(swift build -c release --show-bin-path)/penstock"
for mode in packed frame "batch --batch 64" "columns --batch 1024"; do
  # shellcheck disable=SC2086
  "$penstock" bench --mode $mode --seconds "${BENCH_SECONDS:-5}"
done
"$penstock" bench --mode packed --rate 50000 --symbols 4000 --seconds "${BENCH_SECONDS:-5}"
