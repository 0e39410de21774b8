# A command of the user: apart from the step, in a session of its own, with a limit of time and of output. Hooks,
# backups and restores of a host take turns, so two of their commands never run at once.

# take_turn MS: waits for the step that has the turn, which may be the lost twin of this one. Descriptor 7 has it until
# leave_turn or the end of this process.
take_turn() {
  tell
  command exec 9>>"$F/turn" || fail_write "$F/turn"
  take_flock "$(($1 / 1000 + 10))" ||
    fail step_failed 'a hook, backup or restore of an earlier call is still running on this host'
  exec 7>&9 9>&-
  clear_turn
  # Until the command itself has written who it is.
  printf 'taken\n' >"$F/turn" || fail_write "$F/turn"
}

# leave_turn: empties the file, so that the next claim need not ask who has it.
leave_turn() {
  true >"$F/turn"
  exec 7>&-
}

# clear_turn: ends the command of a step that was killed, and deletes its files.
clear_turn() {
  read_boot
  ! read -r turn_boot turn_pid turn_start <"$F/turn" || [ "$turn_boot" != "$BOOT" ] ||
    ! process_start "$turn_pid" || [ "$START" != "$turn_start" ] || end_apart "$turn_pid"
  remove .fleet apart.pipe
  remove .fleet apart.out
}

# run_apart MS FUNCTION args...: FUNCTION enters a folder and becomes the command by `exec $APART_GROUP`. Sets APART_EXIT,
# `timeout` if it was ended after MS, and leaves what it printed in .fleet/apart.out: the first 240 KB and the last 8.
run_apart() {
  tell
  apart_limit=$1
  shift
  mkfifo -m 600 -- "$F/apart.pipe" 2>/dev/null && true >"$F/apart.out" || fail_write "$F/apart.pipe"
  exec 6<"$F/apart.out"
  # A process that keeps the output open is read on, so that it does not end when it prints.
  { dd bs=1024 count=240; exec tail -c 8192; } <"$F/apart.pipe" >>"$F/apart.out" 2>/dev/null 6<&- 7>&- 8<&- 9>&- &
  apart_reader=$!
  enter_apart "$@" </dev/null >"$F/apart.pipe" 2>&1 6<&- 7>&- 8<&- 9>&- &
  apart_pid=$!
  pass_left=200 pass_rest=
  await_apart
  await_output
  exec 6<&-
  remove .fleet apart.pipe
}

# enter_apart FUNCTION args...: SIGPIPE and the language are the usual ones for it.
enter_apart() {
  trap - EXIT PIPE
  ! process_start self || printf '%s\n' "$BOOT $SELF_PID $START" >"$F/turn"
  unset LC_ALL
  APART_GROUP=
  ! command -v setsid >/dev/null || APART_GROUP=setsid
  "$@"
}

# await_apart: waits for the command itself, not for what it leaves behind. Looks often at first, since most are short.
await_apart() {
  APART_EXIT=0
  now_ms
  apart_end=$((NOW + apart_limit)) apart_pause=0.02
  while process_start "$apart_pid"; do
    now_ms
    if [ "$NOW" -ge "$apart_end" ]; then
      end_apart "$apart_pid"
      APART_EXIT=timeout
      return
    fi
    pass_lines
    nap "$apart_pause"
    case $apart_pause in 0.02) apart_pause=0.1 ;; *) apart_pause=0.3 ;; esac
  done
  wait "$apart_pid" 2>/dev/null || APART_EXIT=$?
}

# end_apart PID: its whole group, politely at first. One that not even SIGKILL ends is not waited for.
end_apart() {
  kill -TERM "-$1" 2>/dev/null || kill -TERM "$1" 2>/dev/null
  end_looks=0
  while process_start "$1" && [ "$end_looks" -lt 50 ]; do
    nap 0.1
    end_looks=$((end_looks + 1))
  done
  kill -KILL "-$1" 2>/dev/null || kill -KILL "$1" 2>/dev/null || true
}

# await_output: until all of it is read, for 1 s at most, since a process that is left behind may keep it open.
await_output() {
  apart_looks=0
  while process_start "$apart_reader" && [ "$apart_looks" -lt 20 ]; do
    nap 0.05
    apart_looks=$((apart_looks + 1))
  done
  pass_lines
  [ -z "$pass_rest" ] || note "$pass_rest"
}

# pass_lines: what was printed since the last time, as notes. A call may not answer with more than some MiB.
pass_lines() {
  while [ "$pass_left" -gt 0 ]; do
    IFS= read -r pass_line <&6 || break
    pass_line=$pass_rest$pass_line pass_rest=
    [ -n "$pass_line" ] || continue
    note "$pass_line"
    pass_left=$((pass_left - 1))
  done
  # The last one may have no end yet.
  [ "$pass_left" -eq 0 ] || pass_rest=$pass_rest$pass_line
  tell
}
