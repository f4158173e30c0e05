#!/bin/sh
# One part of the plan, chosen by the Job's index. What it finds is for the merge to judge; it fails only when it could not measure at all.
set -u
part=$((JOB_COMPLETION_INDEX + 1))
out=$REPORTS/shards/$part
rm -rf "$out"
code=0
"${PAYERSPEC:-payerspec}" run --config "$CONFIG" --token-file "$TOKEN_FILE" --partition "$part/$SHARDS" --out "$out" || code=$?
echo "part $part of $SHARDS ended with $code"
case $code in
0 | 1 | 3) exit 0 ;;
*) exit "$code" ;;
esac
