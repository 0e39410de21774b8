# The dead-man's switch: a timer that takes the host back, unless its transaction is confirmed in
# time. It is what systemd or a waiting process starts: `step revert txn=... guard=1`, as this user.

# arm_switch NAME args...: writes down what the way back needs, starts the switch as A_switch says, and
# sets S_switch to how it is found again, S_boot and S_deadline. False with SWITCH_ERROR.
arm_switch() {
  switch_unit=$1
  shift
  SWITCH_ERROR=
  write_recipe "$@"
  case $A_switch in
    off) S_switch=off ;;
    process) start_waiting || return 1 ;;
    system | user)
      # One of this name is the same switch, whose start was not heard of; it fires the sooner.
      start_timer || is_timer_active "$A_switch" "$switch_unit.timer" || return 1
      S_switch=$A_switch:$switch_unit
      ;;
  esac
  uptime_seconds
  read_boot
  S_boot=$BOOT S_deadline=$((UP + (A_within_ms + 999) / 1000)) S_program=${0##*/}
}

# Arguments are what a sudoers line names; --collect leaves nothing behind, however it ends. The user
# comes first: sudo matches arguments joined by blanks, so whatever stands before it could be cut in
# such a way that it holds the user, and then root would run what follows.
start_timer() {
  read_timer_user
  set -- "--uid=$TIMER_USER" --quiet --collect "--unit=$switch_unit" "--on-active=${A_within_ms}ms" \
    --timer-property=AccuracySec=100ms /bin/sh "$F/bin/${0##*/}" step revert "root=$R" \
    "txn=$A_txn" guard=1
  case $A_switch:$MY_UID in
    user:*)
      shift
      SWITCH_ERROR=$(as_user systemd-run --user "$@" 2>&1 </dev/null 8<&- 9>&-)
      ;;
    *:0) SWITCH_ERROR=$(systemd-run "$@" 2>&1 </dev/null 8<&- 9>&-) ;;
    *) SWITCH_ERROR=$(sudo -n systemd-run "$@" 2>&1 </dev/null 8<&- 9>&-) ;;
  esac
}

# read_timer_user: sets TIMER_USER, who the timer's program runs as: this user by the name that the
# bastion knows, which is what its sudoers line has, or by number where it gave none that is his.
read_timer_user() {
  read_uid
  TIMER_USER=$MY_UID
  ! is_my_login || TIMER_USER=$A_login
}

# as_user COMMAND...: with the way to the login user's systemd.
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

# start_waiting: a process of its own group, so that all of it can be ended. The session that
# started it may go; whether logind then ends it is a matter of KillUserProcesses, see facts.
start_waiting() {
  # Whole seconds: a sleep that knows no fraction would end at once, and the way back begin.
  waiting_for=$(((A_within_ms + 999) / 1000))
  waiting_group=
  ! command -v setsid >/dev/null || waiting_group=setsid
  # The group has its descriptors closed before the command: yash waits for a command in a process of its
  # own, which would keep the lock.
  # shellcheck disable=SC2016 # for the process, which has its own arguments
  {
    exec $waiting_group /bin/sh -c 'cd /; sleep "$1"; shift; exec "$@"' fleet-switch "$waiting_for" \
      /bin/sh "$F/bin/${0##*/}" step revert "root=$R" "txn=$A_txn" guard=1
  } </dev/null >/dev/null 2>&1 7<&- 8<&- 9>&- &
  waiting_pid=$!
  S_switch=
  SWITCH_ERROR='no process was started'
  process_start "$waiting_pid" && S_switch=process:$waiting_pid:$START
}

# process_start PID|self: sets START to when a process was started, in ticks since the boot, and
# SELF_PID to its id; with the id it names one process for ever.
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

# is_armed ACTIVE: whether the switch waits right now; ACTIVE is what systemctl has just said of
# the timer, where it was asked together with the units.
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

# decide PHASE [key=value...]: the end of a transaction, after which its switch finds nothing to do.
# That is what disarms it: a timer is left to elapse, since stopping one costs as much as all else
# that a confirmation does, and a right more. A process is ended, but not by itself.
decide() {
  decided_switch=$A_guard:$S_switch
  S_switch='' S_deadline=0
  note_phase "$@" switch= deadline=0
  sync_state "$R" "$F/releases"
  end_switch "$decided_switch"
}

# end_switch GUARD:TIER:HANDLE
end_switch() {
  case $1 in
    0:process:*) end_waiting "${1#0:process:}" ;;
  esac
}

# write_recipe args...: what a revert without a controller has to know. A file of one name, for no
# transaction is armed while another one is open, and to delete one would cost a process.
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
