#!/usr/bin/env bash
# Sourced by the server scripts: each installs into a cache outside the repository, starts on a
# free loopback port and leaves `base`, `pid` and `log` in a run folder.
#
#   SERVER.sh install                 once; a second call returns at once
#   SERVER.sh start RUN_FOLDER        prints the FHIR base URL
#   SERVER.sh stop RUN_FOLDER

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${PAYERSPEC_CI_CACHE:-$HOME/.cache/payerspec-ci}

# Usage: free_port. Another process may take the port before the server does; the start then fails.
free_port() {
  python3 -c 'import socket
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1])'
}

# Usage: venv NAME. Makes the environment of NAME.requirements.txt, again when that file changes.
venv() {
  local folder="$cache/$1" wanted="$here/$1.requirements.txt"
  if ! cmp -s "$wanted" "$folder/installed.txt"; then
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted"
    cp "$wanted" "$folder/installed.txt"
  fi
}

# Usage: launch RUN_FOLDER COMMAND... Starts COMMAND in the background, in the current folder.
launch() {
  local run=$1
  shift
  nohup "$@" >"$run/log" 2>&1 </dev/null &
  echo $! >"$run/pid"
}

# Usage: wait_until_up RUN_FOLDER BASE PROBE_URL SECONDS. Ends as soon as the server dies.
wait_until_up() {
  local run=$1 base=$2 probe=$3 seconds=$4 pid deadline
  pid=$(<"$run/pid")
  deadline=$((SECONDS + seconds))
  until curl --silent --output /dev/null --max-time 30 "$probe"; do
    if ! kill -0 "$pid" 2>/dev/null || ((SECONDS >= deadline)); then
      echo "no answer from $probe; the end of $run/log:" >&2
      tail -n 40 "$run/log" >&2
      stop "$run"
      return 1
    fi
    sleep 0.3
  done
  echo "$base" | tee "$run/base"
}

# Usage: stop RUN_FOLDER. Ends only the process that `launch` started.
stop() {
  local run=$1 pid
  [[ -f $run/pid ]] || return 0
  pid=$(<"$run/pid")
  rm -f "$run/pid"
  kill "$pid" 2>/dev/null || return 0
  for _ in {1..50}; do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -9 "$pid" 2>/dev/null || true
}

# Usage: main "$@", from a script that defines install_server and start_server RUN_FOLDER.
main() {
  case ${1-} in
    install)
      mkdir -p "$cache"
      install_server
      ;;
    start)
      mkdir -p "${2:?a run folder is needed}"
      start_server "$(cd "$2" && pwd)"
      ;;
    stop) stop "${2:?a run folder is needed}" ;;
    *)
      echo "usage: $0 install | start RUN_FOLDER | stop RUN_FOLDER" >&2
      return 2
      ;;
  esac
}
