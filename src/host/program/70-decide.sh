# confirm, revert, release: how a transaction ends.

verb_confirm() {
  lock
  own_txn
  case $S_phase in
    verified) ;;
    *)
      is_confirmed || wrong_phase "phase $S_phase"
      repeated
      return
      ;;
  esac
  mark "$S_to" healthy
  S_prior=idle
  save_state idle "$R" "$F/releases"
  succeed
}

# revert: allowed by transaction while it is open, for the dead-man's switch has no epoch of its own;
# by epoch and claim once it is decided.
verb_revert() {
  need txn "$A_txn"
  lock
  [ "$S_txn" = "$A_txn" ] || wrong_phase "transaction $A_txn is not the one here (${S_txn:-none})"
  read_current
  case $S_phase in
    armed | linked | restarted | verified | reverting) ;;
    down | idle)
      fence
      if is_reverted; then
        repeated
        return
      fi
      own
      ;;
    *) wrong_phase "phase $S_phase" ;;
  esac
  refuse_foreign_current
  if [ "$S_phase" = armed ] && [ "$CUR" = "$S_from" ]; then
    save_state "$S_prior"
  elif [ "$A_mode" = hold ]; then
    mark "$S_to" bad
    save_state down "$R" "$F/releases"
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

take_back() {
  [ "$CUR" = "$S_from" ] || [ "$CUR" = "$S_to" ] || [ "$CUR_KIND" = absent ] ||
    fail moved "current is $CUR, neither ${S_from:-none} nor $S_to"
  [ -z "$S_from" ] || is_complete "$S_from" ||
    end_down "release $S_from, to go back to, is not complete on this host"
  note_phase reverting
  user_bus
  read_units || end_down "systemctl show failed"
  if [ -z "$S_from" ]; then
    unlink_current
    mark "$S_to" bad
    stop_service || end_down "$SERVICE_MESSAGE"
  else
    [ "$CUR" = "$S_from" ] || link_current "$S_from"
    mark "$S_to" bad
    identities
    S_before=$IDENTITIES
    act_on_service || end_down "$SERVICE_MESSAGE"
    watch_reverted "$@" || end_down "$MISS"
    S_baseline=$IDENTITIES
  fi
  save_state idle "$R" "$F/releases"
}

# Waiting is not done under the lock; what was decided meanwhile counts.
watch_reverted() {
  unlock
  watched=yes
  watch "$S_from" "$@" || watched=no
  lock
  case $S_phase:$S_txn in
    "reverting:$A_txn") [ "$watched" = yes ] ;;
    "idle:$A_txn") read_current && [ "$CUR" = "$S_from" ] || wrong_phase "somebody was faster" ;;
    *) wrong_phase "phase $S_phase: somebody was faster" ;;
  esac
}

end_down() {
  emit_journal
  [ "$S_phase" = reverting ] || note_phase reverting
  save_state down "$R" "$F/releases"
  fail host_down "taking back to ${S_from:-no release} failed: $1"
}

# release: an open transaction that was linked keeps its claim; it has to be decided first.
verb_release() {
  lock
  fence
  if [ -z "$S_run" ]; then
    repeated
    return
  fi
  release_to=$S_phase
  case $S_phase in
    idle | down) ;;
    claimed | staged) release_to=$S_prior ;;
    armed)
      read_current
      [ "$CUR_KIND:$CUR" != "link:$S_to" ] || [ "$S_from" = "$S_to" ] ||
        wrong_phase "transaction $S_txn is linked and undecided"
      release_to=$S_prior
      ;;
    *) wrong_phase "transaction $S_txn is undecided: phase $S_phase" ;;
  esac
  # Without a sync: a power cut may bring the claim back, and that only refuses.
  note_phase "$release_to" run= owner=
  S_run='' S_owner=''
  succeed
}
