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
  decide idle prior=idle "lease=$S_lease" "renewed=$S_renewed" "left=$S_left"
  succeed
}

# revert: by whoever holds the claim, or by the dead-man's switch while its transaction is open.
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
    revert_by_switch
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

# revert_nothing: a transaction whose arming failed was never recorded, and has changed nothing.
revert_nothing() {
  case $A_guard:$S_phase in
    0:claimed | 0:staged) own ;;
    *) wrong_phase "transaction $A_txn is not the one here (${S_txn:-none})" ;;
  esac
  repeated
}

# The switch has its transaction and nothing else; what it needs was written down when it was armed.
revert_by_switch() {
  if ! is_open; then
    repeated
    return
  fi
  set --
  while IFS= read -r recipe_line; do set -- "$@" "$recipe_line"; done <"$F/recipe"
  take_args "root=$A_root" guard=1 "$@"
  [ "$A_txn" = "$S_txn" ] || fail step_failed "$F/recipe is of transaction $A_txn, not of $S_txn"
  revert_transaction "$@"
}

revert_transaction() {
  refuse_foreign_current
  if [ "$S_phase" = armed ] && [ "$CUR" = "$S_from" ]; then
    decide "$S_prior"
  elif [ "$A_mode" = hold ]; then
    mark "$S_to" bad
    S_left=$CUR
    decide down "left=$S_left"
  else
    take_back "$@"
  fi
  succeed
}

# is_reverted: this transaction has been taken back, or held, already. A host that is down may be
# taken back once more, while its claim is held.
is_reverted() {
  case $S_phase:$A_mode in
    idle:*) [ "$CUR" = "$S_from" ] ;;
    down:hold) ;;
    *) is_over ;;
  esac
}

# guard_way_back: a host that was confirmed has no switch any more, and its way back is to end as
# well if nobody hears of this controller again. It is taken all the same where none can be had.
guard_way_back() {
  if is_open || [ -z "$A_switch" ] || [ "$A_switch" = off ]; then return; fi
  arm_switch "fleet-$A_txn-back" "$@" || note "no dead-man's switch for the way back: ${SWITCH_ERROR##*"$NL"}"
}

take_back() {
  refuse_moved
  back_phase=$S_phase
  guard_way_back "$@"
  name_reverter
  found_by_run
  note_phase reverting "switch=$S_switch" "deadline=$S_deadline" "boot=$S_boot" \
    "program=$S_program" "found=$S_found"
  user_bus
  read_units || end_down "systemctl show failed: ${UNITS_ERROR:-no answer}"
  restore_link
  if [ -z "$S_from" ] || [ "$S_back" = none ]; then
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
  decide idle "baseline=$S_baseline" "runs=$S_runs" "left=$S_left"
}

# Waiting is not done under the lock; what was decided meanwhile counts.
watch_reverted() {
  # The probes are made for what fleet deploys: what another tool made is judged by its unit.
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
  decide down "left=$S_left"
  fail host_down "taking back to ${S_from:-no release} failed: $1"
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
        wrong_phase "transaction $S_txn is linked and undecided"
      unclaim_to=$S_prior
      ;;
    *) wrong_phase "transaction $S_txn is undecided: phase $S_phase" ;;
  esac
  # Without a sync: a power cut may bring the claim back, and that only refuses.
  unclaim_timer=$A_guard:$S_switch
  note_phase "$unclaim_to" run= owner= switch=
  S_run='' S_owner='' S_switch=''
  end_switch "$unclaim_timer"
  succeed
}
