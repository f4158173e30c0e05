#!/usr/bin/env bash
# Validates a folder against a CARIN version: validate.sh VERSION FOLDER > report.jsonl
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
case $1 in
  1.1.0 | 2.0.0) core=3.1.1 ;;
  2.1.0) core=6.1.0 ;;
  2.2.0) core=7.0.0 ;;
  *) echo "unknown CARIN version $1" >&2; exit 2 ;;
esac
exec java -Duser.home="$here/home" -Xmx3g -cp "$here/target/classes:$(cat "$here/classpath.txt")" oracle.Validate "$1" "$core" "$2"
