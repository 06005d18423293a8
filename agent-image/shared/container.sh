# shellcheck shell=bash
# The life of an agent's container: `mark_lines` checks SESSION_ID and puts it in front of each line of the log. `begin` checks
# LATEST_END and starts the wait for it. From then on the container ends by SIGTERM, at its latest end, by `finish`, or by `fail`,
# and `end_processes`, which each entrypoint defines, ends what it started.
# All entrypoints source this file. Like them it keeps to bash 3.2, the version of macOS.

# Process id of the wait for the latest end.
timer=
# Process id of the sleep of `pause`.
sleeper=
# Beginning of each line of the log: the session's id, which the functions' lines have too.
line_start=

log() { echo "${line_start}bastion: $*"; }

# fail CODE WORD…  Ends the container with one line that says why.
fail() {
  echo "${line_start}bastion: ${*:2}" >&2
  exit "$1"
}

# finish CODE WORD…  Ends the container with one line of the log, for an end that no variable has caused.
finish() {
  trap '' TERM INT USR1 PIPE
  log "${@:2}" || true # the reader of the log may have ended first
  exit "$1"
}

# Prints a value as one short line.
shown() { printf '%q' "${1:0:80}"; }

# need NAME…  Ends the container when one of these variables is empty.
need() {
  local name
  for name; do
    [[ -n ${!name:-} ]] || fail 64 "$name: got nothing, expected what the task definition or ECS sets"
  done
}

mark_lines() {
  local id=${SESSION_ID:-} uuid='^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
  [[ $id =~ $uuid ]] || fail 64 "SESSION_ID: got $(shown "$id"), expected the session's id, a UUID"
  line_start="[$id] "
}

begin() {
  local end=${LATEST_END:-} seconds_left
  if [[ ! $end =~ ^[1-9][0-9]{0,10}$ ]] || ! ((seconds_left = end - $(date +%s), seconds_left > 0)); then
    fail 64 "LATEST_END: got $(shown "$end"), expected a moment to come, in seconds since 1970"
  fi
  trap 'finish 0 "ended by a signal"' TERM INT
  trap 'finish 0 "ended: the latest end has come"' USR1
  trap 'trap "" TERM INT USR1 PIPE; end_processes 2>/dev/null || true' EXIT
  wake_after "$seconds_left" >/dev/null 2>&1 &
  # shellcheck disable=SC2034 # end_processes ends it
  timer=$!
}

# wake_after SECONDS  Sends this script USR1 then, or at once if somebody has ended the wait.
wake_after() {
  pause "$1" || true
  kill -USR1 $$
}

# pause SECONDS  Sleeps, in a process of its own that SIGTERM ends together with its sleep.
pause() {
  trap 'kill $sleeper 2>/dev/null; exit' TERM
  sleep "$1" &
  sleeper=$!
  wait "$sleeper"
}
