# Serving: which release a unit's process runs, and how that is known. Empty if it cannot be told.

# read_serving: of the unit in U_*, with `current` read. Sets SERVING, and SERVING_BY to
#   process     its cwd or exe lies in that release
#   record      it is the process that fleet verified on that release
#   start-time  it was started after `current` was last moved, and so runs its target
# PENDING: it was started before that. RESTARTED: it is not the process that fleet verified.
read_serving() {
  SERVING='' SERVING_BY='' PENDING=false RESTARTED=false AGE=''
  [ "$U_pid" -gt 0 ] || return 0
  serving "$U_pid"
  [ -z "$SERVING" ] || SERVING_BY=process
  if known_identity "$S_baseline" "$U_name" && [ "$K_pid" != 0 ]; then
    if same_process; then serving_by_record; else RESTARTED=true; fi
  fi
  if [ -z "$SERVING" ]; then
    serving_by_start
  elif [ "$CUR_KIND" != absent ] && [ "$SERVING" != "$CUR" ]; then
    # The unit file itself may name a release; then a restart would change nothing.
    [ "$SERVING_BY" = record ] || compare_start
    [ "$AGE" = newer ] || PENDING=true
  fi
  # A reload starts no process, so a process older than `current` is correct.
  has_restart || PENDING=false
}

# serving_by_record: systemd never reuses an invocation id, so this holds across a reboot.
serving_by_record() {
  if [ -z "$SERVING$S_runs" ] || [ -n "$SERVING" ] || [ "$U_invocation" = - ]; then return; fi
  ! has_restart || SERVING=$S_runs SERVING_BY=record
}

serving_by_start() {
  compare_start
  case $AGE:$CUR_KIND in
    newer:link) SERVING=$CUR SERVING_BY=start-time ;;
    older:*) PENDING=true ;;
  esac
}

has_restart() {
  case $A_action in restart | stop-start) ;; *) return 1 ;; esac
}

# note_runs ID: the processes of the baseline were started from ID.
note_runs() {
  S_runs=
  ! has_restart || S_runs=$1
}

# compare_start: sets AGE to `newer` if the process was started after `current` was last moved, `older` if
# before, empty if unknown. Two sources are compared, and if they differ the clock was set: the age of the
# process in kernel ticks, and the link that systemd makes at each start of a unit, whose time is from the
# same clock as that of `current`.
compare_start() {
  AGE=
  read_stamps
  [ -n "$LINK_MADE" ] || return 0
  find_invocation
  compare_invocation
  process_age
  compare_process
  case $by_ticks:$by_invocation in
    newer:older | older:newer) ;;
    :*) AGE=$by_invocation ;;
    *) AGE=$by_ticks ;;
  esac
}

compare_invocation() {
  by_invocation=
  if [ -z "$INVOCATION_AGE" ]; then return; fi
  if [ "$INVOCATION_AGE" -gt "$LINK_MADE" ]; then
    by_invocation=older
  elif [ "$INVOCATION_AGE" -le "$LINK_MOVED" ]; then
    by_invocation=newer
  fi
}

# compare_process: a tie means the usual order: first the link, then the restart.
compare_process() {
  by_ticks=
  if [ -z "$PROCESS_AGE" ]; then return; fi
  if [ "$PROCESS_AGE" -gt $((LINK_MADE + STAMP_SLACK)) ]; then
    by_ticks=older
  elif [ "$PROCESS_AGE" -lt $((LINK_MOVED - STAMP_SLACK)) ]; then
    by_ticks=newer
  elif [ -z "$by_invocation" ] && [ "$PROCESS_AGE" -le $((LINK_MOVED + STAMP_SLACK)) ]; then
    by_ticks=newer
  fi
}
