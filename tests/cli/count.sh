#!/usr/bin/env bash
# The commands that need no data: count, list, describe, help, and what they refuse.
set -euo pipefail

failures=0
output="" errors="" status=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
  echo "FAILED: $1"
  failures=$((failures + 1))
}

# run ARGUMENTS...: fills output, errors, status.
run() {
  status=0
  "$NASMYTH" "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
  output=$(cat "$scratch/out")
  errors=$(cat "$scratch/err")
}

# expect_done ARGUMENTS...: exit code 0, something on standard output, nothing on standard error.
expect_done() {
  run "$@"
  [[ $status == 0 && -n $output && -z $errors ]] || fail "$* (exit $status): $errors"
}

# expect_refused TEXT ARGUMENTS...: exit code 2, one line of error that contains TEXT.
expect_refused() {
  local text=$1
  shift
  run "$@"
  [[ $status == 2 ]] || fail "$*: exit $status instead of 2"
  [[ -z $output ]] || fail "$*: standard output is not empty"
  [[ $errors == "nasmyth: error: "* && $(wc -l <"$scratch/err") == 1 ]] || fail "$*: $errors"
  [[ $errors == *"$text"* ]] || fail "$*: no '$text' in: $errors"
}

contains() {
  [[ $output == *"$1"* ]] || fail "no '$1' in: $output"
}

names() {
  "$NASMYTH" list ${1:+"$1"} --json | "$PYTHON" -c \
    'import json, sys; print("\n".join(row["name"] for row in json.load(sys.stdin)))'
}

# Published counts.
darts=(count --space darts --set layers=20 --input 3x32x32 --classes 10)
expect_done "${darts[@]}" --architecture DARTS_V2 --set channels=36 --json
contains '"params": 3349342'
contains '"conv_macs": 528353280'
contains '"macs": 528359040'
contains '"weight_bytes": 13397368'
expect_done "${darts[@]}" --architecture DARTS_V2 --set auxiliary=true --json
contains '"params": 3349342'
contains '"training_only_params": 476426'
expect_done count --space darts --form search --json
contains '"params": 1930618'
contains '"conv_macs": 300253184'
expect_done count --space nasbench201 --json --architecture \
  '|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|'
contains '"params": 1288506'

# The rows of --by-layer sum to the total; an architecture may come from a file.
expect_done "${darts[@]}" --architecture PDARTS --by-layer --json
"$PYTHON" - "$scratch/out" <<'PYTHON' || fail "the layers do not sum to the total"
import json, sys
count = json.load(open(sys.argv[1]))
assert count["params"] == 3433798 == sum(row["params"] for row in count["layers"])
assert count["macs"] == sum(row["macs"] for row in count["layers"])
PYTHON
echo PDARTS >"$scratch/cell.txt"
expect_done "${darts[@]}" --architecture "$scratch/cell.txt" --json
contains '"params": 3433798'
expect_done count --space compact
contains 'All choices are open'

# Every command has help with an example that names it; everything that is listed is described.
expect_done --help
for command in $(names commands); do
  contains "  $command"
done
for command in $(names commands); do
  expect_done "$command" --help
  contains "nasmyth $command"
  expect_done help "$command"
done
for kind in $(names ""); do
  expect_done list "$kind"
  for name in $(names "$kind"); do
    expect_done describe "$kind" "$name"
    contains "$name: "
    expect_done describe "$kind" "$name" --json
    "$PYTHON" -m json.tool "$scratch/out" >/dev/null || fail "describe $kind $name: no JSON"
  done
done
expect_done describe space compact --set layers=2
contains 'choice stage0/depth: 1 2'
expect_done describe operation mbconv
contains 'squeeze_excitation'

# Nonsense.
expect_refused "did you mean 'darts'?" count --space drats
expect_refused "no search space is given" count
expect_refused "did you mean 'channels'?" count --space darts --set chanels=36
expect_refused "channels" count --space darts --set channels=-1
expect_refused "channels" count --space darts --set channels=many
expect_refused "did you mean 'DARTS_V" count --space darts --architecture DARTS_V3
expect_refused "did you mean 'sep_conv_3x3'?" count --space darts \
  --architecture 'normal/edge0_2=sep_conv_3x9'
expect_refused "even heights and widths only" count --space darts --architecture DARTS_V2 \
  --input 3x30x30
expect_refused "3x32x32" count --space darts --input 32x32
expect_refused "whole number" count --space darts --classes none
expect_refused "did you mean 'search'?" count --space darts --form serach
expect_refused "did you mean '--space'?" count --spase darts
expect_refused "did you mean 'count'?" cuont
expect_refused "did you mean 'spaces'?" list spacse
expect_refused "did you mean 'conv2d'?" describe operation conv3d
expect_refused "no operation is named" describe operation

[[ $failures == 0 ]] || exit 1
