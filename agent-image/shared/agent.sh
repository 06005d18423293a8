# shellcheck shell=bash
# The life of a webhook's agent: `begin`, then `register …` once, then `run …`, which does not return. It ends at the latest
# end it was given, with SIGTERM, or with the agent. Sourced by the entrypoints, whose README.md is the contract.
# Keeps to bash 3.2, which is what macOS has.

# Process ids: of the agent or its registration while one runs, and of what waits for the latest end.
agent=
timer=

# Time for the agent to end by itself, in tenths of a second; ECS kills the container after 15 s.
readonly patience=80

log() { echo "bastion: $*"; }

# fail CODE WORD…  Ends the container, saying why in one line.
fail() {
  echo "bastion: ${*:2}" >&2
  exit "$1"
}

# finish CODE WORD…  The same for an end that is no mistake in what the agent was given.
finish() {
  trap '' TERM INT USR1 PIPE
  log "${@:2}" || true # whoever read the log may be gone
  exit "$1"
}

# From here on nothing that was started outlives this script, however it ends.
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

wake_after() {
  local sleeper=
  trap 'kill $sleeper; exit' TERM
  sleep "$1" &
  sleeper=$!
  wait "$sleeper" && kill -USR1 $$
}

end_all() {
  trap '' TERM INT USR1 PIPE
  # shellcheck disable=SC2086 # there may be none
  {
    kill $timer $agent
    for ((tenths = 0; tenths < patience; tenths++)); do
      kill -0 $agent || break
      sleep 0.1
    done
    kill -KILL $agent
  } 2>/dev/null || true
}

# Runs a program to its end and leaves its exit code in `code`. bash runs a trap at once while it waits, but only afterwards
# while a command runs: hence the background.
await() {
  code=0
  "$@" &
  agent=$!
  wait "$agent" || code=$?
  agent=
}

# Vendors' agents run on without being registered, useless and for days. So one that could not register ends the container.
register() {
  local code
  await "$@"
  ((code == 0)) || fail 1 "$1 could not register: it exited with code $code"
  log "$1 has registered"
}

run() {
  local code
  log "runs $1, latest end $LATEST_END"
  await "$@"
  finish 1 "ended: $1 exited with code $code"
}
