#!/usr/bin/env bash
# HAPI FHIR JPA: the server that most payers run, from Maven Central, on H2 in memory.
set -euo pipefail
# shellcheck source=ci/servers/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Builds a copy, so that nothing is written into the repository.
install_server() {
  local folder="$cache/hapi" wanted
  wanted=$(cd "$here/hapi" && find . -type f -print0 | sort -z | xargs -0 sha256sum)
  if [[ ! -f $folder/installed.txt || $(<"$folder/installed.txt") != "$wanted" ]]; then
    rm -rf "$folder"
    mkdir -p "$folder"
    cp -r "$here/hapi/." "$folder/"
    mvn --quiet --batch-mode --file "$folder/pom.xml" "-Dmaven.repo.local=$cache/m2" \
      "-Dmdep.outputFile=$folder/classpath.txt" -Dmaven.test.skip=true package dependency:build-classpath
    echo "$wanted" >"$folder/installed.txt"
  fi
}

start_server() {
  local run=$1 port base
  port=$(free_port)
  base="http://127.0.0.1:$port/fhir"
  cd "$run"
  # The quick compiler and the simple collector halve the start, which is most of a short run.
  launch "$run" java -Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -cp "$cache/hapi/target/hapi-server-1.jar:$(<"$cache/hapi/classpath.txt")" \
    payerspec.ci.HapiServer "$port"
  # Not /metadata: HAPI keeps its first answer for a minute, without parameters loaded since.
  wait_until_up "$run" "$base" "$base/Patient?_summary=count" 300
}

main "$@"
