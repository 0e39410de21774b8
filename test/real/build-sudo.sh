#!/usr/bin/env bash
# Builds a root file system of another Debian with its sudo, to judge sudoers lines by: no host boots
# from it. Published by rename, as the name of TARGET holds this file's hash.
# usage: build-sudo.sh TARGET SUITE MIRROR PACKAGE,…
set -euo pipefail
target=$1 suite=$2 mirror=$3 packages=$4

exec 9>"$target.lock"
flock 9
[[ ! -d $target ]] || exit 0
base=$target.building
rm -rf --one-file-system "$base"
# debootstrap has no script of its own for the next release until that is out.
script=/usr/share/debootstrap/scripts/$suite
[[ -e $script ]] || script=/usr/share/debootstrap/scripts/sid
unshare --mount debootstrap --variant=minbase --include="$packages" "$suite" "$base" "$mirror" "$script"
chroot "$base" useradd --create-home --uid 1000 --shell /bin/bash deploy
chroot "$base" usermod --password '*' deploy
rm -rf "$base"/var/cache/apt/* "$base"/var/lib/apt/lists/* "$base"/usr/share/{doc,info,locale,man}
mv "$base" "$target"
