# The service action, and what the journal says when it fails.

# The arguments are in sudoers lines: `systemctl restart shop.service`, with nothing between.

act_on_unit() {
  reset_unit
  case $A_action:$U_active in
    reload:active | reload:reloading) try_action reload ;;
    *) try_action restart ;;
  esac || return 1
  tell_restarted
}

# reset_unit: earlier failures must not count against its start.
reset_unit() {
  case $U_active:$U_sub:$U_restarts in
    failed:* | *:auto-restart*:* | *:*:[1-9]*) reset_failed || true ;;
  esac
}

tell_restarted() {
  json "$U_name"
  emit "{\"event\":\"restarted\",\"unit\":$JSON}"
}

# try_action ACTION: repeated after reset-failed if only the start limit blocked it.
try_action() {
  take_action "$1" && return 0
  if [ "$1" != stop ] && start_limit_hit && reset_failed; then
    take_action "$1" && return 0
  fi
  SERVICE_CODE=service_failed
  telling_line "$action_error"
  case $TELLING in sudo*:*) sudo_code "$TELLING" ;; esac
  FAILED_UNIT=$U_name
  SERVICE_MESSAGE="systemctl $1 $U_name exited $action_exit: $TELLING"
  printf '%s\n' "$action_error" >&2
  return 1
}

# take_action ACTION: sets action_error and action_exit. The lock is not passed on: a process killed here
# must not keep it. A revert has a time limit, since no one comes to end it.
take_action() {
  action_exit=0
  tell
  if [ "$VERB" = revert ]; then
    take_action_bounded "$1"
  else
    action_error=$(exec 9>&- && systemctl_act "$1" "$U_name" </dev/null 2>&1) || action_exit=$?
  fi
  return "$action_exit"
}

# systemd gives a unit 90 s to stop and 90 s to start by default.
take_action_bounded() {
  action_file=$F/action-$A_txn
  remove .fleet "action-$A_txn.exit"
  (
    (systemctl_act "$1" "$U_name" </dev/null >"$action_file" 2>&1)
    echo $? >"$action_file.new" && mv -f -- "$action_file.new" "$action_file.exit"
  ) 7<&- 8<&- 9>&- >/dev/null 2>&1 &
  action_looks=0
  while [ ! -e "$action_file.exit" ] && [ "$action_looks" -lt 3800 ]; do
    nap 0.05
    action_looks=$((action_looks + 1))
  done
  action_error="systemctl $1 $U_name has not ended after 190 s" action_exit=124
  [ -e "$action_file.exit" ] || return 0
  read -r action_exit <"$action_file.exit"
  action_error=$(cat "$action_file")
  remove .fleet "action-$A_txn.exit"
  remove .fleet "action-$A_txn"
}

start_limit_hit() {
  case $(systemctl_read show -p Result "$U_name" </dev/null) in
    *=start-limit*) return 0 ;;
  esac
  return 1
}

reset_failed() {
  reset_error=$(exec 9>&- && systemctl_act reset-failed "$U_name" </dev/null 2>&1) && return 0
  telling_line "$reset_error"
  note "systemctl reset-failed $U_name: $TELLING"
  return 1
}

# fail_with_journal CODE MESSAGE
fail_with_journal() {
  emit_journal
  fail "$1" "$2"
}

# emit_journal: the last lines of FAILED_UNIT, with whatever rights suffice.
FAILED_UNIT=
emit_journal() {
  [ -n "$FAILED_UNIT" ] || return 0
  if [ "$A_scope" = user ]; then
    # Not `--user -u`: that reads the user's own journal, which volatile storage does not have.
    journal=$(journal_by timeout 5 journalctl --user-unit)
  else
    journal=$(journal_by timeout 5 journalctl --unit)
    if [ -z "$journal" ] && ! is_root; then
      journal=$(journal_by timeout 5 sudo -n journalctl --unit)
    fi
  fi
  journal_mark='|journal|'
  if [ -z "$journal" ]; then
    journal_mark='|status|'
    note "the journal of $FAILED_UNIT cannot be read; this is systemctl status"
    journal=$(systemctl_read status --no-pager -l -n 15 "$FAILED_UNIT" </dev/null 2>/dev/null)
  fi
  while IFS= read -r journal_line; do
    [ ${#journal_line} -le 8192 ] || journal_line=$(printf '%.8192s' "$journal_line")
    [ -z "$journal_line" ] || emit "$journal_mark$journal_line"
  done <<EOF
$journal
EOF
}

# journal_by COMMAND... OPTION: what OPTION shows of the unit, only the lines; -q leaves out hints on rights.
journal_by() {
  "$@" "$FAILED_UNIT" -q -n 15 --no-pager -o cat </dev/null 2>/dev/null 8<&- 9>&-
}
