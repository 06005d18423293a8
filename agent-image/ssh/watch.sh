# shellcheck shell=bash disable=SC2154 # entrypoint.sh and handoff.sh set these variables
# The watch over a bastion that is up: it looks at the handoff item for the key of an owner, for notices, and for what a late try
# of an earlier write has brought back, and at sshd for connections. It runs as a process of its own, and the container ends with
# it. entrypoint.sh sources this file. It keeps to bash 3.2.

# The number of looks a second apart after the bastion has come up. No write is tried again for longer.
readonly quick_looks=20
# Seconds between two looks at a bastion that has an owner.
readonly slow_look_seconds=20

# Set once the log has said that the bastion is up for its owner.
is_up=
# Set while DynamoDB does not answer.
has_failed=
# The id of the notice that was written last.
notice_id=

watch_handoff() {
  local looks=0 was_up=$is_up
  while :; do
    if [[ -n $is_up ]] && ((looks++ >= quick_looks)); then pause "$slow_look_seconds"; else pause 1; fi
    look
    [[ $was_up == "$is_up" ]] || { was_up=$is_up looks=0; }
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
