#!/bin/bash
# Captures steps in both forms with the executable $1, and lets Python compare what it reads.
set -eu
delassus=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
check() {  # scene, step, further arguments of capture
  local scene=$1 step=$2
  shift 2
  for format in fclib matrixmarket; do
    "$delassus" capture "$scene" --format $format --first "$step" --last "$step" --output "$folder" "$@" > /dev/null
  done
  local name
  name=$folder/$(basename "$scene" .json)-$(printf %06d "$step")
  python3 "$here/capture_roundtrip.py" "$name.hdf5" "$name.mtx"
}
cat > "$folder/coupled.json" <<'SCENE'
{
  "summary": "two boxes on the ground, held together",
  "bodies": [
    { "name": "ground", "kind": "static", "shape": { "type": "plane" } },
    { "name": "left", "position": [0, 0.5, 0], "velocity": [2, 0, 0],
      "shape": { "type": "box", "halfExtents": [0.5, 0.5, 0.5] } },
    { "name": "right", "position": [1.5, 0.5, 0], "shape": { "type": "box", "halfExtents": [0.5, 0.5, 0.5] } },
  ],
  "joints": [{ "type": "ball", "name": "link", "a": "left", "b": "right", "anchor": [0.75, 0.5, 0] }],
}
SCENE
check stack 30 --law coulomb --solver semismooth
check slide-stop 20 --law coulomb --solver semismooth
check "$folder/coupled.json" 11 --law coulomb --solver semismooth
