#!/usr/bin/env bash
# Removes everything of one lab fleet, judged by what is there and not by what anyone remembers.
# usage: teardown.sh [--guard] SLOT OWNER
# OWNER is the line in the slot's owner file: once another fleet has the slot, this is a no-op.
# With --guard, waits for the end of stdin first: the owner holds the other end until it dies.
set -uo pipefail

if [[ $1 == --guard ]]; then
  shift
  trap '' HUP INT TERM
  cat >/dev/null
fi
slot=$1 owner=$2
home=/var/lib/fleet-lab
dir=$home/$slot
prefix=flab$slot

main() {
  exec 9<"$home/$slot.owner" || return 0
  flock 9
  # Whoever had the lock before may have removed the fleet, and the slot may be taken again.
  [[ $(cat "$home/$slot.owner" 2>/dev/null) == "$owner" ]] || return 0
  kill_processes
  remove_locks
  unmount_all
  remove_network
  remove_cgroups
  rm -rf --one-file-system /run/systemd/nspawn/{propagate,unix-export}/"${prefix}"h* "$dir"
  local left
  left=$(leftovers)
  if [[ -n $left ]]; then
    printf 'fleet-lab: slot %s still has:\n%s\n' "$slot" "$left" >&2
    return 1
  fi
  rm -f "$home/$slot.owner"
}

cgroups() {
  local root
  for root in /sys/fs/cgroup/{systemd/,unified/,}fleet-lab/"$slot"; do
    [[ ! -d $root ]] || echo "$root"
  done
}

# cgroup.kill ends a whole tree at once; a container cannot fork its way out of it.
kill_processes() {
  local group try
  for group in $(cgroups); do
    [[ ! -e $group/cgroup.kill ]] || echo 1 >"$group/cgroup.kill"
  done
  for ((try = 0; try < 200; try++)); do
    [[ -n $(processes) ]] || return 0
    sleep 0.05
  done
}

processes() {
  local group
  for group in $(cgroups); do
    find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null
  done
}

# A killed nspawn leaves its lock, which is named by the root folder's device and inode.
remove_locks() {
  local lock
  while read -r lock; do
    rm -f "/run/systemd/nspawn/locks/inode-$lock"
  done < <(stat -c %d:%i "$dir"/h*/root 2>/dev/null)
}

mounts() {
  awk -v dir="$dir" '$5 == dir || index($5, dir "/") == 1 { print $5 }' /proc/self/mountinfo
}

# The kernel frees the mounts of a dead namespace a moment after its last process.
unmount_all() {
  local try mount
  for ((try = 0; try < 40; try++)); do
    while read -r mount; do umount "$mount" 2>/dev/null; done < <(mounts | tac)
    [[ -n $(mounts) ]] || return 0
    sleep 0.05
  done
  while read -r mount; do umount --lazy "$mount"; done < <(mounts | tac)
}

namespaces() {
  find /run/netns -maxdepth 1 -name "${prefix}h*" -printf '%f\n' 2>/dev/null
}

links() {
  find /sys/class/net -maxdepth 1 \( -name "$prefix" -o -name "${prefix}h*" \) -printf '%f\n'
}

remove_network() {
  local name
  for name in $(namespaces); do echo "netns delete $name"; done | ip -force -batch - 2>/dev/null
  for name in $(links); do echo "link delete $name"; done | ip -force -batch - 2>/dev/null
}

remove_cgroups() {
  local group
  for group in $(cgroups); do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
    rmdir "$(dirname "$group")" 2>/dev/null
  done
}

leftovers() {
  processes | sed 's/^/process /'
  mounts | sed 's/^/mount /'
  namespaces | sed 's/^/netns /'
  links | sed 's/^/link /'
  cgroups | sed 's/^/cgroup /'
  [[ ! -e $dir ]] || echo "folder $dir"
}

main
