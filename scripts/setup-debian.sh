#!/usr/bin/env bash
# Installs the Debian packages which the tests need. Does nothing, quickly, when all are there.
set -euo pipefail

# The servers and systemd-container are here for their programs: tests start their own daemons.
packages=(
  ansible-core busybox-static capistrano debootstrap iproute2 libarchive-tools mariadb-server mksh
  openssh-client openssh-server postgresql procps python3-aiosmtpd redis-server ruby-bcrypt-pbkdf
  ruby-ed25519 shellcheck sudo systemd-container toybox util-linux yash zstd
)
exec bash "$(dirname "$0")/install-packages.sh" "${packages[@]}"
