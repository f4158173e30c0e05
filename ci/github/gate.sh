#!/usr/bin/env bash
# Runs payerspec for a step of a GitHub job: log, annotations, job summary and outputs. Ends as payerspec ends.
set -euo pipefail

here=$(dirname "${BASH_SOURCE[0]}")
out=$INPUT_OUT
arguments=(run --out "$out")

# Usage: option FLAG VALUE. Adds the flag for each line of the value.
option() {
  local line
  while IFS= read -r line; do
    line=${line%$'\r'}
    if [[ -n $line ]]; then arguments+=("$1=$line"); fi
  done <<<"$2"
}

option --target "$INPUT_TARGET"
option --config "$INPUT_CONFIG"
option --guide "$INPUT_GUIDE"
option --patient "$INPUT_PATIENT"
option --other-patient "$INPUT_OTHER_PATIENT"
option --baseline "$INPUT_BASELINE"
option --partition "$INPUT_PARTITION"
if [[ $INPUT_STRICT == true ]]; then arguments+=(--strict); fi
if [[ $INPUT_ALLOW_INCONCLUSIVE == true ]]; then arguments+=(--allow-inconclusive); fi
if [[ -n $INPUT_TOKEN ]]; then export PAYERSPEC_TOKEN=$INPUT_TOKEN; fi
unset INPUT_TOKEN

# Reports of an earlier step must not be taken for this one's.
rm -f "$out/results.json" "$out/summary.md"

# What the log shows of a server must not be read as a command to the runner.
fence=$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')
echo "::stop-commands::$fence"
code=0
"$INPUT_PAYERSPEC" "${arguments[@]}" || code=$?
echo
echo "::$fence::"

verdict=$(python3 "$here/annotate.py" --code "$code" --results "$out/results.json" --verdict-only)
python3 "$here/annotate.py" --code "$code" --results "$out/results.json"
if [[ -f $out/summary.md ]]; then
  # A step's summary may have 1 MiB.
  head -c 1000000 "$out/summary.md" >>"$GITHUB_STEP_SUMMARY"
fi
printf 'exit-code=%s\nverdict=%s\n' "$code" "$verdict" >>"$GITHUB_OUTPUT"
exit "$code"
