#!/usr/bin/env bash
# Copies a bastion out of this Debian to an empty folder, which becomes the image: assemble.sh FOLDER.
# It takes the programs below, the libraries that they load, and the files that those read.
set -euo pipefail
shopt -s nullglob

readonly image=$1

# The programs of sshd, of the entrypoint, and of a person on a bastion.
programs=(
  bash curl rsync scp sed sshd ssh-keygen
  cat chmod chown cp cut date dd df du env head id ln ls mkdir mkfifo mktemp mv nice nohup printenv readlink realpath rm setpriv sleep sort stat tail
  tee touch tr uniq wc
)
# These come from busybox, which has them all in half the room of Debian's `ps` and its libraries.
applets=(
  '[' awk base64 basename bunzip2 bzcat bzip2 clear cmp cpio diff dirname echo egrep expr false fgrep find free grep gunzip gzip
  hexdump hostname ip kill less more nc netstat nslookup od patch pidof printf ps pwd reset rev rmdir seq sha1sum
  sha256sum sha512sum strings stty tac tar telnet test time timeout top traceroute true tty uname unxz unzip uptime vi watch wget
  which whoami xargs xxd xz xzcat yes zcat
)

files=(
  /usr/lib/openssh/sshd-{auth,session}
  /etc/{bash.bashrc,debian_version,group,nsswitch.conf,os-release,passwd,profile,services,shadow}
  /etc/ssl/certs/ca-certificates.crt
  /usr/lib/ssl/openssl.cnf
  # glibc loads it when a thread ends early.
  /lib/*/libgcc_s.so.1
  # The usual terminals, for less, top, and bash itself.
  /{usr/share,lib}/terminfo/{a/ansi,d/dumb,l/linux,s/screen{,-256color},t/tmux{,-256color},v/vt100,x/xterm{,-256color}}
)

owners=$(mktemp)

# copy PATH  Copies a file, under this name even if it is a link, with its mode and the libraries that it loads.
copy() {
  local folder copied library
  folder=$(realpath "${1%/*}")
  copied=$image$folder/${1##*/}
  [[ ! -e $copied ]] || return 0
  mkdir -p "${copied%/*}"
  cp -L --preserve=mode,timestamps "$1" "$copied"
  dpkg -S "$(realpath "$1")" >>"$owners" 2>/dev/null || true # a file that the system has made belongs to no package
  for library in $(ldd "$1" 2>/dev/null | grep -o '/[^ ]*'); do copy "$library"; done
}

# Debian's folders of programs and libraries are links to those of /usr.
mkdir -p "$image"/{dev,etc,home,proc,root,run,sys,tmp,usr/{bin,lib,sbin},var/{lib/dpkg,tmp}}
for link in bin lib lib64 sbin; do
  [[ ! -L /$link ]] || ln -s "usr/$link" "$image/$link"
done

for program in busybox "${programs[@]}"; do copy "$(type -P "$program")"; done
for file in "${files[@]}"; do [[ ! -f $file ]] || copy "$file"; done
ln -s bash "$image/usr/bin/sh"
mapfile -t known < <(busybox --list)
for applet in "${applets[@]}"; do
  [[ " ${known[*]} " == *" $applet "* ]] || { echo "busybox: got no applet $applet, expected one" >&2; exit 1; }
  ln -s busybox "$image/usr/bin/$applet"
done
cp -r --preserve=mode /agent "$image/agent"
rm "$image/agent/ssh/assemble.sh"
find "$image" -xdev -type f -perm /6000 -exec chmod a-s {} +

# A scanner reads the versions of the packages here. Of a package that gave one file, the whole entry stands here.
cut -d: -f1 "$owners" | sort -u | xargs dpkg-query -s >"$image/var/lib/dpkg/status"
