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
  take_turn "$A_within_ms"
  lock
  own_hook
  if [ -e "$hook_record" ]; then
    answer_hook_again
    return
  fi
  # Renamed, so that a full disk leaves no record of a hook that has not begun.
  printf '%s\n' "started $BOOT" >"$hook_record.new" && flush "$hook_record.new" &&
    mv -f -- "$hook_record.new" "$hook_record" && flush "$hook_dir" || fail_write "$hook_record"
  unlock
  run_apart "$A_within_ms" start_hook "$@"
  hook_exit=$APART_EXIT
  mv -f -- "$F/apart.out" "$hook_record.out" 2>/dev/null
  # Recorded first: also for another controller that may have the host by now.
  printf '%s\n' "ended $hook_exit" >>"$hook_record" && flush "$hook_record" ||
    note "the end of the hook could not be recorded"
  leave_turn
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
  mkdir -p -- "$hook_dir" && flush "$F/hooks" "$F" || fail_write "$hook_dir"
}

# answer_hook_again: what the record says. A hook that has no end was killed, or the host went down.
answer_hook_again() {
  leave_turn
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

# start_hook args...: becomes the hook. What it prints instead is shown as what the hook printed.
start_hook() {
  enter_hook_folder || { echo "the folder of release ${A_id:-none} cannot be entered" && exit 126; }
  [ -z "$A_script" ] || [ -f "./$A_script" ] || { echo "no $A_script in this release" && exit; }
  for arg; do
    case $arg in
      --) break ;;
      env=*) export "${arg#env=}" ;;
    esac
  done
  FLEET_ROOT=$R FLEET_RELEASE_PATH=
  [ "$A_in" != release ] || FLEET_RELEASE_PATH=$D/$A_id
  export FLEET_ROOT FLEET_RELEASE_PATH
  [ -n "$A_script" ] || exec $APART_GROUP sh -c "$A_command"
  [ ! -x "./$A_script" ] || exec $APART_GROUP "./$A_script"
  exec $APART_GROUP sh "./$A_script"
}

enter_hook_folder() {
  case $A_in in
    release) cd_release "$A_id" ;;
    current) cd -P -- "$R/current" || cd -P -- "$R" || return 1 ;;
    *) cd -P -- "$R" || return 1 ;;
  esac 2>/dev/null
}
