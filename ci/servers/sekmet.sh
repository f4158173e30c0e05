#!/usr/bin/env bash
# sekmet-fhir: a small R4 server in Python on SQLite, mostly right, without C4BB's search parameters.
set -euo pipefail
# shellcheck source=ci/servers/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install_server() { venv sekmet; }

start_server() {
  local run=$1 port base
  port=$(free_port)
  base="http://127.0.0.1:$port/fhir"
  cat >"$run/settings.yaml" <<YAML
host: 127.0.0.1
port: $port
base_url: $base
simulator:
  enabled: false
YAML
  rm -rf "$run/data"
  cd "$run"
  launch "$run" "$cache/sekmet/bin/sekmet" serve -c settings.yaml
  wait_until_up "$run" "$base" "$base/metadata" 60
}

main "$@"
