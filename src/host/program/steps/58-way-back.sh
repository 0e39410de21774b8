# The service in a rollback: what runs in the end counts, not what systemctl said on the way.

# act_back: the action of a rollback; false with SERVICE_MESSAGE. A failed action does not matter if the
# processes are still those that ran `from` before the activation. S_before is what runs now,
# start_identities what ran before the activation.
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

# restart_back: a unit that does not reload is restarted, since it may have loaded either release.
restart_back() {
  note "$SERVICE_MESSAGE; it is restarted instead"
  A_action=restart
  back_done=yes
  act_on_service || back_done=no
  A_action=reload
  [ "$back_done" = yes ]
}

# is_untouched: the process that ran before this transaction moved the link is still there; for a unit
# without a process, its last start.
is_untouched() {
  [ "$U_active" = active ] || return 1
  known_identity "$back_identities" "$U_name" && [ "$K_restarts" = "$U_restarts" ] || return 1
  if [ "$U_pid" = 0 ]; then
    [ "$K_pid" = 0 ] && [ "$U_invocation" != - ] && [ "$K_invocation" = "$U_invocation" ]
    return
  fi
  process_start "$U_pid" && [ "$START" = "$K_start" ] && same_process
}

# stop_back: no release was there before, so nothing may run after; true if nothing does.
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

# name_reverter: which process rolls back. The run and the dead-man timer may both do so; the second begins
# while the first watches, which then sees the unit restart.
name_reverter() {
  process_start self && printf '%s\n' "$SELF_PID $START" >"$F/reverter"
}

# await_reverter: a process that took over settles the transaction while it lives.
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
