# confirm, revert, unclaim: how a transaction ends.

verb_confirm() {
  lock
  own_txn
  case $S_phase in
    verified) refuse_rebooted ;;
    *)
      is_confirmed || wrong_phase "phase $S_phase"
      repeated
      return
      ;;
  esac
  mark "$S_to" healthy
  S_prior=idle S_left=$S_to
  renew_lease
  settle idle prior=idle "lease=$S_lease" "renewed=$S_renewed" "left=$S_left"
  succeed
}

# revert: by the run with the claim, or by the dead-man timer while its transaction is open.
verb_revert() {
  need txn "$A_txn"
  lock
  [ "$A_guard" = 1 ] || fence
  if [ "$S_txn" != "$A_txn" ]; then
    revert_nothing
    return
  fi
  read_current
  if [ "$A_guard" = 1 ]; then
    revert_by_timer
    return
  fi
  if is_open; then
    own
  else
    case $S_phase in
      down | idle) ;;
      *) wrong_phase "phase $S_phase" ;;
    esac
    if is_reverted; then
      repeated
      return
    fi
    own
  fi
  revert_transaction "$@"
}

# revert_nothing: a transaction whose arming failed was never recorded and changed nothing.
revert_nothing() {
  case $A_guard:$S_phase in
    0:claimed | 0:staged) own ;;
    *) wrong_phase "transaction $A_txn is not the one here (${S_txn:-none})" ;;
  esac
  repeated
}

# The timer has its transaction and nothing else; the recipe was written when it was armed.
revert_by_timer() {
  if ! is_open; then
    repeated
    return
  fi
  set --
  while IFS= read -r recipe_line; do set -- "$@" "$recipe_line"; done <"$F/recipe"
  take_args "root=$A_root" guard=1 "$@"
  [ "$A_txn" = "$S_txn" ] || fail step_failed "$F/recipe belongs to transaction $A_txn, not to $S_txn"
  revert_transaction "$@"
}

revert_transaction() {
  refuse_foreign_current
  if [ "$S_phase" = armed ] && [ "$CUR" = "$S_from" ]; then
    restore_units || end_down "$UNIT_ERROR"
    settle "$S_prior"
  elif [ "$A_mode" = hold ]; then
    mark "$S_to" bad
    S_left=$CUR
    settle down "left=$S_left"
  else
    roll_back "$@"
  fi
  succeed
}

# is_reverted: this transaction was rolled back, or held, already. A host that is down may be rolled back
# again while its claim is held.
is_reverted() {
  case $S_phase:$A_mode in
    idle:*) [ "$CUR" = "$S_from" ] ;;
    down:hold) ;;
    *) is_over ;;
  esac
}

# arm_way_back: a confirmed host has no timer any more. Its rollback gets one, so that it ends even if the
# controller is lost. The rollback goes on without one if none can be started.
arm_way_back() {
  if is_open || [ -z "$A_switch" ] || [ "$A_switch" = off ]; then return; fi
  arm_timer "fleet-$A_txn-back" "$@" || note "no automatic rollback timer during the rollback: ${TIMER_ERROR##*"$NL"}"
}

roll_back() {
  refuse_moved
  back_phase=$S_phase
  arm_way_back "$@"
  name_reverter
  found_by_run
  note_phase reverting "switch=$S_switch" "deadline=$S_deadline" "boot=$S_boot" \
    "program=$S_program" "found=$S_found"
  user_bus
  read_units || end_down "systemctl show failed: ${UNITS_ERROR:-no answer}"
  restore_link
  restore_units || end_down "$UNIT_ERROR"
  [ -z "$UNITS_RESTORED" ] || read_units || end_down "systemctl show failed: ${UNITS_ERROR:-no answer}"
  if [ -z "$S_from" ] || [ "$S_back" = none ] || [ -z "$A_units" ]; then
    stop_back || end_down "$SERVICE_MESSAGE"
  else
    back_identities=$S_before back_acted=$S_acted
    note_before
    S_least=${back_acted:-$S_acted}
    act_back || end_down "$SERVICE_MESSAGE"
    watch_reverted "$@" || end_down "$MISS"
    S_baseline=$IDENTITIES
    note_runs "$S_from"
  fi
  S_left=$S_from
  settle idle "baseline=$S_baseline" "runs=$S_runs" "left=$S_left"
}

# Waiting is not done under the lock; a phase that was settled meanwhile counts.
watch_reverted() {
  # The probes are for what fleet deploys: a release of another tool is judged by its unit.
  ! is_kept "$S_from" || set --
  unlock
  watched=yes
  watch "$S_from" "$@" || watched=no
  lock
  await_reverter
  [ "$A_guard" = 1 ] || fence
  case $S_phase:$S_txn in
    "reverting:$A_txn") [ "$watched" = yes ] ;;
    "idle:$A_txn") read_current && [ "$CUR" = "$S_from" ] || wrong_phase "another run changed current meanwhile" ;;
    *) wrong_phase "phase $S_phase: another step settled it meanwhile" ;;
  esac
}

end_down() {
  emit_journal
  [ "$S_phase" = reverting ] || note_phase reverting
  S_left=$CUR
  settle down "left=$S_left"
  fail host_down "rolling back to ${S_from:-no release} failed: $1"
}

# unclaim: gives up the claim. A transaction that has moved the link keeps its claim until it is settled.
verb_unclaim() {
  lock
  fence
  if [ -z "$S_run" ]; then
    repeated
    return
  fi
  unclaim_to=$S_phase
  case $S_phase in
    idle | down) ;;
    claimed | staged) unclaim_to=$S_prior ;;
    armed)
      read_current
      [ "$CUR_KIND:$CUR" != "link:$S_to" ] || [ "$S_from" = "$S_to" ] ||
        wrong_phase "transaction $S_txn is linked and unfinished"
      restore_units || fail step_failed "$UNIT_ERROR"
      unclaim_to=$S_prior
      ;;
    *) wrong_phase "transaction $S_txn is unfinished: phase $S_phase" ;;
  esac
  # No sync: a power cut may restore the claim, and that only refuses others.
  unclaim_timer=$A_guard:$S_switch
  put_back
  note_phase "$unclaim_to" run= owner= switch=
  S_run='' S_owner='' S_switch=''
  end_timer "$unclaim_timer"
  succeed
}
