# arm and activate: the transaction is recorded, then `current` is replaced and the service follows.

verb_arm() {
  need to "$A_to" deadline "$A_deadline"
  lock
  fence
  case $S_phase in
    claimed | staged) own ;;
    armed | linked | restarted | verified | idle)
      [ "$S_txn:$S_from:$S_to" = "$A_txn:$A_from:$A_to" ] ||
        wrong_phase "phase $S_phase of transaction ${S_txn:-none}"
      [ "$S_phase" != idle ] || is_confirmed || wrong_phase "transaction $A_txn was taken back"
      repeated
      return
      ;;
    *) wrong_phase "phase $S_phase" ;;
  esac
  is_complete "$A_to" || fail link_failed "release $A_to is not complete on this host"
  read_current
  refuse_foreign_current
  [ "$CUR" = "$A_from" ] || fail moved "current is ${CUR:-absent}, expected ${A_from:-none}"
  S_txn=$A_txn S_from=$A_from S_to=$A_to S_deadline=$A_deadline S_baseline='' S_before=''
  { read -r S_boot </proc/sys/kernel/random/boot_id; } 2>/dev/null
  save_state armed "$R/releases"
  succeed
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
  # A step that was killed between the rename and its record has left `to` here already.
  [ "$CUR" = "$S_from" ] || [ "$CUR" = "$S_to" ] ||
    fail moved "current is ${CUR:-absent}, expected ${S_from:-none}"
  is_complete "$S_to" || fail link_failed "release $S_to is not complete on this host"
  user_bus
  read_units || fail service_failed "systemctl show failed"
  each_unit refuse_unknown_unit || fail unit_unknown "unit $U_name: $U_load"
  write_version "$S_to" "$A_version"
  [ "$CUR" = "$S_to" ] || link_current "$S_to"
  if [ "$S_phase" = armed ]; then
    identities
    S_before=$IDENTITIES
    note_phase linked "before=$S_before"
  fi
  act_on_service || fail_with_journal "$SERVICE_CODE" "$SERVICE_MESSAGE"
  note_phase restarted
  succeed
}

refuse_unknown_unit() {
  [ "$U_load" = loaded ] || [ "$A_action" = none ]
}

# link_current ID: a link under a name of this transaction, renamed over `current`, read back. It
# is made beside `current`: busybox's mv -T takes a link only where it resolves as the other does.
link_current() {
  remove root ".current-$A_txn"
  link_error=$(ln -s "releases/$1" "$R/.current-$A_txn" 2>&1) ||
    fail link_failed "can not make a link: $link_error"
  link_error=$(mv -T -f "$R/.current-$A_txn" "$R/current" 2>&1) ||
    fail link_failed "can not replace current: $link_error"
  read_current
  [ "$CUR" = "$1" ] || fail link_failed "current reads back as ${CUR:-$CUR_WHAT}, not $1"
  emit "{\"event\":\"linked\",\"release\":\"$1\"}"
}

# unlink_current: where there was no release before, there is none after.
unlink_current() {
  [ -L "$R/current" ] || return 0
  remove root ".current-$A_txn"
  mv -T -f "$R/current" "$R/.current-$A_txn" || fail link_failed "can not take current away"
  remove root ".current-$A_txn"
}
