#!/usr/bin/env bash
# Trains one model and writes Assets/Models/MODEL.safetensors, its metrics and its golden pairs:
#
#     Training/train.sh graph-network | contact-guess | sweep-policy | sweep-increment
#     Training/train.sh preconditioner-policy | factor-correction | coarse-space
#     Training/train.sh mechanism-network | mechanism-latent | mechanism-galerkin
#
# SMOKE=1 goes through the same motions in a minute, into a temporary folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
model=${1:?"expected the name of a model: graph-network, contact-guess, sweep-policy, preconditioner-policy"}
python=${PYTHON:-.venv-training/bin/python}
delassus=${DELASSUS:-$(swift build -c release --show-bin-path)/delassus}
work=.build/training
mkdir -p "$work"
output=Assets/Models golden=Tests/LearnedSolverTests/Golden
systems=5000 steps=4000 generations=40 pairs=8
if [ -n "${SMOKE:-}" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  output=$work/models golden=$work/golden
  systems=150 steps=20 generations=1 pairs=2
fi

dataset() { # split seed systems
  [ -e "$work/$1.h5" ] || "$delassus" dataset Training/families.json --split "$1" --seed "$2" --systems "$3" \
    --out "$work/$1.h5" --jobs 2
}

case $model in
  graph-network | contact-guess)
    dataset training 1 "$systems"
    dataset validation 2 $((systems / 5))
    depth=4
    [ "$model" = contact-guess ] && depth=3
    sets="$work/training.h5"
    fit() {
      "$python" -W ignore Training/graph_network.py "$model" "$sets" "$work/validation.h5" --depth "$depth" \
        --steps "$steps" --loss "${LOSS:-energy}" --output "$output" --golden "$golden" "$@"
    }
    fit
    # The guess is made in the simulation: two rounds of systems that it visits with the network in it (DAgger).
    for round in ${ROUNDS-$([ "$model" = contact-guess ] && echo 1 2)}; do
      weights=$work/round$round.safetensors
      cp "$output/$model.safetensors" "$weights"
      "$delassus" dataset Training/families.json --split training --seed $((10 + round)) --systems $((systems / 2)) \
        --driver "pgs:guess=learned,guess-weights=$weights,tolerance=1e-4,iterations=500" --jobs 2 --out "$work/visited$round.h5"
      sets="$sets,$work/visited$round.h5"
      fit --start "$weights"
    done
    ;;
  sweep-policy)
    dataset training 1 "$systems"
    dataset validation 2 $((systems / 5))
    # Every arm, begun after as many sweeps as the policy is asked after.
    training="" validation=""
    for first in 3 6 12 24; do
      arms="pgs"
      for arm in 1 2 3 4 5 6 7; do arms="$arms learned-update:policy=fixed,arm=$arm,first=$first"; done
      for split in training validation; do
        for start in warm zero; do
          table=$work/$split-$start-$first
          limit=$((systems / 2))
          [ $split = validation ] && limit=$((systems / 10))
          "$delassus" evaluate "$work/$split.h5" --start "$start" --repeats 1 --iterations 4000 --time-limit 0.1 \
            --tolerances 1e-2,1e-3,1e-4 --limit "$limit" --solvers "$arms" --csv "$table.csv" \
            --features "$table-features.csv" --features-after "$first" > /dev/null
          declare "$split=${!split} $table.csv $table-features.csv"
        done
      done
    done
    # shellcheck disable=SC2086 # lists of paths without blanks
    "$python" Training/policy.py --steps "$steps" --output "$output" --golden "$golden" --table $training --validation $validation
    ;;
  sweep-increment)
    dataset training 1 "$systems"
    dataset validation 2 $((systems / 5))
    "$python" Training/increment.py "$work/training.h5" "$work/validation.h5" --delassus "$delassus" --work "$work" \
      --output "$output" --generations "$generations" --pairs "$pairs"
    ;;
  preconditioner-policy | factor-correction | coarse-space)
    "$python" Training/preconditioners.py "$model" --delassus "$delassus" --work "$work" --output "$output" \
      ${SMOKE:+--smoke} --generations "$generations" --pairs "$pairs"
    ;;
  mechanism-*)
    "$python" Training/train_mechanism.py "$model" --delassus "$delassus" ${SMOKE:+--smoke}
    ;;
  *)
    echo "train: there is no model \"$model\"" >&2
    exit 64
    ;;
esac
