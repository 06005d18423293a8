#!/usr/bin/env bash
# Runs sshd for one public key, with the host keys of this task's handoff, until its latest end, SIGTERM, or the death of one of
# its processes. The key is there from the start, or comes to a pooled bastion later. README.md is the contract.
set -euo pipefail
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

readonly here=${BASH_SOURCE[0]%/*}
# shellcheck source=SCRIPTDIR/../shared/container.sh
source "$here/../shared/container.sh"
# shellcheck source=SCRIPTDIR/../shared/handoff.sh
source "$here/../shared/handoff.sh"
# shellcheck source=SCRIPTDIR/owner.sh
source "$here/owner.sh"
# shellcheck source=SCRIPTDIR/notice.sh
source "$here/notice.sh"
# shellcheck source=SCRIPTDIR/watch.sh
source "$here/watch.sh"

readonly run_dir=${RUN_DIR:-/var/lib/bastion}
readonly port=${SSH_PORT:-22}
readonly login=${SSH_LOGIN:-$(id -un)}
# Seconds from the start of the container until sshd must greet.
readonly greeting_seconds=90
# The end of our own sshd's greeting. Another program may hold the port on a developer's machine.
readonly mark=bastion-$$
readonly login_processes=512

# Process ids of sshd, of the writer of its log, of the watch, and of the sleep of the wait for the end.
sshd=
log_writer=
watch=
heartbeat=

is_port() { [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && ((10#$1 <= 65535)); }

check_address() {
  is_port "$port" || fail 64 "SSH_PORT: got $(shown "$port"), expected a port from 1 to 65535"
  local listen=${SSHD_LISTEN:-}
  if [[ -z $listen ]]; then
    where=(-o "Port=$port")
    address=127.0.0.1:$port
  elif [[ $listen =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}:[0-9]+$ ]] && is_port "${listen##*:}"; then
    where=(-o "ListenAddress=$listen")
    address=$listen
  else
    fail 64 "SSHD_LISTEN: got $(shown "$listen"), expected an IPv4 address and a port, such as 127.78.0.2:2222"
  fi
}

# The login may enter the directory, because sshd reads the authorized key as the login. It may not list or change it.
make_run_dir() {
  { mkdir -p "$run_dir" && chmod 711 "$run_dir"; } 2>/dev/null ||
    fail 64 "RUN_DIR: got $(shown "$run_dir"), expected a directory that $(id -un) may own"
}

# install_host_key VALUE TYPE  Writes the private key of the handoff to a file.
install_host_key() {
  local file=$run_dir/$1 base64='[A-Za-z0-9+/=]+' name='OPENSSH PRIVATE KEY' pem newline=$'\n'
  # DynamoDB's JSON has \n for each line break of the key.
  local pattern="\"$1\": *\\{\"S\": *\"(-----BEGIN $name-----(\\\\n$base64)+\\\\n-----END $name-----)(\\\\n)?\"\\}"
  if [[ $answer =~ $pattern ]]; then
    pem=${BASH_REMATCH[1]}
    (umask 077 && printf '%s\n' "${pem//\\n/$newline}" >"$file")
    [[ $(ssh-keygen -y -P '' -f "$file" 2>/dev/null) != "$2 "* ]] || return 0
  fi
  fail 65 "$1: got no such key in the handoff, expected a private $2 key in OpenSSH's format"
}

# Prints a path as one word of sshd's configuration, which splits at blanks.
quoted() {
  local path=${1//\\/\\\\}
  printf '"%s"' "${path//\"/\\\"}"
}

# Prints the login as a pattern of AllowUsers. There `@` starts a host, and `*` and `!` mean more than themselves, so `?` stands
# for each such byte.
login_pattern() {
  local LC_ALL=C
  printf %s "${login//[^A-Za-z0-9._-]/?}"
}

# Copies sshd's messages to stderr, each with the session's id in front. A message may quote a client and hold its line breaks, with which a login could forge lines
# of the log. Each message is one write, and in a pipe in packet mode one read returns one write, which dd fills up with NULs:
# a line without NULs in front goes on with the message before it.
# https://man7.org/linux/man-pages/man2/pipe.2.html (O_DIRECT)
write_log() {
  local line
  trap '' TERM INT
  if [[ $OSTYPE != linux-gnu* ]]; then
    while IFS= read -r line || [[ -n $line ]]; do printf '%s%s\n' "$line_start" "$line" >&2; done
    exit
  fi
  { printf '\0' && dd bs=2048 conv=sync status=none; } |
    LC_ALL=C exec sed -n '/^\x00/!s/^/    | /; s/^\x00*//; s/\r$//; s/[[:cntrl:]]/?/g; /./s/^/'"$line_start"'/; /./w /dev/stderr'
}

open_log() {
  rm -f "$run_dir/log" && mkfifo -m 600 "$run_dir/log"
  write_log <"$run_dir/log" &
  log_writer=$!
  exec 4>"$run_dir/log"
  rm "$run_dir/log"
  [[ $OSTYPE != linux-gnu* ]] || dd if=/dev/null oflag=direct status=none >&4 # sets packet mode
}

start_sshd() {
  local program options=()
  program=$(command -v sshd) # sshd re-executes itself and therefore wants its absolute path
  # sshd drops its rights in this directory. An image has none, and /run is empty after a boot.
  ((EUID != 0)) || (umask 022 && mkdir -p /run/sshd 2>/dev/null) || true
  # From 9.8 on sshd shuts out the address of failed logins, which a whole office may share.
  ! "$program" -G -f /dev/null -o PerSourcePenalties=no >/dev/null 2>&1 || options=(-o PerSourcePenalties=no)
  (
    limit_sessions # a session inherits the limits
    # AuthorizedKeysFile expands `%`.
    exec nice -n "$niceness" env -i "PATH=$PATH" "$program" -D -e -f "$here/sshd_config" \
      "${where[@]}" ${options[@]+"${options[@]}"} -o PidFile=none -o "VersionAddendum=$mark" \
      -o "HostKey=$(quoted "$run_dir/HOST_KEY_ED25519")" -o "HostKey=$(quoted "$run_dir/HOST_KEY_ECDSA")" \
      -o "AuthorizedKeysFile=$(quoted "${run_dir//%/%%}/authorized_keys")" \
      -o "AllowUsers=$(login_pattern)" 2>&4 4>&-
  ) &
  sshd=$!
  exec 4>&-
}

# If memory runs out, the kernel ends sessions and not the clock. However busy they keep the processor, the clock comes first.
limit_sessions() {
  { echo 500 >/proc/self/oom_score_adj; } 2>/dev/null || true
  niceness=0
  [[ -z ${SSH_LOGIN:-} ]] || { ulimit -u "$login_processes" && niceness=19; }
}

await_greeting() {
  until (greets) 2>/dev/null; do
    kill -0 "$sshd" 2>/dev/null || end_with_sshd
    ((SECONDS < greeting_seconds)) || fail 70 "sshd did not greet on $address within $greeting_seconds s of the start"
    sleep 0.05
  done
}

greets() {
  local greeting
  exec 3<>"/dev/tcp/${address%:*}/${address##*:}" && read -r -t 2 greeting <&3 &&
    [[ $greeting == SSH-2.0-*" $mark"* ]] || return
  printf 'SSH-2.0-%s\r\n' "$mark" >&3 || true # sshd logs an error for a client that leaves without a greeting of its own
}

end_with_sshd() {
  local code=0
  wait "$sshd" || code=$?
  sshd=
  finish 1 "ended: sshd exited with code $code"
}

# Waits until one of the agent's processes ends. Without any of them it is no bastion, or one that nobody could end.
await_end() {
  while kill -0 "$sshd" && kill -0 "$watch" && kill -0 "$timer" && kill -0 "$log_writer"; do
    sleep 1 &
    heartbeat=$!
    wait "$heartbeat" || true
  done 2>/dev/null
}

# Ends the container with the process that `await_end` has missed. The watch has said why, if it ended by itself.
end_with_process() {
  local code=0
  kill -0 "$sshd" 2>/dev/null || end_with_sshd
  if ! kill -0 "$watch" 2>/dev/null; then
    wait "$watch" || code=$?
    ((code < 2 || code > 127)) || exit "$code"
    finish 1 "ended: its watch of the handoff exited with code $code"
  fi
  finish 1 'ended: its clock or the writer of its log has ended'
}

# descendants_of PROCESS…  Takes the list of processes once: a login that forks without end would change every further one.
descendants_of() {
  local roots=" $* " family=" $* " known='' processes pid parent
  processes=$(ps -A -o pid,ppid)
  while [[ $family != "$known" ]]; do
    known=$family
    while read -r pid parent; do
      [[ $family != *" $parent "* || $family == *" $pid "* ]] || family="$family$pid "
    done < <(echo "$processes")
  done
  echo "${family#"$roots"}"
}

# A container's processes die with its first one. A plain process must end its own. sshd ends without its sessions, and
# afterwards they are no longer its children, so the script lists them first. The log ends with the last that writes to it.
# shellcheck disable=SC2317 # the trap of container.sh calls it
end_processes() {
  # A signal may come after the start of a process and before its variable is set.
  local last=$! family=
  [[ $last != "$log_writer" ]] || last=
  # shellcheck disable=SC2086 # any may be empty, and some are lists of process ids
  {
    family=$(descendants_of $sshd $watch $last)
    kill -TERM $family $sshd $watch $last $timer $heartbeat
    has_ended $family $sshd $watch $last || kill -KILL $family $sshd $watch $last
    has_ended $log_writer
  } || true
}

# has_ended PROCESS…  Waits up to a second for the end of these processes.
has_ended() {
  local tenths
  for ((tenths = 0; tenths < 10; tenths++)); do
    kill -0 "$@" || return 0
    sleep 0.1
  done
  return 1
}

mark_lines
check_owner
check_address
check_idle_end
check_handoff_variables
begin
make_run_dir
fetch_handoff
install_host_key HOST_KEY_ED25519 ssh-ed25519
install_host_key HOST_KEY_ECDSA ecdsa-sha2-nistp256
answer=
install_key "$owner_key"
open_log
start_sshd
await_greeting
delete_handoff
if [[ -n $owner_key ]]; then say_up; else log "pooled: port $port, latest end $LATEST_END, waits for the key of its owner"; fi
watch_handoff &
watch=$!
await_end
end_with_process
