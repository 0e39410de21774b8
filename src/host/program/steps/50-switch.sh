# arm and activate: the transaction is recorded, `current` is replaced, and the service follows.

# arm: the timer runs before the state records it. A timer that the state does not know does nothing when
# it fires.
verb_arm() {
  need to "$A_to" switch "$A_switch" within_ms "$A_within_ms"
  lock
  fence
  case $S_phase in
    claimed | staged) own ;;
    armed | linked | restarted | verified | idle)
      [ "$S_txn:$S_from:$S_to" = "$A_txn:$A_from:$A_to" ] ||
        wrong_phase "phase $S_phase of transaction ${S_txn:-none}"
      own_txn
      [ "$S_phase" != idle ] || is_confirmed || wrong_phase "transaction $A_txn was rolled back"
      refuse_rebooted
      repeated
      return
      ;;
    *) wrong_phase "phase $S_phase" ;;
  esac
  is_ready "$A_to" || fail link_failed "release $A_to is not complete on this host"
  refuse_drifted "$A_to"
  read_current
  refuse_foreign_current
  [ "$CUR" = "$A_from" ] || fail moved "current is ${CUR:-absent}, expected ${A_from:-none}"
  keep_version "$A_to"
  keep_link
  arm_timer "fleet-$A_txn" "$@" || fail_unarmed
  renew_lease
  S_txn=$A_txn S_from=$A_from S_to=$A_to S_ran=$A_ran S_kind=$A_kind
  S_baseline='' S_before='' S_runs='' S_acted=''
  note_phase armed "lease=$S_lease" "renewed=$S_renewed" "txn=$S_txn" "from=$S_from" "to=$S_to" \
    "deadline=$S_deadline" "switch=$S_switch" "tier=$A_switch" "program=$S_program" "boot=$S_boot" \
    "ran=$S_ran" "kind=$S_kind" found= "back=$S_back" baseline= before= runs= acted=
  sync_state "$D" "$F/recipe" ${VERSION_FILE:+"$VERSION_FILE"} ${KEPT:+"$KEPT"}
  succeed
}

fail_unarmed() {
  append_state tier=
  telling_line "$TIMER_ERROR"
  fail dead_man_unavailable "the automatic rollback timer ($A_switch) cannot be started: $TELLING"
}

verb_activate() {
  lock
  own_txn
  case $S_phase in
    armed | linked) ;;
    restarted | verified)
      repeated
      return
      ;;
    *)
      is_confirmed || wrong_phase "phase $S_phase"
      repeated
      return
      ;;
  esac
  read_current
  refuse_foreign_current
  # A step killed between the rename and its record has left `to` here already.
  [ "$CUR" = "$S_from" ] || [ "$CUR" = "$S_to" ] ||
    fail moved "current is ${CUR:-absent}, expected ${S_from:-none}"
  is_ready "$S_to" || fail link_failed "release $S_to is not complete on this host"
  user_bus
  activate_timer=
  case $S_switch in "$A_scope":?*) activate_timer=${S_switch#*:}.timer ;; esac
  read_units "$activate_timer" || fail service_failed "systemctl show failed"
  each_unit refuse_unknown_unit || fail unit_unknown "unit $U_name: $U_load"
  refuse_unarmed
  keep_foreign
  put_version "$S_to"
  [ "$CUR" = "$S_to" ] || link_current "$S_to" forth
  if [ "$S_phase" = armed ]; then
    note_before
    note_phase linked "before=$S_before" "acted=$S_acted"
  fi
  if ! act_on_service; then
    append_state found=bad
    fail_with_journal "$SERVICE_CODE" "$SERVICE_MESSAGE"
  fi
  note_phase restarted
  succeed
}

# note_before: the processes that a restart must end: started before this call, or these.
note_before() {
  identities
  S_before=$IDENTITIES
  process_start self
  S_acted=$START
}

# A host is linked only while its dead-man timer is running and has time left.
refuse_unarmed() {
  refuse_rebooted
  is_armed "$MORE_ACTIVE" || fail not_armed "the automatic rollback timer is not running: ${S_switch:-none}"
  uptime_seconds
  [ "$S_switch" = off ] || [ "$UP" -lt "$S_deadline" ] ||
    fail not_armed "the deadline of transaction $A_txn is over"
}

refuse_unknown_unit() {
  [ "$U_load" = loaded ] || [ "$A_action" = none ]
}

# link_current ID back|forth: a new link, renamed over `current`, read back.
link_current() {
  make_link "$1" "$2"
  replace_current || fail link_failed "cannot replace current: $link_error"
  read_current
  [ "$CUR" = "$1" ] || fail link_failed "current reads back as ${CUR:-$CUR_WHAT}, not $1"
  emit "{\"event\":\"linked\",\"release\":\"$1\"}"
}

# refuse_moved: another run or a person has moved `current`.
refuse_moved() {
  [ "$CUR" = "$S_from" ] || [ "$CUR" = "$S_to" ] || [ "$CUR_KIND" = absent ] ||
    fail moved "current is $CUR, neither ${S_from:-none} nor $S_to"
  [ -z "$S_from" ] || [ "$S_back" = none ] || is_complete "$S_from" || is_kept "$S_from" ||
    end_down "release $S_from, to roll back to, is not complete on this host"
}

# is_kept ID: made by another tool, and restored in any state; its unit tells.
is_kept() {
  [ -L "$F/links/$1" ] || return 1
  is_foreign "$1" || [ ! -e "$F/releases/$1" ]
}

# restore_link: `current` as it was before the transaction. A release that replaced itself is not judged.
restore_link() {
  if [ -z "$S_from" ]; then unlink_current; elif [ "$CUR" != "$S_from" ]; then link_current "$S_from" back; fi
  [ "$S_from" = "$S_to" ] || judge_left
}

# unlink_current: if no release was there before, none is there after.
unlink_current() {
  [ -L "$R/current" ] || return 0
  remove root ".current-$A_txn"
  mv -f -- "$R/current" "$R/.current-$A_txn" || fail link_failed "cannot remove current"
  remove root ".current-$A_txn"
}
