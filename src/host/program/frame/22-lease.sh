# The lease: how long a claim lasts without a sign of life of its owner, by the monotonic clock.

DEFAULT_LEASE=60

# read_boot: sets BOOT, empty if the kernel does not tell.
BOOT=
read_boot() {
  [ -z "$BOOT" ] || return 0
  { read -r BOOT </proc/sys/kernel/random/boot_id; } 2>/dev/null
}

# is_rebooted: the open transaction was armed before the last boot, so none of its processes run.
is_rebooted() {
  is_open || return 1
  read_boot
  [ "$BOOT" != "$S_boot" ]
}

refuse_rebooted() {
  ! is_rebooted || fail rebooted "the host was rebooted during activation"
}

# uptime_seconds: sets UP.
uptime_seconds() {
  IFS=. read -r UP _ </proc/uptime
}

# renew_lease: the owner has just sent a step.
renew_lease() {
  uptime_seconds
  read_boot
  S_lease=${A_lease:-${S_lease:-$DEFAULT_LEASE}} S_renewed=$UP:$BOOT
}

# lease_left: sets LEASE_LEFT to seconds, 0 if it has expired. After a reboot it starts again.
lease_left() {
  uptime_seconds
  read_boot
  lease_from=${S_renewed%%:*}
  [ "${S_renewed#*:}" = "$BOOT" ] && is_number "$lease_from" || lease_from=0
  is_number "$S_lease" || S_lease=$DEFAULT_LEASE
  LEASE_LEFT=$((lease_from + S_lease - UP))
  [ "$LEASE_LEFT" -gt 0 ] || LEASE_LEFT=0
}

# renew: no fsync, since a power cut ends the lease too.
verb_renew() {
  lock
  own
  renew_lease
  append_state "lease=$S_lease" "renewed=$S_renewed"
  succeed
}

# adopt: takes over an unfinished host as it is, and fences the older run. A lease that has not expired is
# respected, unless forced.
verb_adopt() {
  need owner "$A_owner" epoch "$A_epoch" run "$A_run" txn "$A_txn"
  refuse_unsafe
  lock
  fence_epoch
  if [ "$A_epoch" = "$S_epoch" ]; then
    [ "$S_run" = "$A_run" ] || fail fenced "epoch $A_epoch was already used on this host" 75
    repeated
    return
  fi
  if [ -n "$S_run" ]; then
    [ "$S_run" = "$A_run" ] || [ "$S_run" = "$A_over" ] || refuse_claimed ''
    lease_left
    [ "$A_force" = 1 ] || [ "$LEASE_LEFT" = 0 ] || refuse_claimed ", whose lease has $LEASE_LEFT s left,"
  fi
  S_epoch=$A_epoch S_run=$A_run S_owner=$A_owner
  renew_lease
  save_state "$S_phase"
  succeed
}
