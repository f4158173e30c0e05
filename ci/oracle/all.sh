#!/usr/bin/env bash
# Dumps and validates the record of every version: all.sh DUMP-PROGRAM MEMBERS SEED [VERSIONS].
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
failed=0
for version in ${4:-1.1.0 2.0.0 2.1.0 2.2.0}; do
  folder=$here/out/w$version
  rm -rf "$folder"
  "$1" "$version" "$2" "$3" "$folder"
  echo "$version"
  "$here/validate.sh" "$version" "$folder" > "$folder.jsonl" 2> "$folder.log" || failed=1
  tail -1 "$folder.log"
  python3 "$here/summarise.py" "$folder.jsonl" | cut -c1-300
done
exit $failed
