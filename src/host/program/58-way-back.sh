# The way back of the service: what counts is what runs in the end, not what systemctl said on the way.

# act_back: the action on the way back; false with SERVICE_MESSAGE. One that failed is no failure where
# the processes are still those that ran `from` before the switch, since it has touched nothing then.
# S_before is what runs now, start_identities what ran before the switch.
act_back() {
  act_on_service && return 0
  [ "$A_action" != reload ] || ! restart_back || return 0
  back_message=$SERVICE_MESSAGE
  read_units || return 1
  if each_unit is_untouched; then
    [ "$A_action" != reload ] || [ "$back_phase" = linked ] || return 1
    note "$back_message; the process that served ${S_from:-it} before was never stopped"
    S_before='' S_acted=''
    return 0
  fi
  SERVICE_MESSAGE=$back_message
  return 1
}

# restart_back: a unit that does not reload is restarted: what it has loaded may be of either release.
restart_back() {
  note "$SERVICE_MESSAGE; it is restarted in place of that"
  A_action=restart
  back_done=yes
  act_on_service || back_done=no
  A_action=reload
  [ "$back_done" = yes ]
}

# is_untouched: the very process that ran before this transaction moved the link, as systemd shows it;
# of a unit without one, the very start of it.
is_untouched() {
  [ "$U_active" = active ] || return 1
  known_identity "$back_identities" "$U_name" && [ "$K_restarts" = "$U_restarts" ] || return 1
  if [ "$U_pid" = 0 ]; then
    [ "$K_pid" = 0 ] && [ "$U_invocation" != - ] && [ "$K_invocation" = "$U_invocation" ]
    return
  fi
  process_start "$U_pid" && [ "$START" = "$K_start" ] && same_process
}

# stop_back: where there was no release before, nothing runs after; true where nothing does, whatever
# systemctl said.
stop_back() {
  stop_service && return 0
  back_message=$SERVICE_MESSAGE
  read_units && each_unit is_stopped && return 0
  SERVICE_MESSAGE=$back_message
  return 1
}

is_stopped() {
  case $U_active in inactive | failed) ;; *) return 1 ;; esac
}

# name_reverter: who takes the way back. The run and the automatic rollback timer may both do so; the
# second begins while the first watches, which then sees the second restart the unit.
name_reverter() {
  process_start self && printf '%s\n' "$SELF_PID $START" >"$F/reverter"
}

# await_reverter: whoever took over from this step settles the transaction, as long as they live.
await_reverter() {
  while [ "$S_phase:$S_txn" = "reverting:$A_txn" ] && is_taken_over; do
    unlock
    sleep 0.5
    lock
  done
}

is_taken_over() {
  read -r reverter_pid reverter_start <"$F/reverter" || return 1
  process_start self && [ "$SELF_PID $START" != "$reverter_pid $reverter_start" ] || return 1
  process_start "$reverter_pid" && [ "$START" = "$reverter_start" ]
}

# overtaken: why a step of the open transaction finds another phase than it needs.
overtaken() {
  case $S_phase in
    reverting | idle | down)
      echo "phase $S_phase: the automatic rollback timer of this host fired meanwhile: stop, start and checks took longer than policy.confirm_deadline"
      ;;
    *) echo "phase $S_phase" ;;
  esac
}
