#!/usr/bin/env bash
# Takes the place of a vendor's agent on a machine without it, under the vendor's name (the links beside it). It opens no
# connection. Its output proves that the right activation has arrived, and hides the activation.
set -euo pipefail

readonly name=${0##*/}
readonly mark=${RUN_DIR:-/tmp}/$name.registered

say() { echo "stand-in for $name, the vendor's is not installed here: $*"; }

digest() { printf %s "$1" | { sha256sum 2>/dev/null || shasum -a 256; } | cut -d ' ' -f 1; }

# Prints each word, but of a secret its digest.
shown() {
  local word before='' words=''
  for word; do
    case $before in
      -code | -activationToken) words+=" SHA-256 $(digest "$word")" ;;
      *) words+=" $(printf %q "$word")" ;;
    esac
    before=$word
  done
  echo "$words"
}

if (($# > 0)); then
  say "would run $name$(shown "$@")"
  : >"$mark"
elif [[ -e $mark ]]; then
  say 'registered, and would now dial out'
  exec sleep 2147483647
else
  say 'not registered, so it does not run' >&2
  exit 1
fi
