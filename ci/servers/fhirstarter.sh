#!/usr/bin/env bash
# fhirstarter's packaged example: an R5 server, for the case of the wrong FHIR version.
set -euo pipefail
# shellcheck source=ci/servers/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install_server() { venv fhirstarter; }

start_server() {
  local run=$1 port base
  port=$(free_port)
  base="http://127.0.0.1:$port"
  # The example opens its configuration by a relative path.
  cd "$cache"/fhirstarter/lib/python3*/site-packages/fhirstarter/examples
  launch "$run" "$cache/fhirstarter/bin/uvicorn" fhirstarter.examples.example:app \
    --host 127.0.0.1 --port "$port"
  wait_until_up "$run" "$base" "$base/metadata" 60
}

main "$@"
