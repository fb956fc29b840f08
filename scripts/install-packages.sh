#!/usr/bin/env bash
# Installs the Debian packages that are missing: install-packages.sh run|test. Says what it installs; elsewhere, what to install.
set -euo pipefail

packages=(libnghttp2-dev libprotobuf-c-dev libmd-dev pkg-config zlib1g-dev)
if [ "${1:-run}" = test ]; then
  packages+=(protobuf-compiler protobuf-c-compiler python3 python3-venv nghttp2-client)
  # The terminal that `penstock top` is tested in.
  packages+=(tmux)
  # The protos are compiled for the languages of our clients.
  packages+=(protobuf-compiler-grpc protoc-gen-go-1-5 protoc-gen-go-grpc protobuf-compiler-grpc-java-plugin)
fi

if ! command -v swift >/dev/null; then
  echo "Swift is missing: install Swift 6.2 or newer from https://www.swift.org/install" >&2
  exit 1
fi
if ! command -v dpkg-query >/dev/null; then
  echo "This system has no Debian packages. Install the equivalents of: ${packages[*]}" >&2
  echo "(libnghttp2, libprotobuf-c and libmd with their headers, pkg-config, zlib), then run this again with PENSTOCK_SKIP_PACKAGES=1." >&2
  [ "${PENSTOCK_SKIP_PACKAGES:-0}" = 1 ] && exit 0
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing Debian packages: ${missing[*]}"
root=()
if [ "$(id -u)" -ne 0 ]; then root=(sudo); fi
"${root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
