# shellcheck shell=bash disable=SC2154 # entrypoint.sh and handoff.sh set these variables
# The watch over a bastion that is up: it looks at the handoff item for the key of an owner, for notices, and for what a late try
# of an earlier write has brought back, and at sshd for connections. It runs as a process of its own, and the container ends with
# it. entrypoint.sh sources this file. It keeps to bash 3.2.

# The number of looks a second apart after the bastion has come up. No write is tried again for longer.
readonly quick_looks=20
# Seconds between two looks at a bastion that has an owner.
readonly slow_look_seconds=20
# The exit code of a bastion that nobody is connected to.
readonly idle_code=10

# Set once the log has said that the bastion is up for its owner.
is_up=
# Set while DynamoDB does not answer.
has_failed=
# The id of the notice that was written last.
notice_id=
# The page faults of sshd's children that have ended, as the kernel counts them. The number grows with each end.
ended_children=

check_idle_end() {
  local seconds=${IDLE_END:-}
  [[ -z $seconds || $seconds =~ ^[1-9][0-9]{0,8}$ ]] ||
    fail 64 "IDLE_END: got $(shown "$seconds"), expected a positive number of seconds"
}

watch_handoff() {
  local looks=0 last_use=$SECONDS was_up=$is_up
  is_in_use || true # the check of the greeting is no use
  while :; do
    if [[ -n $is_up ]] && ((looks++ >= quick_looks)); then pause "$slow_look_seconds"; else pause 1; fi
    look
    [[ $was_up == "$is_up" ]] || { was_up=$is_up looks=0 last_use=$SECONDS; }
    end_if_idle
  done
}

look() {
  if read_item; then
    take_item
  elif [[ $answer == '{}' ]]; then
    note_answer
  else
    note_failure
  fi
  answer=
}

take_item() {
  note_id
  if value_of AUTHORIZED_KEY; then
    take_key "$text"
  elif value_of NOTICE && [[ $item_id != "$notice_id" ]]; then
    notice_id=$item_id
    tell "$text"
  fi
  if delete_item; then note_answer; else note_failure; fi
}

note_answer() {
  has_failed=
  [[ -z $owner_key || -n $is_up ]] || say_up
}

# The task's credentials live for about six hours, so each failure may be theirs.
note_failure() {
  [[ -n $has_failed ]] || log "the handoff does not answer, and the bastion asks on; the last answer: $(refusal)"
  has_failed=yes
  identify || true
}

end_if_idle() {
  [[ -n ${IDLE_END:-} && -n $is_up ]] || return 0
  ! is_in_use || last_use=$SECONDS
  ((SECONDS - last_use < IDLE_END)) || finish "$idle_code" "ended: idle, no connection was open for $IDLE_END s"
}

# True if a connection is open, or has ended since the last look. sshd has a child for each. The kernel adds up the page faults of
# the children that have ended. Only Linux shows them.
is_in_use() {
  local before=$ended_children parents
  ended_children=$(cut -d ' ' -f 11 "/proc/$sshd/stat" 2>/dev/null) || true
  [[ $ended_children == "$before" ]] || return 0
  parents=" $(ps -A -o ppid) "
  [[ $parents =~ [[:space:]]"$sshd"[[:space:]] ]]
}
