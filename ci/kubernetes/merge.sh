#!/bin/sh
# Makes one report of all parts and ends as one whole run would have.
set -eu
part=1
set --
while [ "$part" -le "$SHARDS" ]; do
  set -- "$@" "$REPORTS/shards/$part"
  part=$((part + 1))
done
exec "${PAYERSPEC:-payerspec}" report merge --out "$REPORTS/whole" "$@"
