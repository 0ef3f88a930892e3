#!/bin/bash
# Plays the script of interactions in a real window, on a display that nobody sees. $1: the folder of the programs.
set -eu
programs=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
scenes=$(realpath "$here/../Scenes")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$programs/delassus" run "$scenes/stacks/stack.json" --solver newton --steps 120 --record walk.sqlite > /dev/null
xvfb-run -a -s "-screen 0 1280x720x24" "$programs/delassus-view" "$scenes/stacks/stack.json" --solver newton \
  --script "$here/ViewerTests/Scripts/interactions.txt"
pictures=$(ls ./*.png | wc -l)
[ "$pictures" -eq 24 ] || { echo "viewer_window: $pictures pictures, expected 24" >&2; exit 1; }
echo "viewer_window: all interactions, $pictures pictures"
