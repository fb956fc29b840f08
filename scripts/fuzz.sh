#!/usr/bin/env bash
# Runs a fuzzer: fuzz.sh TARGET|all [SECONDS]. Targets are the folders Fuzz/*Fuzz. Exits non-zero at the first finding, which then lies in
# Fuzz/Regressions/TARGET-in-lower-case-without-Fuzz, where a normal test replays it for ever after.
#
# The code is a static library built with -sanitize=fuzzer,address (PENSTOCK_FUZZ=1) and linked by swiftc: SwiftPM's own
# --sanitize=fuzzer with --sanitize=address builds and runs, but gives no coverage feedback and so finds nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -ge 1 ] || { echo "fuzz.sh TARGET|all [SECONDS]" >&2; exit 64; }
seconds="${2:-300}"
targets="$1"
[ "$targets" != all ] || targets="$(find Fuzz -mindepth 1 -maxdepth 1 -name '*Fuzz' -printf '%f\n' | sort)"

export PENSTOCK_CORE_ONLY=1 PENSTOCK_FUZZ=1
scratch=.build-fuzz
for target in $targets; do
  swift build -c release --scratch-path "$scratch" --product "$target" >&2
  bin="$(swift build -c release --scratch-path "$scratch" --show-bin-path)"
  swiftc -parse-as-library -sanitize=fuzzer,address -o "$bin/$target-run" Fuzz/Main.swift "$bin/lib$target.a" \
    -lnghttp2 -lprotobuf-c
  folder="$(echo "${target%Fuzz}" | tr 'A-Z' 'a-z')"
  corpus="$scratch/corpus/$folder"
  mkdir -p "$corpus" "Fuzz/Regressions/$folder"
  # Valid messages to begin with: without them a fuzzer hardly ever gets as far as an accepted item.
  seeds="Fuzz/Seeds/$folder"
  [ -d "$seeds" ] || seeds=""
  echo "fuzz: $target for $seconds s" >&2
  # Swift's own backtrace would take the signal that libFuzzer writes its finding on.
  SWIFT_BACKTRACE=enable=no "$bin/$target-run" -max_total_time="$seconds" -max_len=16384 \
    -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="Fuzz/Regressions/$folder/" "$corpus" "Fuzz/Regressions/$folder" $seeds
done
