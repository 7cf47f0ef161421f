#!/usr/bin/env bash
# check_vtkhdf.sh WRITER FOLDER: writes a trajectory and reads it back by the `vtk` wheel, from a virtual environment of
# its own. Ends with 77 (skipped) where the wheel cannot be had.
set -euo pipefail
writer=$1 folder=$2 here=$(dirname "$0")
mkdir -p "$folder"
venv=$folder/venv
if ! "$venv/bin/python" -c 'import vtk, numpy' 2>/dev/null; then
  if ! { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet 'vtk>=9.3' numpy; } >"$folder/pip.log" 2>&1; then
    echo "SKIPPED: no vtk wheel (9.3 or newer): $(tail -n 1 "$folder/pip.log")"
    exit 77
  fi
fi
read -r points cells < <("$writer" "$folder/trajectory.vtkhdf")
"$venv/bin/python" "$here/read_vtkhdf.py" "$folder/trajectory.vtkhdf" "$points" "$cells"
