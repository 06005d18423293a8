# shellcheck shell=bash
# The life of a target's agent. An entrypoint names the variables of its activation in `activation`, defines `register`, and ends
# with `run_agent PROGRAM "$@"`. ../README.md is the contract. Keeps to bash 3.2, the version of macOS.
#
# The container's first process lives for days and never has a secret. It starts itself again without the variables that lead to
# the handoff. A child reads these from a pipe, takes the handoff, registers the agent, and ends.
# shellcheck source=SCRIPTDIR/../../shared/container.sh
source "${BASH_SOURCE[0]%/*}/../../shared/container.sh"
# shellcheck source=SCRIPTDIR/../../shared/handoff.sh
source "${BASH_SOURCE[0]%/*}/../../shared/handoff.sh"

# The variables that lead to the handoff, or would lead the vendor's agent to the task's credentials.
readonly handoff_variables=(
  AWS_CONTAINER_AUTHORIZATION_TOKEN AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_ENDPOINT_URL
  ECS_CONTAINER_METADATA_URI ECS_CONTAINER_METADATA_URI_V4 HANDOFF_ROLE_ID HANDOFF_TABLE
)

# Process ids of the child, and of the agent: in the child, of its registration.
handoff=
agent=
# Time for the agent to end by itself, in tenths of a second. ECS kills the container after 15 s.
grace=80

# Seconds from the start of the container until the agent must have registered. A service that does not answer must not leave a
# task that waits for days.
readonly registration_seconds=300

# run_agent PROGRAM [clean]  Registers the agent, runs it, and ends the container with it.
run_agent() {
  local code=0
  mark_lines
  [[ ${2:-} == clean ]] || start_again
  begin
  await_registration "$1"
  log "runs $1, latest end $LATEST_END"
  "$1" &
  agent=$!
  wait "$agent" || code=$?
  finish 1 "ended: $1 exited with code $code"
}

start_again() {
  check_handoff_variables
  exec 3< <(for name in "${handoff_variables[@]}"; do printf '%s=%s\0' "$name" "${!name:-}"; done)
  unset "${handoff_variables[@]}"
  exec "$BASH" "$0" clean
}

# await_registration PROGRAM  The child tells by USR2 that the agent has registered. If it ends before, so does the container.
await_registration() {
  local code=0 is_registered=
  trap 'is_registered=yes' USR2
  take_handoff "$1" &
  handoff=$!
  exec 3<&-
  wait "$handoff" || code=$?
  [[ -n $is_registered ]] || exit $((code < 128 ? code : 1))
}

# take_handoff PROGRAM  Runs in the child.
# shellcheck disable=SC2154 # the entrypoint names the activation's variables
take_handoff() {
  local variable code=0
  timer='' grace=60 # the child ends before its parent's patience does
  trap 'exit 1' TERM
  trap 'end_processes 2>/dev/null || true' EXIT
  while IFS= read -r -d '' variable; do printf -v "${variable%%=*}" %s "${variable#*=}"; done <&3
  exec 3<&-

  fetch_handoff
  read_activation
  register &
  agent=$!
  end_late_registration "$agent" >/dev/null 2>&1 &
  timer=$!
  wait "$agent" 2>/dev/null || code=$?
  agent=
  kill "$timer" 2>/dev/null || true
  timer=
  unset "${activation[@]}"
  ((code == 0 || SECONDS < registration_seconds)) || fail 1 "$1 could not register within $registration_seconds s"
  ((code == 0)) || fail 1 "$1 could not register: it exited with code $code"
  log "$1 has registered"
  delete_handoff
  kill -USR2 $$
  delete_handoff_again
}

# end_late_registration PROCESS
end_late_registration() {
  until ((SECONDS >= registration_seconds)); do pause 1; done
  kill -KILL "$1"
}

# Exports the variables of the activation. The registration alone inherits them.
# shellcheck disable=SC2154 # the entrypoint names them
read_activation() {
  local name
  for name in "${activation[@]}"; do
    printf -v "$name" %s "$(printf %s "$answer" | jq -r --arg name "$name" '.Item.values.M[$name].S // ""')"
    [[ -n ${!name} || $name == ENVIRONMENT_ID ]] || fail 65 "$name: got nothing in the handoff, expected its value"
  done
  answer=
  # Exported last, so that the programs above inherit no secret.
  export "${activation[@]}"
}

# An agent that takes no notice of SIGTERM is killed after its grace.
# shellcheck disable=SC2317 # the trap of container.sh calls it
end_processes() {
  local tenths
  # shellcheck disable=SC2086 # any may be empty
  {
    kill $timer $handoff $agent
    for ((tenths = 0; tenths < grace; tenths++)); do
      kill -0 $handoff $agent || break
      sleep 0.1
    done
    kill -KILL $handoff $agent
  } || true
}
