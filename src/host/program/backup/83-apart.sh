# A command of the operator: in a process group of its own, with a limit of time and of output.

# read_command args...: sets COMMAND to the last one.
read_command() {
  COMMAND=
  for arg; do
    case $arg in
      --) break ;;
      command=*) COMMAND=${arg#*=} ;;
    esac
  done
}

# run_apart COMMAND RELEASE FILES: runs it as the login user, in the folder of that release, else in the root, with
# FLEET_BACKUP=FILES, for at most A_timeout_ms. False with APART_END, how it ended, and APART_LAST, its last line.
# What it printed goes to stderr if it failed, else its last lines are notes.
run_apart() {
  tell
  apart_out=$F/apart-$$-$A_txn
  remove .fleet "${apart_out##*/}"
  remove .fleet "${apart_out##*/}.pipe"
  mkfifo -m 600 -- "$apart_out.pipe" && true >"$apart_out" || fail_write "$apart_out"
  # The first of the output as it comes, and the last 16 KiB of the rest. A process that keeps it open does not keep
  # the step.
  { dd bs=4096 count=256 && exec tail -c 16384; } <"$apart_out.pipe" >"$apart_out" 2>/dev/null 6>&- 8<&- 9>&- &
  apart_reader=$!
  apart_group=
  ! command -v setsid >/dev/null || apart_group=setsid
  (
    # As usual for a command: it ends if no one reads it, and speaks the language of the host.
    trap - EXIT PIPE
    unset LC_ALL
    umask 077
    cd_release "$2" || cd -P -- "$R" || exit 126
    export_run "$2"
    FLEET_BACKUP=$3
    export FLEET_BACKUP
    exec $apart_group sh -c "$1"
  ) </dev/null >"$apart_out.pipe" 2>&1 6>&- 8<&- 9>&- &
  apart_pid=$!
  note_apart "$apart_pid"
  await_apart
  await_reader
  apart_text=$(cat "$apart_out" 2>/dev/null)
  remove .fleet "${apart_out##*/}.pipe"
  remove .fleet "${apart_out##*/}"
  tell_apart
}

# export_run RELEASE: what a command may need to know of the run.
export_run() {
  FLEET_APP=$A_app FLEET_RUN=$A_run FLEET_HOST=$A_host FLEET_ROOT=$R FLEET_RELEASE=$1
  FLEET_FROM=$A_from FLEET_TO=$A_to FLEET_KIND=$A_kind
  export FLEET_APP FLEET_RUN FLEET_HOST FLEET_ROOT FLEET_RELEASE FLEET_FROM FLEET_TO FLEET_KIND
}

# await_apart: sets APART_EXIT and APART_END. Looks often at first, since most commands are short.
await_apart() {
  now_ms
  apart_limit=$((NOW + A_timeout_ms)) apart_looks=0 apart_late=
  while process_start "$apart_pid"; do
    now_ms
    if [ "$NOW" -ge "$apart_limit" ]; then
      end_apart
      apart_late=1
      break
    fi
    apart_looks=$((apart_looks + 1))
    if [ "$apart_looks" -lt 40 ]; then nap 0.05; else nap 0.5; fi
  done
  APART_EXIT=0
  # One that not even SIGKILL ends is not waited for.
  process_start "$apart_pid" || wait "$apart_pid" 2>/dev/null || APART_EXIT=$?
  APART_END="ended with exit code $APART_EXIT"
  if [ -n "$apart_late" ]; then
    APART_EXIT=124 APART_END="was ended after $A_timeout_ms ms"
  elif [ "$APART_EXIT" -gt 128 ]; then
    APART_END="was ended by SIG$(kill -l "$APART_EXIT" 2>/dev/null)"
  fi
}

# end_apart: the whole group, in 5 s.
end_apart() {
  end_group TERM "$apart_pid"
  apart_looks=0
  while [ "$apart_looks" -lt 50 ] && process_start "$apart_pid"; do
    nap 0.1
    apart_looks=$((apart_looks + 1))
  done
  end_group KILL "$apart_pid"
}

# end_group SIGNAL PID: without setsid there is no group, and only the process is ended.
end_group() {
  kill "-$1" "-$2" 2>/dev/null || kill "-$1" "$2" 2>/dev/null
}

# await_reader: until the output is complete, for 1 s at most.
await_reader() {
  apart_looks=0
  while [ "$apart_looks" -lt 20 ] && process_start "$apart_reader"; do
    nap 0.05
    apart_looks=$((apart_looks + 1))
  done
}

tell_apart() {
  APART_LAST=
  if [ "$APART_EXIT" -ne 0 ]; then
    APART_LAST=${apart_text##*"$NL"}
    [ -z "$apart_text" ] || printf '%s\n' "$apart_text" >&2 || true
    return 1
  fi
  apart_told=0
  while IFS= read -r apart_line; do
    [ -n "$apart_line" ] && [ "$apart_told" -lt 20 ] || continue
    apart_told=$((apart_told + 1))
    note "$apart_line"
  done <<END
$apart_text
END
}

# take_turn: one backup or restore of this host at a time. A call that was lost may still be at work, and its twin waits
# for it. If only its command is left over, that is ended.
take_turn() {
  [ -d "$F/backups" ] || mkdir -m 700 -- "$F/backups" || fail_write "$F/backups"
  exec 6>>"$F/turn"
  now_ms
  turn_end=$((NOW + ${A_timeout_ms:-0} + 30000))
  until flock -n 6 6>&6 2>/dev/null; do
    now_ms
    [ "$NOW" -lt "$turn_end" ] || fail locked "another backup or restore is still running on this host" 77
    tell
    nap 0.2
  done
  drop_earlier
  [ -s "$F/turn" ] && read -r turn_pid turn_start <"$F/turn" || return 0
  process_start "$turn_pid" && [ "$START" = "$turn_start" ] || return 0
  end_group KILL "$turn_pid"
}

# drop_earlier: what a killed call of this transaction has left; no other is at work.
drop_earlier() {
  for earlier_path in "$F"/apart-*-"$A_txn" "$F"/apart-*-"$A_txn.pipe"; do
    [ ! -e "$earlier_path" ] || remove .fleet "${earlier_path##*/}"
  done
  for earlier_path in "$F"/backups/.tmp-*-"$A_txn"; do
    [ ! -e "$earlier_path" ] || remove .fleet/backups "${earlier_path##*/}"
  done
}

# note_apart PID: so that a later call finds a command that is left over.
note_apart() {
  process_start "$1" && printf '%s\n' "$1 $START" >"$F/turn" || true
}

leave_turn() {
  exec 6>&-
}
