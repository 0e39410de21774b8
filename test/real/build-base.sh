#!/usr/bin/env bash
# Builds the root file system that every lab host stands on, and publishes it by rename.
# usage: build-base.sh TARGET SUITE MIRROR KEYRING --merged-usr|--no-merged-usr [PACKAGE,…]
# The name of TARGET holds this file's hash, so that an edit here makes a new base.
set -euo pipefail
target=$1 suite=$2 mirror=$3 keyring=$4 layout=$5 more=${6:-}

# The caller looked without the lock; someone may have built it since.
exec 9>"$(dirname "$target")/build.lock"
flock 9
[[ ! -d $target ]] || exit 0
rm -rf --one-file-system "$(dirname "$target")"/.building-*
base=$(dirname "$target")/.building-$$
trap 'rm -rf --one-file-system "$base"' EXIT

# No python, node or curl: what fleet needs on a host is what this list brings.
packages=systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,openssh-server,sudo,busybox
packages+=,iproute2,procps${more:+,$more}
# In a mount namespace of its own, so that a killed build leaves no /proc mounted in its folder.
unshare --mount debootstrap --variant=minbase "$layout" --keyring="$keyring" \
  --include="$packages" "$suite" "$base" "$mirror"

chroot "$base" useradd --create-home --uid 1000 --shell /bin/bash --groups systemd-journal deploy
chroot "$base" usermod --password '*' deploy

# A container has no hardware, and a test has no use for housekeeping: boot takes 0.2 s instead of 2.
# logind is unmasked, and its PAM line put back, for the fleets that ask for user managers.
units=(
  apt-daily-upgrade.timer apt-daily.timer console-getty.service cryptsetup.target
  dev-hugepages.mount dev-mqueue.mount dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service
  fstrim.timer getty.target getty@tty1.service integritysetup.target kmod-static-nodes.service
  proc-sys-fs-binfmt_misc.automount sys-fs-fuse-connections.mount sys-kernel-config.mount
  sys-kernel-debug.mount sys-kernel-tracing.mount systemd-ask-password-console.path
  systemd-ask-password-wall.path systemd-binfmt.service systemd-firstboot.service
  systemd-initctl.socket systemd-journal-flush.service systemd-journald-audit.socket
  systemd-logind.service systemd-machine-id-commit.service systemd-modules-load.service
  systemd-networkd.service systemd-pcrphase-sysinit.service systemd-pcrphase.service
  systemd-pstore.service systemd-random-seed.service systemd-remount-fs.service
  systemd-repart.service systemd-sysctl.service systemd-sysusers.service
  systemd-tmpfiles-clean.timer systemd-tmpfiles-setup-dev.service systemd-udevd.service
  systemd-update-utmp-runlevel.service systemd-update-utmp.service veritysetup.target
)
for unit in "${units[@]}"; do ln -sf /dev/null "$base/etc/systemd/system/$unit"; done
sed -i '/pam_systemd\.so/d' "$base/etc/pam.d/common-session"
rm -f "$base"/etc/update-motd.d/*

mkdir -p "$base/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\n' >"$base/etc/systemd/journald.conf.d/lab.conf"

# Each host gets its own.
rm -f "$base"/etc/ssh/ssh_host_* "$base/var/lib/dbus/machine-id"
: >"$base/etc/machine-id"

rm -rf "$base"/var/cache/apt/* "$base"/var/lib/apt/lists/* "$base"/usr/share/{doc,info,locale,man}
touch "$base/etc/.updated" "$base/var/.updated"
mv "$base" "$target"
