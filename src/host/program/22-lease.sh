# The lease: how long a claim is good without word from its owner, by a clock that nobody sets.

DEFAULT_LEASE=60

# read_boot: sets BOOT, empty where the kernel does not say.
BOOT=
read_boot() {
  [ -z "$BOOT" ] || return 0
  { read -r BOOT </proc/sys/kernel/random/boot_id; } 2>/dev/null
}

# is_rebooted: the open transaction was armed before the last boot, so nothing of it runs any more.
is_rebooted() {
  is_open || return 1
  read_boot
  [ "$BOOT" != "$S_boot" ]
}

refuse_rebooted() {
  ! is_rebooted || fail rebooted "the host was rebooted during its switch"
}

# uptime_seconds: sets UP.
uptime_seconds() {
  IFS=. read -r UP _ </proc/uptime
}

# renew_lease: the owner has just been heard of.
renew_lease() {
  uptime_seconds
  read_boot
  S_lease=${A_lease:-${S_lease:-$DEFAULT_LEASE}} S_renewed=$UP:$BOOT
}

# lease_left: sets LEASE_LEFT to seconds, 0 where it has run out. After a reboot it counts anew.
lease_left() {
  uptime_seconds
  read_boot
  lease_from=${S_renewed%%:*}
  [ "${S_renewed#*:}" = "$BOOT" ] && is_number "$lease_from" || lease_from=0
  is_number "$S_lease" || S_lease=$DEFAULT_LEASE
  LEASE_LEFT=$((lease_from + S_lease - UP))
  [ "$LEASE_LEFT" -gt 0 ] || LEASE_LEFT=0
}

# renew: no fsync, since a power cut ends the lease's boot too.
verb_renew() {
  lock
  own
  renew_lease
  append_state "lease=$S_lease" "renewed=$S_renewed"
  succeed
}

# adopt: takes over what a run has left, as it is; every step of that run's epoch is refused from
# here on. A claim whose lease has not run out is respected, unless forced.
verb_adopt() {
  need owner "$A_owner" epoch "$A_epoch" run "$A_run" txn "$A_txn"
  refuse_unsafe
  lock
  fence_epoch
  if [ "$A_epoch" = "$S_epoch" ]; then
    [ "$S_run" = "$A_run" ] || fail fenced "epoch $A_epoch was given out on this host already" 75
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
