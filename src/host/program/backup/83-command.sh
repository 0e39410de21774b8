# The command of a backup or of a restore.

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

# run_command_apart RELEASE FILES: runs COMMAND in the folder of that release, else in the root, with FLEET_BACKUP=FILES.
# False with COMMAND_END, how it ended, and COMMAND_LAST, its last line; its last lines go to stderr.
run_command_apart() {
  run_apart "$A_timeout_ms" start_command "$@"
  command_text=$(tail -c 8192 <"$F/apart.out" 2>/dev/null)
  remove .fleet apart.out
  case $APART_EXIT in
    0) return 0 ;;
    timeout) COMMAND_END="was ended after $A_timeout_ms ms" ;;
    *)
      COMMAND_END="ended with exit code $APART_EXIT"
      [ "$APART_EXIT" -le 128 ] || COMMAND_END="was ended by SIG$(kill -l "$APART_EXIT" 2>/dev/null)"
      ;;
  esac
  COMMAND_LAST=${command_text##*"$NL"}
  [ -z "$command_text" ] || printf '%s\n' "$command_text" >&2 || true
  return 1
}

# start_command RELEASE FILES: becomes COMMAND.
start_command() {
  umask 077
  cd_release "$1" 2>/dev/null || cd -P -- "$R" || exit 126
  FLEET_APP=$A_app FLEET_RUN=$A_run FLEET_HOST=$A_host FLEET_ROOT=$R FLEET_RELEASE=$1
  FLEET_FROM=$A_from FLEET_TO=$A_to FLEET_KIND=$A_kind FLEET_BACKUP=$2
  export FLEET_APP FLEET_RUN FLEET_HOST FLEET_ROOT FLEET_RELEASE FLEET_FROM FLEET_TO FLEET_KIND FLEET_BACKUP
  exec $APART_GROUP sh -c "$COMMAND"
}
