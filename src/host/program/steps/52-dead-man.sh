# The dead-man timer: rolls the host back unless its transaction is confirmed in time. systemd or a waiting
# process runs `step revert txn=... guard=1`, as this user.

# arm_timer NAME args...: writes down what the rollback needs, starts the timer as A_switch says, and sets
# S_switch (how to find it again), S_boot and S_deadline. False with TIMER_ERROR.
arm_timer() {
  timer_unit=$1
  shift
  TIMER_ERROR=
  write_recipe "$@"
  case $A_switch in
    off) S_switch=off ;;
    process) start_waiting || return 1 ;;
    system | user)
      # A timer of this name is the same one, whose start was not answered; it fires sooner.
      start_timer || is_timer_active "$A_switch" "$timer_unit.timer" || return 1
      S_switch=$A_switch:$timer_unit
      ;;
  esac
  uptime_seconds
  read_boot
  S_boot=$BOOT S_deadline=$((UP + (A_within_ms + 999) / 1000)) S_program=${0##*/}
}

# The arguments are in a sudoers line; --collect leaves nothing behind. The user comes first: sudo matches
# arguments joined by blanks, so an argument before it could be cut so that it contains the user, and the
# command would then run as root.
start_timer() {
  read_timer_user
  set -- "--uid=$TIMER_USER" --quiet --collect "--unit=$timer_unit" "--on-active=${A_within_ms}ms" \
    --timer-property=AccuracySec=100ms /bin/sh "$F/bin/${0##*/}" step revert "root=$R" \
    "txn=$A_txn" guard=1
  case $A_switch:$MY_UID in
    user:*)
      shift
      TIMER_ERROR=$(as_user systemd-run --user "$@" 2>&1 </dev/null 8<&- 9>&-)
      ;;
    *:0) TIMER_ERROR=$(systemd-run "$@" 2>&1 </dev/null 8<&- 9>&-) ;;
    *) TIMER_ERROR=$(sudo -n systemd-run "$@" 2>&1 </dev/null 8<&- 9>&-) ;;
  esac
}

# read_timer_user: sets TIMER_USER, the user of the timer's program: this user by the name that the bastion
# has in its sudoers line, or by number if that name is not this user's.
read_timer_user() {
  read_uid
  TIMER_USER=$MY_UID
  ! is_my_login || TIMER_USER=$A_login
}

# as_user COMMAND...: with the bus of the login user's systemd.
as_user() {
  read_uid
  (
    XDG_RUNTIME_DIR=/run/user/$MY_UID
    export XDG_RUNTIME_DIR
    exec "$@"
  )
}

is_timer_active() {
  case $1 in
    user) as_user systemctl --user -q is-active "$2" </dev/null 8<&- 9>&- ;;
    *) systemctl -q is-active "$2" </dev/null 8<&- 9>&- ;;
  esac
}

# start_waiting: a process group of its own, so that all of it can be ended. The session that started it
# may end; whether logind then ends the group depends on KillUserProcesses, see facts.
start_waiting() {
  # Whole seconds: a sleep without fractions would end at once and start the rollback.
  waiting_for=$(((A_within_ms + 999) / 1000))
  waiting_group=
  ! command -v setsid >/dev/null || waiting_group=setsid
  # The descriptors are closed for the group: yash waits for a command in a process of its own, which would
  # keep the lock.
  # shellcheck disable=SC2016 # for the process, which has its own arguments
  {
    exec $waiting_group /bin/sh -c 'cd /; sleep "$1"; shift; exec "$@"' fleet-switch "$waiting_for" \
      /bin/sh "$F/bin/${0##*/}" step revert "root=$R" "txn=$A_txn" guard=1
  } </dev/null >/dev/null 2>&1 7<&- 8<&- 9>&- &
  waiting_pid=$!
  S_switch=
  TIMER_ERROR='no process was started'
  process_start "$waiting_pid" && S_switch=process:$waiting_pid:$START
}

# process_start PID|self: sets START to the start of a process, in ticks since the boot, and SELF_PID to
# its id. Both together identify a process until the next boot.
process_start() {
  START='' SELF_PID=''
  { read -r start_line <"/proc/$1/stat"; } 2>/dev/null || return 1
  SELF_PID=${start_line%% *}
  start_line=${start_line##*) }
  # shellcheck disable=SC2086 # numbers and one letter
  set -- $start_line
  [ $# -ge 20 ] && [ "$1" != Z ] || return 1
  shift 19
  START=$1
}

# is_armed ACTIVE: whether the timer is running now; ACTIVE is what systemctl said of it, if it was asked
# together with the units.
is_armed() {
  case $S_switch in
    off) return 0 ;;
    process:*)
      armed_pid=${S_switch#*:}
      process_start "${armed_pid%%:*}" && [ "$START" = "${armed_pid#*:}" ]
      ;;
    "$A_scope":?*) [ "$1" = active ] ;;
    user:?* | system:?*) is_timer_active "${S_switch%%:*}" "${S_switch#*:}.timer" ;;
    *) return 1 ;;
  esac
}

# end_waiting PID:START
end_waiting() {
  process_start "${1%%:*}" && [ "$START" = "${1#*:}" ] || return 0
  kill -TERM "-${1%%:*}" 2>/dev/null || kill -TERM "${1%%:*}" 2>/dev/null
}

# settle PHASE [key=value...]: the end of a transaction, after which its timer finds nothing to do. A
# systemd timer is left to elapse: stopping it costs as much as a whole confirmation, and one more sudo
# right. A waiting process is ended, but not by itself.
settle() {
  settled_timer=$A_guard:$S_switch
  S_switch='' S_deadline=0
  note_phase "$@" switch= deadline=0
  sync_state "$R" "$F/releases"
  end_timer "$settled_timer"
}

# end_timer GUARD:TIER:HANDLE
end_timer() {
  case $1 in
    0:process:*) end_waiting "${1#0:process:}" ;;
  esac
}

# write_recipe args...: what a revert without a controller needs. One file name for all transactions, since
# only one is open at a time and a delete costs a process.
write_recipe() {
  for arg; do
    case $arg in
      --) break ;;
      txn=* | unit=* | scope=* | action=* | min_healthy_ms=* | deadline_ms=* | http=* | tcp=* | \
        command=*)
        printf '%s\n' "$arg"
        ;;
    esac
  done >"$F/recipe" || fail_write "$F/recipe"
}
