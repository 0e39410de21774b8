# What this user may do: the unit's action, and the tiers of the dead-man timer.

# Whether the unit's action is allowed, with sudo's words if not. Asked by listing, so nothing is run. The
# worst answer of all units is reported.
read_sudo() {
  SUDO=ok SUDO_SAID='' RULES_READ=
  if [ "$A_scope" = user ]; then
    SUDO=user
  elif [ "$MY_UID" = 0 ]; then
    SUDO=root
  elif [ "$A_action" != none ]; then
    read_sudo_rights
  fi
}

read_sudo_rights() {
  command -v sudo >/dev/null || { SUDO=absent && return; }
  run_verbs
  for sudo_unit in ${A_units:--}; do
    for sudo_verb in $RUN_VERBS; do
      judge_right systemctl "$sudo_verb" "$sudo_unit"
      [ "$RIGHT" = yes ] || [ "$SUDO" != ok ] || SUDO=$RIGHT
    done
  done
}

# emit_rights: what the bastion needs to tell an admin, if something is missing.
emit_rights() {
  host_text="$host_text,\"sudo\":\"$SUDO\""
  case $SUDO:$A_doctor in root:* | user:* | ok:0) return 0 ;; esac
  if [ -n "$SUDO_SAID" ]; then
    json "$SUDO_SAID"
    host_text="$host_text,\"sudoSaid\":$JSON"
  fi
  # Only system folders: the sudoers lines are built from them.
  for rights_folder in /usr/bin /bin; do
    [ -x "$rights_folder/systemctl" ] || continue
    host_text="$host_text,\"systemctlIn\":\"$rights_folder\""
    break
  done
  [ "$SUDO" = absent ] || return 0
  having doas run0
  host_text="$host_text,\"otherWays\":[$HAVING]"
}

# read_rights: sets LACKING_RIGHTS, the commands of a run that sudo does not allow. One fork each, so only
# for doctor.
read_rights() {
  LACKING_RIGHTS=
  case $SUDO:$A_action in
    root:* | user:* | *:none) return ;;
  esac
  run_verbs
  case $RUN_VERBS in
    restart) rights_verbs='restart stop' ;;
    reload) rights_verbs='reload restart stop' ;;
    *) rights_verbs=$RUN_VERBS ;;
  esac
  for rights_unit in $A_units; do
    for rights_verb in $rights_verbs reset-failed; do
      lacking_rights "systemctl $rights_verb $rights_unit"
    done
  done
}

# lacking_rights COMMAND...: adds to LACKING_RIGHTS, as JSON, what sudo does not allow.
lacking_rights() {
  for right; do
    # shellcheck disable=SC2086 # a command and its arguments
    judge_right $right
    # A rule may exist for a command that sudo does not find.
    case $RIGHT:$right_hidden in yes:* | no_command:1) continue ;; esac
    json "$right"
    LACKING_RIGHTS=$LACKING_RIGHTS${LACKING_RIGHTS:+,}$JSON
  done
}

# has_unsafe_timer: a sudoers line allows systemd-run with arguments that do not begin with the user. Sudo
# matches arguments joined by blanks, so that `--unit=x --uid=1000` may be one argument, and the command
# then runs as root. Earlier versions of fleet printed such a line.
has_unsafe_timer() {
  [ "$MY_UID" != 0 ] || return 1
  read_user
  timer_command='' timer_unsafe=1
  set -f
  for timer_word in $(sudo -n -l 2>/dev/null </dev/null) end; do
    case $timer_command$timer_word in
      "then ^--uid=$MY_USER" | "then ^--uid=$MY_UID") ;;
      'then '* | /*/systemd-run,) timer_unsafe=0 ;;
    esac
    timer_command=
    case $timer_word in
      [/^]*/systemd-run | [/^]*/systemd-run\$) timer_command='then ' ;;
    esac
  done
  set +f
  return "$timer_unsafe"
}

# read_tiers: sets TIERS, how a dead-man timer could be armed here, the best first. Read only if asked for,
# since it is slow. For a run the last tier matters only if it is the only one.
read_tiers() {
  TIERS=''
  [ "$A_tiers" = 1 ] || return 0
  # Asking sudo costs half a restart. The tier that was armed last is assumed to be available: if it is not,
  # arming fails before anything is changed, and the next run asks again. Another program version may have
  # called systemd-run with other arguments.
  if [ "$S_tier:$A_doctor:$S_program" = "system:0:${0##*/}" ]; then
    TIERS='"system"'
    return
  fi
  read_uid
  if command -v systemd-run >/dev/null; then
    if [ "$MY_UID" = 0 ] || may_start_timer; then TIERS='"system",'; fi
    if lingers; then TIERS=$TIERS'"user",'; fi
  fi
  if { [ -n "$TIERS" ] && [ "$A_doctor" = 0 ]; } || processes_survive; then
    TIERS=$TIERS'"process",'
  fi
  TIERS=${TIERS%,}
}

# With the arguments of start_timer and a program name of the right form.
may_start_timer() {
  command -v sudo >/dev/null || return 1
  timer_digits=0123456789abcdef
  timer_program=$F/bin/$timer_digits$timer_digits$timer_digits$timer_digits
  read_timer_user
  judge_right systemd-run "--uid=$TIMER_USER" --quiet --collect --unit=fleet-x --on-active=1ms \
    --timer-property=AccuracySec=100ms /bin/sh "$timer_program" step revert "root=$R" txn=x guard=1
  [ "$RIGHT" = yes ]
}

lingers() {
  read_user
  [ -e "/var/lib/systemd/linger/$MY_USER" ] && [ -S "/run/user/$MY_UID/systemd/private" ]
}

# Whether logind keeps the processes of an ended session; without logind they always stay.
processes_survive() {
  command -v loginctl >/dev/null || return 0
  case $(loginctl show-session -p KillUserProcesses 2>/dev/null </dev/null) in
    *=yes) return 1 ;;
  esac
}
