#!/usr/bin/env bash
# HL7's validator from Maven Central, over folders of resources, without a network once it is installed.
#
#   validate.sh install PACKAGES                                     once; a second call returns at once
#   validate.sh judge CARIN-VERSION [timed:]FOLDER[:NEIGHBOURS]...   prints a JSON object a file
set -euo pipefail
# shellcheck source=ci/servers/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../servers/common.sh"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
built=$cache/oracle

# Builds a copy, so that nothing is written into the repository.
install() {
  local packages=$1 wanted
  wanted=$(cd "$here" && find pom.xml src make-cache.sh stand_ins.py -type f -print0 | sort -z | xargs -0 sha256sum)
  wanted+=$(stat --format '%n %s' "$packages"/*.tgz)
  if [[ ! -f $built/installed.txt || $(<"$built/installed.txt") != "$wanted" ]]; then
    rm -rf "$built"
    mkdir -p "$built"
    cp -r "$here/pom.xml" "$here/src" "$here/make-cache.sh" "$here/stand_ins.py" "$built/"
    mvn --quiet --batch-mode --file "$built/pom.xml" "-Dmaven.repo.local=$cache/m2" \
      "-Dmdep.outputFile=$built/classpath.txt" compile dependency:build-classpath
    "$built/make-cache.sh" "$packages"
    echo "$wanted" >"$built/installed.txt"
  fi
}

judge() {
  local version=$1 core
  shift
  case $version in
    1.1.0 | 2.0.0) core=3.1.1 ;;
    2.1.0) core=6.1.0 ;;
    2.2.0) core=7.0.0 ;;
    *) echo "unknown CARIN version $version" >&2; exit 2 ;;
  esac
  exec java "-Duser.home=$built/home" -Xmx3g -cp "$built/target/classes:$(<"$built/classpath.txt")" \
    oracle.Validate "$version" "$core" "$@"
}

"$@"
