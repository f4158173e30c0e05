#!/usr/bin/env bash
# Validates folders against a CARIN version: validate.sh VERSION [timed:]FOLDER[:NEIGHBOURS]... > report.jsonl
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=$1
shift
case $version in
  1.1.0 | 2.0.0) core=3.1.1 ;;
  2.1.0) core=6.1.0 ;;
  2.2.0) core=7.0.0 ;;
  *) echo "unknown CARIN version $version" >&2; exit 2 ;;
esac
exec java -Duser.home="$here/home" -Xmx3g -cp "$here/target/classes:$(<"$here/classpath.txt")" oracle.Validate "$version" "$core" "$@"
