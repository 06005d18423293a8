#!/usr/bin/env bash
# Runs sshd for one public key until its latest end, SIGTERM, or sshd's own death. README.md is the contract.
# The script keeps to bash 3.2, the version of macOS.
set -euo pipefail
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

readonly here=${BASH_SOURCE[0]%/*}
readonly run_dir=${RUN_DIR:-/var/lib/bastion}
readonly port=${SSH_PORT:-22}

log() { echo "bastion: $*"; }

fail() {
  echo "bastion: $*" >&2
  exit 64
}

# Prints a value as one short line.
shown() { printf '%q' "${1:0:80}"; }

is_port() { [[ $1 =~ ^[1-9][0-9]{0,4}$ ]] && ((10#$1 <= 65535)); }

check_authorized_key() {
  local key=${AUTHORIZED_KEY:-} types
  types='ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com'
  # A type in front leaves no room for options, which could run a command of their own.
  if [[ ! $key =~ ^($types)' ' || $key =~ [[:cntrl:]] ]] || ! fingerprint=$(ssh-keygen -l -f - <<<"$key" 2>/dev/null); then
    fail "AUTHORIZED_KEY: got $(shown "$key"), expected one OpenSSH public key on one line, without options in front"
  fi
}

check_latest_end() {
  local end=${LATEST_END:-}
  if [[ ! $end =~ ^[1-9][0-9]{0,10}$ ]] || ! ((seconds_left = end - $(date +%s), seconds_left > 0)); then
    fail "LATEST_END: got $(shown "$end"), expected a moment to come, in seconds since 1970"
  fi
}

check_address() {
  is_port "$port" || fail "SSH_PORT: got $(shown "$port"), expected a port from 1 to 65535"
  local listen=${SSHD_LISTEN:-}
  if [[ -z $listen ]]; then
    where=(-o "Port=$port")
  elif [[ $listen =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}:[0-9]+$ ]] && is_port "${listen##*:}"; then
    where=(-o "ListenAddress=$listen")
  else
    fail "SSHD_LISTEN: got $(shown "$listen"), expected an IPv4 address and a port, such as 127.78.0.2:2222"
  fi
}

make_host_key() {
  { mkdir -p "$run_dir" && chmod 700 "$run_dir"; } 2>/dev/null ||
    fail "RUN_DIR: got $(shown "$run_dir"), expected a directory that $(id -un) may make private"
  rm -f "$run_dir/host_key" "$run_dir/host_key.pub"
  ssh-keygen -q -t ed25519 -N '' -C '' -f "$run_dir/host_key"
}

# Prints a path as one word of sshd's configuration, which splits at blanks.
quoted() {
  local path=${1//\\/\\\\}
  printf '"%s"' "${path//\"/\\\"}"
}

# Prints a login as a pattern of AllowUsers. There `@` starts a host, and `*` and `!` mean more than themselves, so `?` stands
# for each such byte.
login_pattern() {
  local LC_ALL=C login=$1
  printf %s "${login//[^A-Za-z0-9._-]/?}"
}

start_sshd() {
  (umask 077 && printf '%s\n' "$AUTHORIZED_KEY" >"$run_dir/authorized_keys")
  # sshd re-executes itself and therefore wants its absolute path. AuthorizedKeysFile expands `%`.
  "$(command -v sshd)" -D -e -f "$here/sshd_config" "${where[@]}" -o PidFile=none \
    -o "HostKey=$(quoted "$run_dir/host_key")" \
    -o "AuthorizedKeysFile=$(quoted "${run_dir//%/%%}/authorized_keys")" \
    -o "AllowUsers=$(login_pattern "$(id -un)")" &
  sshd=$!
}

descendants_of() {
  local child
  for child in $(pgrep -P "$1"); do
    echo "$child"
    descendants_of "$child"
  done
}

# A container's processes die with its first one. A plain process must end its own. sshd ends without its sessions, and
# afterwards they are no longer its children, so the script lists them first.
end() {
  trap '' TERM INT USR1 PIPE
  log "$2" || true # the reader of the log may be gone
  local sessions others
  sessions=$(descendants_of "$sshd")
  others="$sshd $timer $(descendants_of "$timer")"
  # shellcheck disable=SC2086 # lists of process ids
  {
    kill -TERM $sessions $others
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      kill -0 $sessions || break
      sleep 0.1
    done
    kill -KILL $sessions $others
  } 2>/dev/null || true
  exit "$1"
}

check_authorized_key
check_latest_end
check_address
make_host_key
start_sshd
# bash runs a trap at once during `wait`, and only at its end during a command. Hence the sleep in the background.
(sleep "$seconds_left" && kill -USR1 $$) &
timer=$!
trap 'end 0 "ended by a signal"' TERM INT
trap 'end 0 "ended: the latest end has come"' USR1

log "login $(id -un), latest end $LATEST_END, key $fingerprint"
code=0
wait "$sshd" || code=$?
end 1 "ended: sshd exited with code $code"
