#!/usr/bin/env bash
# Line coverage of our Swift targets, exit 1 below 90 %: of the last `swift test --enable-code-coverage`, and of the same build's server and
# commands while real clients drive them.
set -euo pipefail
cd "$(dirname "$0")/.."

tools="$(dirname "$(readlink -f "$(command -v swift)")")"
bin="$(swift build --show-bin-path)"
profile="$bin/codecov/default.profdata"
tests="$bin/penstockPackageTests.xctest"
if [ ! -f "$profile" ]; then
  echo "no coverage data: run make test first" >&2
  exit 1
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
LLVM_PROFILE_FILE="$work/%p.profraw" PENSTOCK_BINARY="$bin/penstock" \
  .venv/bin/python -m pytest -q Tests/Interop --deselect Tests/Interop/test_golden.py
"$tools/llvm-profdata" merge -sparse "$profile" "$work"/*.profraw -o "$work/all.profdata"

"$tools/llvm-cov" export "$tests" -object "$bin/penstock" -instr-profile "$work/all.profdata" -summary-only 2>/dev/null | python3 -c '
import json, os, sys
root = os.getcwd() + "/Sources/"
files = json.load(sys.stdin)["data"][0]["files"]
targets, low = {}, []
for file in files:
    name = file["filename"]
    # Test helpers are no product; C code is made by protoc-c.
    if not name.startswith(root) or not name.endswith(".swift"): continue
    target = name[len(root):].split("/")[0]
    if target in ("TestKit", "Benchmarks", "penstock"): continue
    lines = file["summary"]["lines"]
    count, covered = targets.get(target, (0, 0))
    targets[target] = (count + lines["count"], covered + lines["covered"])
    if lines["count"] and lines["covered"] < 0.9 * lines["count"]:
        low.append((lines["percent"], name[len(root):]))
for target, (count, covered) in sorted(targets.items()):
    print(f"{100 * covered / count:6.1f} %  {target} ({covered} of {count} lines)")
for percent, name in sorted(low): print(f"  {percent:6.1f} %  {name}")
count = sum(c for c, _ in targets.values())
covered = sum(c for _, c in targets.values())
print(f"{100 * covered / count:6.1f} %  all")
sys.exit(0 if covered >= 0.9 * count else 1)
'
