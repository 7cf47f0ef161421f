#!/usr/bin/env bash
# Installs what cotan is built from: Debian packages, and LibTorch into .venv unless you name your own.
#   scripts/setup.sh            for the program
#   scripts/setup.sh --tests    for the tests as well
# Your own LibTorch: CMAKE_PREFIX_PATH=/path/to/libtorch scripts/setup.sh
# Fast when nothing is missing. Needs root or sudo only where a package is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
tests=no
[ "${1:-}" = --tests ] && tests=yes

say() { printf '== %s\n' "$*"; }

install_packages() {
  local wanted missing=() package
  wanted=$(grep -hv '^#' "$@")
  for package in $wanted; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local sudo=()
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      sudo=(sudo)
    else
      echo "cotan needs Debian packages that are not here. Run this once, then come back:" >&2
      echo "  sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
      exit 1
    fi
  fi
  say "installing ${#missing[@]} Debian packages"
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

user_torch() {  # a LibTorch of the user's own, found as CMake will find it
  local prefix folder prefixes=${CMAKE_PREFIX_PATH:-}
  for prefix in ${prefixes//[:;]/ }; do
    for folder in lib torch/lib ../../lib; do
      if [ -e "$prefix/$folder/libtorch_cpu.so" ]; then return 0; fi
    done
  done
  return 1
}

make_venv() {
  local python=python3
  [ -x /usr/bin/python3 ] && python=/usr/bin/python3  # Debian's, for which wheels are built
  [ -x .venv/bin/pip ] || "$python" -m venv .venv
}

install_torch() {
  local version=2.13.0
  compgen -G '.venv/lib/python3*/site-packages/torch/lib/libtorch_cpu.so' >/dev/null && return
  if user_torch; then return; fi
  make_venv
  say "installing LibTorch $version into .venv"
  if .venv/bin/pip install -q --no-deps "torch==$version+cpu" 2>/dev/null; then return; fi
  # The registry's own wheel is the CUDA build. Without its dependencies it needs two small CUDA libraries to load.
  .venv/bin/pip install -q --no-deps "torch==$version"
  if ! .venv/bin/python -c 'import sys, importlib.metadata as m; sys.exit("+cpu" not in m.version("torch"))'; then
    .venv/bin/pip install -q --no-deps 'nvidia-cuda-runtime>=13,<14' 'nvidia-cuda-cupti>=13,<14'
  fi
}

install_test_wheels() {  # independent readers of what we write
  make_venv
  .venv/bin/python - 2>/dev/null <<'PY' && return
import importlib.metadata as m
assert tuple(map(int, m.version("vtk").split(".")[:2])) >= (9, 3) and m.version("numpy") and m.version("meshio") and m.version("h5py") and m.version("typing_extensions")
PY
  say "installing Python packages that tests compare with"
  .venv/bin/pip install -q --no-deps 'vtk>=9.3' numpy meshio h5py typing_extensions rich markdown-it-py mdurl pygments
}

install_packages scripts/packages.txt $([ $tests = yes ] && echo scripts/packages_tests.txt)
install_torch
[ $tests = no ] || install_test_wheels
