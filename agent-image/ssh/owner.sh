# shellcheck shell=bash disable=SC2034,SC2154 # entrypoint.sh and watch.sh share these variables
# The owner of the bastion: the person with the authorized key. entrypoint.sh sources this file. It keeps to bash 3.2.

# The authorized key. Empty while the bastion is pooled.
owner_key=

# The key comes with the variables, or by a second handoff item.
check_owner() {
  case ${POOLED:-} in
    '')
      check_key 64 "${AUTHORIZED_KEY:-}"
      owner_key=$AUTHORIZED_KEY
      ;;
    true)
      [[ -z ${AUTHORIZED_KEY:-} ]] ||
        fail 64 "AUTHORIZED_KEY: got $(shown "$AUTHORIZED_KEY") beside POOLED, expected one of the two"
      ;;
    *) fail 64 "POOLED: got $(shown "$POOLED"), expected true, or no such variable" ;;
  esac
}

# check_key CODE KEY  Sets `fingerprint`. Ends the container with this code if the key can't be used.
check_key() {
  local types='ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com'
  # A type in front leaves no room for options, which could run a command of their own.
  if [[ ! $2 =~ ^($types)' ' || $2 =~ [[:cntrl:]] ]] || ! fingerprint=$(ssh-keygen -l -f - <<<"$2" 2>/dev/null); then
    fail "$1" "AUTHORIZED_KEY: got $(shown "$2"), expected one OpenSSH public key on one line, without options in front"
  fi
}

# install_key KEY  Makes this the one authorized key; none if it is empty. sshd never sees a part of it.
install_key() {
  local file=$run_dir/authorized_keys
  rm -f "$file.new"
  printf '%s\n' "$1" >"$file.new"
  chmod 644 "$file.new"
  mv -f "$file.new" "$file"
}

# take_key KEY  Makes the sender of this key the owner, once.
take_key() {
  check_key 65 "$1"
  if [[ -z $owner_key ]]; then
    install_key "$1"
    owner_key=$1
  elif [[ $1 != "$owner_key" ]]; then
    fail 65 "AUTHORIZED_KEY: got $(shown "$1") in the handoff, expected the key of the owner that the bastion already has"
  fi
}

say_up() {
  is_up=yes
  log "up: login $login, port $port, latest end $LATEST_END, key $fingerprint"
}
