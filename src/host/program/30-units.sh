# Units: what systemctl and /proc show of them. One call for all units and properties.

# systemctl_read and systemctl_act are called in a subshell, whose place they take: a function that
# starts a program costs a process more. They never pass on the lock or the payload, for what they
# start may live on.
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

# read_uid: sets MY_UID from /proc, for id(1) costs a fork; only a root is asked again, since a
# practice host plays another user.
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

# user_bus: where the login user's systemd is, which a session without PAM does not say.
user_bus() {
  [ "$A_scope" = user ] || return 0
  read_uid
  XDG_RUNTIME_DIR=/run/user/$MY_UID
  export XDG_RUNTIME_DIR
}

# read_units [MORE]: sets UNITS, one line a unit:
# name load active sub type pid invocation restarts result restart-policy exit-status
# MORE is one more unit, of which only the activity is wanted: MORE_ACTIVE.
read_units() {
  UNITS='' MORE_ACTIVE='' units_more=${1:-}
  [ -n "$A_units" ] || return 0
  # shellcheck disable=SC2086 # names of units, checked to be single words
  units_shown=$(systemctl_read show --no-pager \
    -p LoadState,ActiveState,SubState,Type,MainPID,InvocationID,NRestarts,Result,Restart,ExecMainStatus \
    $A_units $units_more </dev/null) || return 1
  # shellcheck disable=SC2086
  set -- $A_units
  clear_unit
  while IFS= read -r units_line; do
    if [ -n "$units_line" ]; then
      read_property "$units_line"
    elif [ -n "$U_load" ] && [ $# -gt 0 ]; then
      add_unit "$1"
      shift
    elif [ -n "$U_load" ]; then
      MORE_ACTIVE=$U_active
      clear_unit
    fi
  done <<EOF
$units_shown

EOF
  [ $# -eq 0 ]
}

clear_unit() {
  U_load='' U_active=- U_sub=- U_type=- U_pid=0 U_invocation=- U_restarts=0 U_result=- U_restart=-
  U_status=0
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
  esac
}

add_unit() {
  is_number "$U_pid" || U_pid=0
  is_number "$U_restarts" || U_restarts=0
  UNITS=$UNITS"$1 $U_load $U_active $U_sub $U_type $U_pid $U_invocation $U_restarts $U_result"
  UNITS=$UNITS" $U_restart $U_status$NL"
  clear_unit
}

# each_unit FUNCTION: calls it with U_* set for every unit; stops at the first that is false.
each_unit() {
  while read -r U_name U_load U_active U_sub U_type U_pid U_invocation U_restarts U_result \
    U_restart U_status; do
    [ -n "$U_name" ] || continue
    "$1" || return 1
  done <<EOF
$UNITS
EOF
}

# identities: sets IDENTITIES to `unit:pid@start:invocation:restarts …` of UNITS, where start is when
# the process was started, by process_start.
identities() {
  IDENTITIES=
  each_unit add_identity
}

add_identity() {
  process_start "$U_pid"
  IDENTITIES="$IDENTITIES${IDENTITIES:+ }$U_name:$U_pid@$START:$U_invocation:$U_restarts"
}

# known_identity LIST UNIT: sets K_pid, K_start, K_invocation and K_restarts as LIST has them; false
# if it has not.
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

# serving PID: sets SERVING to the release that a process runs from, empty where that can not be read.
serving() {
  SERVING=
  [ "$1" -gt 0 ] || return 0
  cd -P "/proc/$1/cwd" 2>/dev/null || return 0
  release_of_path "$PWD"
  cd /
  [ -z "$SERVING" ] || return 0
  # A unit with a mount namespace of its own has a cwd that only readlink can name.
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
