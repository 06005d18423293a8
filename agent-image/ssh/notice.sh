# shellcheck shell=bash disable=SC2154 # entrypoint.sh sets sshd and the login
# Notices: lines for the terminals of those who are logged in. entrypoint.sh sources this file. It keeps to bash 3.2.

# Characters of a notice at most.
readonly notice_length=200
# Seconds for the writing of a notice. A person may have stopped the output of a terminal, or keep the processor busy.
readonly notice_seconds=5

# tell TEXT  Writes one line to every terminal of the bastion's sessions. One that takes no output in time goes without it.
tell() {
  local LC_ALL=C line=${1:0:notice_length} terminal niceness second identity=() writers=()
  line=${line//[^ -~]/?}
  [[ -z ${SSH_LOGIN:-} ]] ||
    identity=(setpriv --reuid "$(id -u "$login")" --regid "$(id -g "$login")" --clear-groups --no-new-privs)
  for terminal in $(terminals); do
    write_line "/dev/$terminal" "$line" </dev/null >/dev/null 2>&1 &
    writers+=($!)
  done
  log "notice to ${#writers[@]} terminals: $line"
  ((${#writers[@]} > 0)) || return 0
  for ((second = 0; second < notice_seconds; second++)); do
    ! has_ended "${writers[@]}" || return 0
  done 2>/dev/null
  { kill -KILL "${writers[@]}" && has_ended "${writers[@]}"; } 2>/dev/null || true
}

# Prints the terminals of sshd's sessions. sshd writes them into the command line of each connection's process, `user@pts/0,pts/1`.
# A login may forge such a line, and reaches with it what it could write to by itself.
terminals() {
  local family pid title pattern='^sshd(-session)?: .*@((pts/|tty)[a-z0-9]+(,(pts/|tty)[a-z0-9]+)*)$'
  family=" $(descendants_of "$sshd")"
  while read -r pid title; do
    [[ $family != *" $pid "* || ! $title =~ $pattern ]] || echo "${BASH_REMATCH[2]//,/ }"
  done < <(COLUMNS=2000 ps -A -o pid,args)
}

# write_line FILE LINE  Runs as the login and with its limits, and takes neither a variable nor an open file along.
write_line() {
  limit_sessions
  # shellcheck disable=SC2016 # the variables of the shell that it starts
  exec nice -n "$niceness" env -i "PATH=$PATH" ${identity[@]+"${identity[@]}"} \
    bash -c '[[ -c $1 ]] && printf "\r\n%s\r\n" "$2" >"$1"' bash "$1" "$2"
}
