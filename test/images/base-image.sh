#!/usr/bin/env bash
# Makes sure that Docker has the image bastion-base:trixie, from which the tests build the agents' images: the base of the
# Dockerfiles where its registry answers, and else a Debian of the same release from the package mirror of this machine.
# `docker rmi bastion-base:trixie` makes the next run fetch a new one.
set -euo pipefail

readonly image=bastion-base:trixie
readonly registry_image=public.ecr.aws/docker/library/debian:trixie-slim

main() {
  has_image || pull || bootstrap
}

has_image() { docker image inspect "$image" >/dev/null 2>&1; }

pull() {
  timeout 15 docker pull --quiet "$registry_image" >/dev/null 2>&1 && docker tag "$registry_image" "$image"
}

bootstrap() {
  local folder mirror
  if ! command -v debootstrap >/dev/null || [[ $(id -u) != 0 ]]; then
    echo "The registry of $registry_image does not answer, and without it the base image takes debootstrap and root." >&2
    return 1
  fi
  folder=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$folder'" EXIT
  # The mirror of this machine, if it has one. debootstrap has a default of its own.
  # shellcheck disable=SC2016 # apt-get's format
  mirror=$(apt-get indextargets --no-release-info --format '$(SITE)' 2>/dev/null | grep -m 1 -E '/debian/?$' || true)
  debootstrap --variant=minbase trixie "$folder/root" ${mirror:+"$mirror"} >"$folder/log" 2>&1 || {
    tail -n 20 "$folder/log" >&2
    return 1
  }
  rm -f "$folder"/root/var/cache/apt/archives/*.deb
  tar -C "$folder/root" -c . | docker import - "$image" >/dev/null
}

main
