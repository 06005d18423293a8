# shellcheck shell=bash
# The life of a target's agent: `begin`, then `register …` once, then `run …`, which does not return. The agent ends at its
# latest end, by SIGTERM, or by itself. The entrypoints source this file. ../README.md is the contract.
# Keeps to bash 3.2, the version of macOS.

# Process id of the agent or of its registration while one runs.
agent=
# Process id of the wait for the latest end.
timer=

# Time for the agent to end by itself, in tenths of a second. ECS kills the container after 15 s.
readonly grace=80

log() { echo "bastion: $*"; }

# fail CODE WORD…  Ends the container with one line that says why.
fail() {
  echo "bastion: ${*:2}" >&2
  exit "$1"
}

# finish CODE WORD…  Ends the container with one line of the log, for an end that no variable has caused.
finish() {
  trap '' TERM INT USR1 PIPE
  log "${@:2}" || true # the reader of the log may have ended first
  exit "$1"
}

# Starts the wait for the latest end. From here on every process that this script starts ends with it.
begin() {
  local end=${LATEST_END:-} seconds_left
  if [[ ! $end =~ ^[1-9][0-9]{0,10}$ ]] || ! ((seconds_left = end - $(date +%s), seconds_left > 0)); then
    fail 64 "LATEST_END: got $(printf %q "${end:0:80}"), expected a moment to come, in seconds since 1970"
  fi
  trap 'finish 0 "ended by a signal"' TERM INT
  trap 'finish 0 "ended: the latest end has come"' USR1
  trap end_all EXIT
  wake_after "$seconds_left" >/dev/null 2>&1 &
  timer=$!
}

# wake_after SECONDS  Sends this script USR1 then.
wake_after() {
  local sleeper=
  trap 'kill $sleeper; exit' TERM
  sleep "$1" &
  sleeper=$!
  wait "$sleeper" && kill -USR1 $$
}

# Ends the timer and the agent, and kills an agent that still runs after its grace.
end_all() {
  trap '' TERM INT USR1 PIPE
  # shellcheck disable=SC2086 # either may be empty
  {
    kill $timer $agent
    for ((tenths = 0; tenths < grace; tenths++)); do
      kill -0 $agent || break
      sleep 0.1
    done
    kill -KILL $agent
  } 2>/dev/null || true
}

# await COMMAND…  Runs a program to its end and sets `code` to its exit code. bash runs a trap at once during `wait`, but
# only afterwards during a command: hence the background.
await() {
  code=0
  "$@" &
  agent=$!
  wait "$agent" || code=$?
  agent=
}

# register COMMAND…  Ends the container when the registration fails: an agent that is not registered would run on for days.
register() {
  local code
  await "$@"
  ((code == 0)) || fail 1 "$1 could not register: it exited with code $code"
  log "$1 has registered"
}

# run COMMAND…  Runs the agent and ends the container with it.
run() {
  local code
  log "runs $1, latest end $LATEST_END"
  await "$@"
  finish 1 "ended: $1 exited with code $code"
}
