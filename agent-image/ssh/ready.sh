#!/usr/bin/env bash
# Exits 0 the moment sshd greets. The task's second container runs it. It shares sshd's network, but not its files.
# The entrypoint checks the variables. Here a bad one is a port that never greets.
set -uo pipefail

readonly address=${SSHD_LISTEN:-127.0.0.1:${SSH_PORT:-22}}
readonly limit_seconds=120

greets() {
  local greeting
  exec 3<>"/dev/tcp/${address%:*}/${address##*:}" && read -r -t 2 greeting <&3 && [[ $greeting == SSH-2.0-* ]] || return
  printf 'SSH-2.0-ready\r\n' >&3 || true # sshd logs an error for a client that leaves without a greeting of its own
}

# The first process of a container ignores a signal unless it has a trap for it.
trap 'exit 143' TERM

until (greets) 2>/dev/null; do
  if ((SECONDS >= limit_seconds)); then
    echo "bastion: sshd did not greet on $address within $limit_seconds s" >&2
    exit 1
  fi
  sleep 0.05
done
