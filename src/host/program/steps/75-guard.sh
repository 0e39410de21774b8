# The boot guard: a unit that runs at boot, before the app's units, and rolls the host back if it went down
# during activation. The dead-man timer does not survive a reboot.

# verb_guard: what that unit runs. Only the link, since the units start after it.
verb_guard() {
  [ -d "$F" ] || { read_state && succeed && return; }
  lock
  if ! is_rebooted; then
    repeated
    return
  fi
  # The timer ended with the boot, so there is none to stop.
  A_txn=$S_txn A_guard=1
  read_current
  refuse_foreign_current
  if [ "$S_phase" = armed ] && [ "$CUR" = "$S_from" ]; then
    restore_units || fail step_failed "$UNIT_ERROR"
    settle "$S_prior"
  else
    refuse_moved
    restore_link
    restore_units || fail step_failed "$UNIT_ERROR"
    S_baseline='' S_runs='' S_left=$S_from
    settle idle baseline= runs= "left=$S_left"
  fi
  succeed
}

# verb_install_guard: writes and enables the unit; the next boot is its first run. An existing unit is only
# recorded; that needs no rights.
verb_install_guard() {
  refuse_unsafe
  lock
  place_guard
  take_guard
  read_guard
  if [ "$GUARD_FOUND" = "$GUARD_TEXT" ] && (systemctl_read -q is-enabled "$GUARD_UNIT" </dev/null); then
    record_guard
    repeated
    return
  fi
  refuse_foreign_guard
  need_rights "tee $GUARD_PATH" 'systemctl daemon-reload' "systemctl enable $GUARD_UNIT"
  [ "$A_scope" = system ] || mkdir -p -- "${GUARD_PATH%/*}" || fail_write "$GUARD_PATH"
  printf '%s\n' "$GUARD_TEXT" | by_root tee "$GUARD_PATH" >/dev/null ||
    fail step_failed "cannot write $GUARD_PATH"
  guard_systemctl daemon-reload
  guard_systemctl enable "$GUARD_UNIT"
  flush "$GUARD_PATH" "${GUARD_PATH%/*}"
  record_guard
  log_transition "$S_phase"
  succeed
}

# verb_remove_guard: only a unit that fleet wrote for this root.
verb_remove_guard() {
  lock
  place_guard
  need line "$A_lines"
  GUARD_HEAD=${A_lines%%"$NL"*}
  read_guard
  if [ -z "$GUARD_FOUND" ]; then
    remove .fleet guard
    repeated
    return
  fi
  refuse_foreign_guard
  need_rights "systemctl disable $GUARD_UNIT" "rm $GUARD_PATH" 'systemctl daemon-reload'
  remove .fleet guard
  guard_systemctl disable "$GUARD_UNIT"
  by_root rm "$GUARD_PATH" || fail step_failed "cannot delete $GUARD_PATH"
  guard_systemctl daemon-reload
  log_transition "$S_phase"
  succeed
}

# place_guard: sets GUARD_UNIT and GUARD_PATH, in the folder that systemd itself names.
place_guard() {
  need app "$A_app" unit "$A_units"
  read_user
  if [ "$A_scope" = user ] && ! lingers; then
    fail step_failed "units of $MY_USER do not start at boot, since $MY_USER does not linger"
  fi
  user_bus
  GUARD_UNIT=fleet-guard-$A_app.service GUARD_PATH=''
  find_unit_folder || fail step_failed "systemd names no folder for units of the $A_scope"
  GUARD_PATH=$UNIT_FOLDER/$GUARD_UNIT
}

# take_guard: sets GUARD_TEXT to the unit as the bastion wrote it, and GUARD_HEAD to its first line. It
# starts a program of this user's, so it must not start it as another user.
take_guard() {
  need line "$A_lines"
  GUARD_TEXT=${A_lines%"$NL"} GUARD_HEAD=${A_lines%%"$NL"*}
  [ "$A_scope" = system ] || return 0
  need login "$A_login"
  case "$NL$A_lines" in
    *"${NL}User=$A_login$NL"*) ;;
    *) fail usage "the unit is not for $A_login" ;;
  esac
  guard_uid=$(id -u "$A_login" 2>/dev/null)
  [ "$guard_uid" = "$MY_UID" ] ||
    fail step_failed "the unit is for user $A_login (uid ${guard_uid:-unknown}), but the login has uid $MY_UID"
}

# read_guard: sets GUARD_FOUND to the text of the existing unit.
read_guard() {
  GUARD_FOUND=
  [ ! -e "$GUARD_PATH" ] || GUARD_FOUND=$(cat "$GUARD_PATH")
}

refuse_foreign_guard() {
  case $GUARD_FOUND in
    '' | "$GUARD_HEAD$NL"* | "# Written by fleet for $R$NL"*) ;;
    *) fail step_failed "$GUARD_PATH exists, and fleet did not write it for $R: ${GUARD_FOUND%%"$NL"*}" ;;
  esac
}

# record_guard: for facts, which ask neither systemd nor sudo.
record_guard() {
  printf '%s\n' "$GUARD_PATH" "$A_units" >"$F/guard" && flush "$F/guard" || fail_write "$F/guard"
}

# has_guard: the recorded unit exists, and is for these units.
has_guard() {
  [ -r "$F/guard" ] || return 1
  { read -r guard_path && read -r guard_units; } <"$F/guard" || return 1
  [ -e "$guard_path" ] && [ "$guard_units" = "${A_units# }" ]
}

# need_rights COMMAND...: refuses before anything is done. The bastion shows what an admin can do instead.
need_rights() {
  if [ "$A_scope" = user ] || is_root; then return; fi
  LACKING_RIGHTS='' RULES_READ=
  lacking_rights "$@"
  [ -z "$LACKING_RIGHTS" ] || fail sudo_password "$MY_USER lacks the root rights that this needs"
}

guard_systemctl() {
  guard_error=$(systemctl_act "$@" 2>&1 </dev/null) && return
  telling_line "$guard_error"
  fail step_failed "systemctl $* failed: $TELLING"
}

# by_root COMMAND...: as root for a unit of the system; never with the lock.
by_root() {
  if [ "$A_scope" = user ] || is_root; then "$@" 8<&- 9>&-; else sudo -n "$@" 8<&- 9>&-; fi
}
