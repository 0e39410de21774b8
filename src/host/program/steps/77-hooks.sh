# hook: a command of the user around the steps of a run, as the login user. Its record makes sure that the
# same run of a hook never runs twice: `started <boot>`, and behind it `ended <exit>` or `ended timeout`.

# How many runs' records are kept.
HOOK_RUNS=10

verb_hook() {
  need key "$A_key" point "$A_point" within_ms "$A_within_ms" hook "$A_command$A_script"
  lock
  own_hook
  hook_dir=$F/hooks/$A_run hook_record=$F/hooks/$A_run/$A_key
  [ -d "$hook_dir" ] || make_hook_folder
  unlock
  take_hook_lock
  lock
  own_hook
  if [ -e "$hook_record" ]; then
    answer_hook_again
    return
  fi
  read_boot
  printf '%s\n' "started $BOOT" >"$hook_record" && flush "$hook_record" "$hook_dir" ||
    fail_write "$hook_record"
  unlock
  tell
  run_hook "$@"
  # Recorded first: also for another controller that may have the host by now.
  printf '%s\n' "ended $hook_exit" >>"$hook_record" && flush "$hook_record" ||
    note "the end of the hook could not be recorded"
  exec 7>&-
  lock
  own_hook
  answer_hook
}

# own_hook: who may run a hook at this point. After a run its claim is given up, and none is newer.
own_hook() {
  case $A_point in
    after_run | on_failure)
      fence
      [ "$S_epoch" = "$A_epoch" ] || wrong_phase "another run has had this host since"
      ;;
    after_activate)
      own_txn
      [ "$S_phase" = verified ] || wrong_phase "$(overtaken)"
      ;;
    before_activate)
      own
      case $S_phase in claimed | staged) ;; *) wrong_phase "the host is $S_phase" ;; esac
      ;;
    *) own ;;
  esac
}

# make_hook_folder: that of this run. Names of runs begin with their time, so the oldest come first.
make_hook_folder() {
  set -- "$F"/hooks/*
  while [ $# -ge "$HOOK_RUNS" ]; do
    remove .fleet/hooks "${1##*/}"
    shift
  done
  mkdir -p "$hook_dir" || fail_write "$hook_dir"
}

# take_hook_lock: one call for a hook at a time, on descriptor 7: a repeated call waits for its lost twin. It
# outlasts neither this process nor its hook's record.
take_hook_lock() {
  exec 9>>"$hook_record.lock" || fail_write "$hook_record.lock"
  take_flock "$((A_within_ms / 1000 + 10))" ||
    fail step_failed "the hook still runs, from an earlier call"
  exec 7>&9
  exec 9>&-
}

# answer_hook_again: what the record says. A hook that has no end was killed, or the host went down.
answer_hook_again() {
  exec 7>&-
  hook_line='' hook_exit=
  while IFS= read -r hook_line; do
    case $hook_line in ended\ *) hook_exit=${hook_line#ended } ;; esac
  done <"$hook_record"
  [ -n "$hook_exit" ] ||
    fail hook_interrupted "it was interrupted before its end, and how far it came is unknown"
  answer_hook
}

# answer_hook: the reply of an end. On a failure its last lines go to stderr.
answer_hook() {
  [ "$hook_exit" != 0 ] || { succeed && return; }
  tell
  [ ! -e "$hook_record.out" ] || tail -c 8192 <"$hook_record.out" >&2
  [ "$hook_exit" != timeout ] || fail hook_failed "not done after $(((A_within_ms + 999) / 1000)) s"
  fail hook_failed "exit $hook_exit"
}

# run_hook args...: sets hook_exit. The hook has a process group of its own, so that all of it can be ended.
run_hook() {
  hook_exit=0
  enter_hook_folder || { hook_cannot_run && return; }
  if [ -n "$A_script" ] && [ ! -f "$A_script" ]; then
    note "no $A_script in this release"
    tell
    cd /
    return
  fi
  [ -p "$hook_record.pipe" ] || mkfifo "$hook_record.pipe" 2>/dev/null || fail_write "$hook_record.pipe"
  hook_group=
  ! command -v setsid >/dev/null || hook_group=setsid
  start_hook "$@" </dev/null >"$hook_record.pipe" 2>&1 7>&- 8<&- 9>&- &
  hook_pid=$!
  read_hook 7>&- 8<&- 9>&- &
  hook_reader=$!
  cd /
  await_hook
  end_hook_reader
}

# start_hook args...: becomes the hook. SIGPIPE is as usual for it.
start_hook() {
  trap - EXIT PIPE
  for arg; do
    case $arg in
      --) break ;;
      env=*) export "${arg#env=}" ;;
    esac
  done
  FLEET_ROOT=$R FLEET_RELEASE_PATH=
  [ "$A_in" != release ] || FLEET_RELEASE_PATH=$D/$A_id
  export FLEET_ROOT FLEET_RELEASE_PATH
  unset LC_ALL
  if [ -z "$A_script" ]; then exec $hook_group sh -c "$A_command"; fi
  if [ -x "./$A_script" ]; then exec $hook_group "./$A_script"; fi
  exec $hook_group sh "./$A_script"
}

enter_hook_folder() {
  case $A_in in
    release) cd_release "$A_id" ;;
    current) cd -P -- "$R/current" || cd -P -- "$R" || return 1 ;;
    *) cd -P -- "$R" || return 1 ;;
  esac 2>/dev/null
}

hook_cannot_run() {
  printf '%s\n' "the folder of release ${A_id:-none} cannot be entered" >"$hook_record.out"
  hook_exit=126
}

# await_hook: waits for the hook itself, not for what it leaves behind.
await_hook() {
  now_ms
  hook_end=$((NOW + A_within_ms))
  hook_pause=0.02
  while process_start "$hook_pid"; do
    now_ms
    if [ "$NOW" -ge "$hook_end" ]; then
      end_hook
      hook_exit=timeout
      return
    fi
    nap "$hook_pause"
    [ "$hook_pause" != 0.1 ] || hook_pause=0.3
    [ "$hook_pause" != 0.02 ] || hook_pause=0.1
  done
  wait "$hook_pid"
  hook_exit=$?
}

# end_hook: first politely, and all of its group.
end_hook() {
  kill -TERM "-$hook_pid" 2>/dev/null || kill -TERM "$hook_pid" 2>/dev/null
  now_ms
  hook_end=$((NOW + 5000))
  while process_start "$hook_pid" && [ "$NOW" -lt "$hook_end" ]; do
    nap 0.1
    now_ms
  done
  kill -KILL "-$hook_pid" 2>/dev/null || kill -KILL "$hook_pid" 2>/dev/null
  wait "$hook_pid"
}

# read_hook: the first lines are passed on as they come, and the last ones kept. A process for each piece
# would be too slow for much output, so tail reads what comes after the first pieces.
read_hook() {
  trap - EXIT
  trap 'kill "$read_child" 2>/dev/null; exit' TERM
  read_child='' read_pieces=0 read_lines=0 read_rest=''
  exec 6<"$hook_record.pipe"
  while [ "$read_pieces" -lt 60 ]; do
    read_pieces=$((read_pieces + 1))
    dd bs=4096 count=1 of="$hook_record.new" <&6 2>/dev/null &
    read_child=$!
    wait "$read_child"
    if [ ! -s "$hook_record.new" ]; then
      [ -z "$read_rest" ] || pass_line "$read_rest"
      tell
      exit
    fi
    cat "$hook_record.new" >>"$hook_record.out"
    pass_on
  done
  tail -c 8192 <&6 >"$hook_record.last" &
  read_child=$!
  wait "$read_child"
  cat "$hook_record.last" >>"$hook_record.out"
}

# pass_on: the lines of a piece as notes; the last one may go on in the next piece.
pass_on() {
  while IFS= read -r read_line; do
    pass_line "$read_rest$read_line"
    read_rest=
  done <"$hook_record.new"
  read_rest=$read_rest$read_line
  [ ${#read_rest} -lt 4096 ] || { pass_line "$read_rest" && read_rest=; }
  tell
}

# pass_line LINE: a call may not answer with more than some MiB.
pass_line() {
  read_lines=$((read_lines + 1))
  [ "$read_lines" -gt 200 ] || note "$1"
}

# end_hook_reader: what the hook left behind may keep the pipe open.
end_hook_reader() {
  hook_tries=0
  while process_start "$hook_reader" && [ "$hook_tries" -lt 10 ]; do
    hook_tries=$((hook_tries + 1))
    nap 0.05
  done
  kill -TERM "$hook_reader" 2>/dev/null
  wait "$hook_reader" 2>/dev/null
}
