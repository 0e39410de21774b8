# Units: what systemctl and /proc show of them. One call for all units and properties.

# systemctl_read and systemctl_act replace the subshell that they are called in, which saves a process.
# They never pass on the lock or the payload, since what they start may live on.
systemctl_read() {
  case $A_scope in
    user) exec systemctl --user "$@" 8<&- 9>&- ;;
    *) exec systemctl "$@" 8<&- 9>&- ;;
  esac
}

systemctl_act() {
  case $A_scope in
    system) systemctl_as_root "$@" ;;
    *) systemctl_read "$@" ;;
  esac
}

systemctl_as_root() {
  if is_root; then exec systemctl "$@" 8<&- 9>&-; else exec sudo -n systemctl "$@" 8<&- 9>&-; fi
}

is_root() {
  read_uid
  [ "$MY_UID" = 0 ]
}

# read_uid: sets MY_UID from /proc, since id(1) costs a fork. Only root asks id too, for practice hosts
# play another user.
MY_UID=
read_uid() {
  [ -z "$MY_UID" ] || return 0
  while read -r uid_key uid_value uid_rest; do
    if [ "$uid_key" = Uid: ]; then
      MY_UID=${uid_rest%%[!0-9]*}
      MY_UID=${MY_UID:-$uid_value}
      break
    fi
  done </proc/self/status
  [ "$MY_UID" != 0 ] || MY_UID=$(id -u)
}

# user_bus: the bus of the login user's systemd, which a session without PAM does not set.
user_bus() {
  [ "$A_scope" = user ] || return 0
  read_uid
  XDG_RUNTIME_DIR=/run/user/$MY_UID
  export XDG_RUNTIME_DIR
}

UNIT_PROPERTIES=LoadState,ActiveState,SubState,Type,MainPID,InvocationID,NRestarts,Result,Restart
UNIT_PROPERTIES=$UNIT_PROPERTIES,ExecMainStatus,ExecMainStartTimestampMonotonic,RemainAfterExit

# read_units [MORE]: sets UNITS, one line a unit:
# name load active sub type pid invocation restarts result restart-policy exit-status remains started
# where `started` is the start of the main process, in microseconds of systemd's monotonic clock, and
# PARTS: the units behind those that have no process of their own, see 32-unit-parts.sh. MORE is one more
# unit, of which only the activity is needed: MORE_ACTIVE.
read_units() {
  UNITS='' MORE_ACTIVE='' UNITS_ERROR=''
  begin_parts
  begin_settings
  [ -n "$A_units" ] || return 0
  # shellcheck disable=SC2086 # names of units, checked to be single words
  show_units "$UNIT_PROPERTIES$PART_PROPERTIES$SETTING_PROPERTIES" $A_units ${1:-} || return 1
  # shellcheck disable=SC2086
  each_shown add_unit $A_units || return 1
  follow_parts
}

# show_units PROPERTIES UNIT...: sets UNITS_SHOWN to the output of systemctl; false with UNITS_ERROR.
show_units() {
  units_properties=$1
  shift
  UNITS_SHOWN=$(systemctl_read show --no-pager -p "$units_properties" "$@" </dev/null 2>&1) || {
    UNITS_ERROR=${UNITS_SHOWN##*"$NL"}
    return 1
  }
}

# each_shown FUNCTION NAME...: calls it with the name and U_* for each unit of UNITS_SHOWN, with an empty
# name after the last. False if one is missing.
each_shown() {
  units_call=$1
  shift
  clear_unit
  while IFS= read -r units_line; do
    if [ -n "$units_line" ]; then
      read_property "$units_line"
    elif [ -n "$U_load" ]; then
      "$units_call" "${1:-}"
      [ $# -eq 0 ] || shift
      clear_unit
    fi
  done <<EOF
$UNITS_SHOWN

EOF
  [ $# -eq 0 ] || UNITS_ERROR="systemctl show did not list$(printf ' %s' "$@")"
  [ -z "$UNITS_ERROR" ]
}

clear_unit() {
  U_load='' U_active=- U_sub=- U_type=- U_pid=0 U_invocation=- U_restarts=0 U_result=- U_restart=-
  U_status=0 U_remains=no U_started=0
  [ -z "$PART_PROPERTIES" ] || clear_part
  [ -z "$SETTING_PROPERTIES" ] || clear_settings
}

read_property() {
  case $1 in
    *=) ;;
    LoadState=*) U_load=${1#*=} ;;
    ActiveState=*) U_active=${1#*=} ;;
    SubState=*) U_sub=${1#*=} ;;
    Type=*) U_type=${1#*=} ;;
    MainPID=*) U_pid=${1#*=} ;;
    InvocationID=*) U_invocation=${1#*=} ;;
    NRestarts=*) U_restarts=${1#*=} ;;
    Result=*) U_result=${1#*=} ;;
    Restart=*) U_restart=${1#*=} ;;
    ExecMainStatus=*) U_status=${1#*=} ;;
    RemainAfterExit=*) U_remains=${1#*=} ;;
    ExecMainStartTimestampMonotonic=*) U_started=${1#*=} ;;
    *) read_part_property "$1" || read_setting "$1" ;;
  esac
}

add_unit() {
  if [ -z "$1" ]; then
    MORE_ACTIVE=$U_active
    return
  fi
  unit_line "$1"
  UNITS=$UNITS$UNIT_LINE$NL
  has_process "$1" || queue_parts "$1" "$1" r
  add_settings "$1"
}

# unit_line NAME: sets UNIT_LINE to what each_unit reads.
unit_line() {
  is_number "$U_pid" || U_pid=0
  is_number "$U_restarts" || U_restarts=0
  is_number "$U_started" || U_started=0
  UNIT_LINE="$1 $U_load $U_active $U_sub $U_type $U_pid $U_invocation $U_restarts $U_result"
  UNIT_LINE="$UNIT_LINE $U_restart $U_status $U_remains $U_started"
}

# each_unit FUNCTION: calls it with U_* set for every unit; stops at the first that is false.
each_unit() {
  while read -r U_name U_load U_active U_sub U_type U_pid U_invocation U_restarts U_result \
    U_restart U_status U_remains U_started; do
    [ -n "$U_name" ] || continue
    "$1" || return 1
  done <<EOF
$UNITS
EOF
}

# identities: sets IDENTITIES to `unit:pid@start:invocation:restarts ...` of UNITS and PARTS, where start
# is the start of the process, as process_start has it.
identities() {
  IDENTITIES=
  each_unit add_identity
  [ -z "$PARTS" ] || each_part add_identity
}

add_identity() {
  process_start "$U_pid"
  IDENTITIES="$IDENTITIES${IDENTITIES:+ }$U_name:$U_pid@$START:$U_invocation:$U_restarts"
}

# known_identity LIST UNIT: sets K_pid, K_start, K_invocation and K_restarts from LIST; false if the unit
# is not in it.
known_identity() {
  for known in $1; do
    K_restarts=${known##*:} known=${known%:*}
    K_invocation=${known##*:} known=${known%:*}
    K_pid=${known##*:} K_start=
    case $K_pid in *@*) K_start=${K_pid#*@} K_pid=${K_pid%@*} ;; esac
    [ "${known%:*}" != "$2" ] || return 0
  done
  return 1
}

# serving PID: sets SERVING to the release that a process runs from, empty if it cannot be read.
serving() {
  SERVING=
  [ "$1" -gt 0 ] || return 0
  cd -P "/proc/$1/cwd" 2>/dev/null || return 0
  release_of_path "$PWD"
  cd /
  [ -z "$SERVING" ] || return 0
  # With a mount namespace of its own, only readlink can read the cwd.
  release_of_path "$(readlink "/proc/$1/cwd" 2>/dev/null)"
  [ -n "$SERVING" ] || release_of_path "$(readlink "/proc/$1/exe" 2>/dev/null)"
}

# release_of_path PATH: sets SERVING.
release_of_path() {
  SERVING=
  case $1 in
    "$D"/?*)
      SERVING=${1#"$D/"}
      SERVING=${SERVING%%/*}
      SERVING=${SERVING% (deleted)}
      is_name "$SERVING" || SERVING=
      ;;
  esac
}
