#!/usr/bin/env bash
# scripts/fuzz.sh [-n RUNS] [TARGET …]: builds the libFuzzer targets of tests/fuzz with clang (clang, libclang-rt-14-dev; HDF5 and
# zlib as scripts/setup.sh installs them) and runs each, from the committed corpus, for RUNS executions (1000000). New inputs stay
# in build/fuzz/corpus, what ends a target in build/fuzz/found, and the totals in build/fuzz/totals.md. Exit code 1 if one ended.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=1000000
if [ "${1:-}" = -n ]; then
  runs=$2
  shift 2
fi
build=build/fuzz
mkdir -p $build
launcher=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_C_COMPILER_LAUNCHER=ccache); fi
cmake -S . -B $build -G Ninja "${launcher[@]}" -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Fuzz \
  -DCOTAN_LITE=ON -DCOTAN_HDF5=ON -DCOTAN_TESTS=ON -DCOTAN_FUZZ=ON -DCOTAN_PCH=OFF -DCOTAN_WERROR=OFF >$build/configure.log 2>&1 ||
  { cat $build/configure.log; exit 1; }
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  cmake --build $build --target fuzz
  for program in $build/bin/fuzz_*; do targets+=("${program#$build/bin/fuzz_}"); done
else
  cmake --build $build --target "${targets[@]/#/fuzz_}"
fi

value() { awk -v name="stat::$1:" '$1 == name { print $2 }' "$2"; }  # of libFuzzer's final statistics
failed=0
mkdir -p $build/found
for target in "${targets[@]}"; do
  mkdir -p "$build/corpus/$target"
  log=$build/$target.log
  start=$(date +%s)
  state=clean
  # -entropic=0: that schedule takes most of the time where inputs are this small
  "$build/bin/fuzz_$target" -runs="$runs" -seed=1 -entropic=0 -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$build/found/$target-" "$build/corpus/$target" "tests/fuzz/corpus/$target" >"$log" 2>&1 || state=ENDED
  [ $state = clean ] || failed=1
  printf '| %s | %s | %s | %s | %s s |\n' "$target" "$(value number_of_executed_units "$log")" \
    "$(value peak_rss_mb "$log") MB" "$state" "$(($(date +%s) - start))" | tee -a $build/totals.md
done
exit $failed
