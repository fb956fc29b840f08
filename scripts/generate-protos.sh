#!/bin/sh
# Makes the committed C code of proto/TREE: messages by protoc-c, the descriptor set (for reflection) as a C array.
#
#   scripts/generate-protos.sh [--check] [TREE...]     TREE: grpc, penstock; none = both
#
# proto/grpc → Sources/CGRPCProto, proto/penstock → Sources/CPenstockProto. proto/TREE.sha256 records what the code was made
# from. With --check nothing is written; the exit status is 1 when the committed code differs from what would be made, 3 when the
# tools' versions are not those that made it (other versions write other code).
set -eu

cd "$(dirname "$0")/.."
made_by="libprotoc 3.21.12, protobuf-c 1.4.1"

check=no
if [ "${1:-}" = --check ]; then
  check=yes
  shift
fi
[ $# -gt 0 ] || set -- grpc penstock

at_hand="$(protoc --version), $(protoc-c --version | head -n 1)"
if [ "$at_hand" != "$made_by" ]; then
  echo "generate-protos: the code was made by $made_by; at hand: $at_hand" >&2
  [ $check = no ] || exit 3
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Writes everything of one tree below $2.
generate() {
  tree="$1" out="$2" target="$3"
  mkdir -p "$out/generated" "$out/include"
  files="$(cd proto && find "$tree" -name '*.proto' | LC_ALL=C sort)"
  # Well-known types come with protoc; their C code does not come with libprotobuf-c, so it is made here as well.
  known="$(cd proto && grep -ho '^import "google/protobuf/[a-z_]*\.proto"' $files | cut -d '"' -f 2 | LC_ALL=C sort -u || true)"
  protoc-c -I proto --c_out="$work" $files $known
  for file in $files $known; do
    base="${file%.proto}.pb-c"
    mkdir -p "$out/include/$(dirname "$file")"
    mv "$work/$base.h" "$out/include/$base.h"
    mv "$work/$base.c" "$out/generated/$(echo "$base" | tr / _).c"
  done
  protoc -I proto --include_imports --descriptor_set_out="$work/set" $files
  {
    echo "/* Made by scripts/generate-protos.sh: the FileDescriptorSet of proto/$tree with its imports. */"
    echo "#include \"${tree}_descriptor_set.h\""
    echo
    echo "#include <string.h>"
    echo
    echo "const uint8_t ${tree}_descriptor_set[] = {"
    od -An -v -tu1 -w24 "$work/set" | sed 's/  */,/g; s/^,/  /; s/$/,/'
    echo "};"
    echo "const size_t ${tree}_descriptor_set_size = sizeof ${tree}_descriptor_set;"
    echo
    echo "void ${tree}_descriptor_set_copy(uint8_t *out) { memcpy(out, ${tree}_descriptor_set, sizeof ${tree}_descriptor_set); }"
  } >"$out/generated/${tree}_descriptor_set.c"
  {
    echo "/* Made by scripts/generate-protos.sh. A serialized google.protobuf.FileDescriptorSet. */"
    echo "#pragma once"
    echo "#include <stddef.h>"
    echo "#include <stdint.h>"
    echo
    echo "extern const uint8_t ${tree}_descriptor_set[$(wc -c <"$work/set" | tr -d ' ')];"
    echo "extern const size_t ${tree}_descriptor_set_size;"
    echo "/* Copies all of it: Swift imports so large an array only as a tuple. */"
    echo "void ${tree}_descriptor_set_copy(uint8_t *out);"
  } >"$out/include/${tree}_descriptor_set.h"
  {
    echo "/* Made by scripts/generate-protos.sh: everything of proto/$tree. */"
    echo "#pragma once"
    for file in $files $known; do echo "#include \"${file%.proto}.pb-c.h\""; done
    echo "#include \"${tree}_descriptor_set.h\""
  } >"$out/include/${tree}_protos.h"
  (cd proto && sha256sum $files) >"$out/sha256"
}

status=0
for tree in "$@"; do
  case "$tree" in
    grpc) target=CGRPCProto ;;
    penstock) target=CPenstockProto ;;
    *)
      echo "generate-protos: no tree $tree" >&2
      exit 2
      ;;
  esac
  fresh="$work/fresh-$tree"
  generate "$tree" "$fresh" "$target"
  if [ $check = yes ]; then
    diff -r "$fresh/generated" "Sources/$target/generated" >&2 || status=1
    (cd "$fresh/include" && find . -type f) | while read -r header; do
      diff "$fresh/include/$header" "Sources/$target/include/$header" >&2 || exit 1
    done || status=1
    diff "$fresh/sha256" "proto/$tree.sha256" >&2 || status=1
  else
    rm -rf "Sources/$target/generated"
    mkdir -p "Sources/$target/include"
    cp -R "$fresh/generated" "Sources/$target/generated"
    cp -R "$fresh/include/." "Sources/$target/include/"
    cp "$fresh/sha256" "proto/$tree.sha256"
  fi
done
exit $status
