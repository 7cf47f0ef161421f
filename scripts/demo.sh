#!/usr/bin/env bash
# The main job from nothing: installs what is missing, builds, meshes a channel with an obstacle, simulates a scalar carried
# around obstacles of several places and sizes, trains a small network on that, and rolls it out on a mesh with an obstacle it has not seen.
#   scripts/demo.sh [FOLDER]     results go to FOLDER, out/demo unless said
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-out/demo}
case=examples/channel

scripts/setup.sh
scripts/build.sh release
export PATH="$PWD/build/release/bin:$PATH"
say() { printf '\n== %s\n' "$*"; }
run() { printf '$ %s\n' "$*"; "$@"; }
if [ -e "$out" ] && [ ! -e "$out/.cotan-demo" ]; then echo "$out exists and is not of an earlier demo; name another folder" >&2; exit 2; fi
rm -rf "$out"
mkdir -p "$out"
touch "$out/.cotan-demo"
out=$(realpath "$out")

say "1 of 5: a mesh, by Gmsh"
run cotan mesh $case/channel.geo -o "$out/channel.vtu"
start=$(date +%s)
say "2 of 5: trajectories of the solver, obstacles and initial states drawn"
run cotan simulate $case/case.yaml --count 30 -o "$out/data"
say "3 of 5: training"
run cotan train $case/train.yaml --set "archive=$out/data" -o "$out/run"
learned=$(($(date +%s) - start))
say "4 of 5: rollout on a mesh with an obstacle that is not in the training data, beside the solver"
run cotan rollout "$out/run/best.safetensors" $case/unseen.yaml --reference -o "$out/unseen.pvd"
say "5 of 5: errors on a trajectory that was kept for the test, beside three predictors that know nothing"
run cotan evaluate "$out/run/best.safetensors" --part test --csv "$out/errors.csv"

cat <<END

Simulation and learning took $learned s.
Look at it: open $out/unseen.pvd in ParaView (File > Open, Apply), colour by u, u_reference or u_error, press Play.
The solver's trajectories open the same way: $out/data/00000.vtkhdf (ParaView 5.12 or newer).
END
