#!/usr/bin/env bash
# Installs what is missing, builds everything, runs the tests. Arguments go to ctest: scripts/test.sh -L unit
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh --tests
scripts/build.sh dev
exec ctest --test-dir build/dev --output-on-failure --no-tests=error -j "$(nproc)" "$@"
