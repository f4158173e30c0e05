#!/usr/bin/env bash
# fhirsnake: a file-backed server that is no conformant FHIR server at all. It reads
# RUN_FOLDER/resources/<Type>/<id>.json at its start, so load before starting.
set -euo pipefail
# shellcheck source=ci/servers/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

install_server() { venv fhirsnake; }

start_server() {
  local run=$1 port base
  if [[ ! -d $run/resources ]]; then
    echo "$run/resources is missing: write it with load_examples.py --folder first" >&2
    return 1
  fi
  port=$(free_port)
  base="http://127.0.0.1:$port"
  cd "$run"
  # The package imports its own modules as top-level ones.
  PYTHONPATH=$(echo "$cache"/fhirsnake/lib/python3*/site-packages/fhirsnake) \
    launch "$run" "$cache/fhirsnake/bin/uvicorn" main:app --host 127.0.0.1 --port "$port"
  wait_until_up "$run" "$base" "$base/" 60
}

main "$@"
