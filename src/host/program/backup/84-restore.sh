# restore: the paths of a backup come back. Each is copied beside its place, and gets its name by a rename once all
# copies are there. What was there stays beside it until the restore command has succeeded, so that it can be put back.
# .fleet/restoring is there meanwhile: `<txn> <copies|swaps>`, and `<n> <KiB> <path>` for each path. A path has
# .fleet-new-<txn>.<n>, .fleet-old-<txn>.<n> and .fleet-gone-<txn>.<n> beside it.

verb_restore() {
  need backup "$A_backup" timeout_ms "$A_timeout_ms"
  lock
  check_restore_phase || return 0
  unlock
  take_turn "$A_timeout_ms"
  lock
  # A lost twin of this step may have been faster.
  check_restore_phase || { leave_turn && return 0; }
  put_back
  begin_restore
  unlock
  each_restored copy_one || give_up_restore "$RESTORE_WHAT" "$RESTORE_ERROR"
  lock
  own_restore
  write_restoring swaps
  each_restored swap_one || give_up_restore "$RESTORE_WHAT" "$RESTORE_ERROR"
  unlock
  read_command "$@"
  [ -z "$COMMAND" ] || run_command_apart "$A_from" "$F/backups/$A_backup/files" ||
    give_up_restore "the restore command $COMMAND_END" "$COMMAND_LAST"
  lock
  own_restore
  end_restore
  leave_turn
  tell_restored
  succeed
}

# check_restore_phase: false if this transaction has restored already, and the answer was repeated.
check_restore_phase() {
  fence
  if is_restored "$A_txn"; then
    put_back
    tell_restored
    repeated
    return 1
  fi
  case $S_phase in
    claimed | staged) own ;;
    *) wrong_phase "phase $S_phase" ;;
  esac
  is_backup "$A_backup" || fail backup_unknown "there is no backup $A_backup on this host"
}

# is_restored TXN: a transaction restores one backup.
is_restored() {
  [ -f "$F/restored" ] && read -r restored_txn restored_backup <"$F/restored" && [ "$restored_txn" = "$1" ]
}

tell_restored() {
  emit "{\"event\":\"restored\",\"id\":\"$restored_backup\"}"
}

# begin_restore: sets RESTORE_TXN and RESTORE_LIST.
begin_restore() {
  read_list "$F/backups/$A_backup/list" || fail backup_unknown "the list of backup $A_backup cannot be read"
  RESTORE_TXN=$A_txn RESTORE_LIST='' restore_count=0
  while IFS= read -r listed_path; do
    case $listed_path in '' | '- '*) continue ;; esac
    restore_count=$((restore_count + 1))
    RESTORE_LIST="$RESTORE_LIST$restore_count $listed_path$NL"
  done <<END
$LISTED
END
  write_restoring copies
}

# write_restoring copies|swaps
write_restoring() {
  printf '%s\n%s' "$RESTORE_TXN $1" "$RESTORE_LIST" >"$F/restoring.new" && flush "$F/restoring.new" &&
    mv -f -- "$F/restoring.new" "$F/restoring" || fail_write "$F/restoring"
}

# each_restored FUNCTION: calls it with the number, the size and the name of each path. False at the first for which it
# is.
each_restored() {
  while IFS= read -r restore_line; do
    [ -n "$restore_line" ] || continue
    restore_rest=${restore_line#* }
    "$1" "${restore_line%% *}" "${restore_rest%% *}" "${restore_rest#* }" || return 1
    cd /
  done <<END
$RESTORE_LIST
END
}

# is_own_restore: no other run has the host by now, and none has put back what this step has done.
is_own_restore() {
  [ "$S_run" = "$A_run" ] && [ "$S_epoch" = "$A_epoch" ] && [ -f "$F/restoring" ] &&
    read -r restoring_txn restoring_part <"$F/restoring" && [ "$restoring_txn" = "$A_txn" ]
}

# own_restore: after a part without the lock. If another step has put everything back, only copies may be left.
own_restore() {
  ! is_own_restore || return 0
  each_restored drop_one
  own
  wrong_phase 'another step has ended this restore'
}

# copy_one NUMBER KIB PATH
copy_one() {
  RESTORE_WHAT="cannot restore $3" RESTORE_ERROR=
  enter_made_path "$3" || { RESTORE_ERROR=$PATH_WRONG && return 1; }
  if [ -L "./$PATH_NAME" ]; then
    RESTORE_ERROR='it is a link'
    return 1
  fi
  free_kib "$PWD"
  if is_number "$2" && [ "$FREE_KIB" -lt $(($2 + 65536)) ]; then
    RESTORE_ERROR="No space left for it: have $FREE_KIB KiB free below $PWD, need $(($2 + 65536)) KiB"
    return 1
  fi
  remove beside ".fleet-new-$A_txn.$1"
  copy_whole "$F/backups/$A_backup/tree/$3" "./.fleet-new-$A_txn.$1" || { RESTORE_ERROR=$COPY_ERROR && return 1; }
  sync -f "./.fleet-new-$A_txn.$1" 2>/dev/null || sync
}

# enter_made_path PATH: as enter_path, and makes the folders on the way.
enter_made_path() {
  until enter_path "$1"; do
    [ -n "$PATH_ABSENT" ] && mkdir -- "./$path_part" || return 1
  done
}

# swap_one NUMBER KIB PATH: a file is replaced by one rename. A folder cannot be: it is away between two renames.
swap_one() {
  RESTORE_WHAT="cannot restore $3" RESTORE_ERROR=
  enter_path "$3" || { RESTORE_ERROR=$PATH_WRONG && return 1; }
  swap_new=./.fleet-new-$A_txn.$1 swap_old=./.fleet-old-$A_txn.$1
  if [ -f "./$PATH_NAME" ] && [ ! -d "$swap_new" ] && ln -- "./$PATH_NAME" "$swap_old" 2>/dev/null; then
    :
  elif [ -e "./$PATH_NAME" ] || [ -L "./$PATH_NAME" ]; then
    RESTORE_ERROR=$(mv -- "./$PATH_NAME" "$swap_old" 2>&1) || return 1
  fi
  RESTORE_ERROR=$(mv -f -- "$swap_new" "./$PATH_NAME" 2>&1)
}

# end_restore: from here on nothing is put back.
end_restore() {
  restored_backup=$A_backup
  printf '%s\n' "$A_txn $A_backup" >"$F/restored.new" && flush "$F/restored.new" &&
    mv -f -- "$F/restored.new" "$F/restored" || fail_write "$F/restored"
  stamp
  log_transition "$S_phase"
  each_restored drop_one
  remove .fleet restoring
}

# put_back: what a restore that did not end has changed is again as it was.
put_back() {
  [ -f "$F/restoring" ] || return 0
  RESTORE_LIST=
  {
    read -r RESTORE_TXN restoring_part || RESTORE_TXN=
    while IFS= read -r restore_line; do
      restore_rest=${restore_line#* }
      is_number "${restore_line%% *}" && is_kept_path "${restore_rest#* }" || continue
      RESTORE_LIST=$RESTORE_LIST$restore_line$NL
    done
  } <"$F/restoring"
  if is_name "$RESTORE_TXN"; then
    is_restored "$RESTORE_TXN" || [ "$restoring_part" != swaps ] || each_restored put_one_back
    each_restored drop_one
  fi
  cd /
  remove .fleet restoring
}

# put_one_back NUMBER KIB PATH
put_one_back() {
  enter_path "$3" || return 0
  put_old=./.fleet-old-$RESTORE_TXN.$1 put_gone=./.fleet-gone-$RESTORE_TXN.$1
  if [ -e "$put_old" ] || [ -L "$put_old" ]; then
    # Only a file can be replaced by a rename, and only by a file.
    if [ -d "./$PATH_NAME" ] || [ -d "$put_old" ]; then
      [ ! -e "./$PATH_NAME" ] || mv -- "./$PATH_NAME" "$put_gone"
    fi
    mv -f -- "$put_old" "./$PATH_NAME" 2>/dev/null || note "$3 could not be put back: it is beside it, as ${put_old#./}"
  elif [ ! -e "./.fleet-new-$RESTORE_TXN.$1" ] && [ -e "./$PATH_NAME" ]; then
    # Nothing was there before.
    mv -- "./$PATH_NAME" "$put_gone"
  fi
}

# drop_one NUMBER KIB PATH: the copies beside it.
drop_one() {
  enter_path "$3" || return 0
  for drop_name in ".fleet-new-$RESTORE_TXN.$1" ".fleet-old-$RESTORE_TXN.$1" ".fleet-gone-$RESTORE_TXN.$1"; do
    remove beside "$drop_name" || true
  done
}

# give_up_restore MESSAGE [DETAIL]: puts everything back, then fails.
give_up_restore() {
  see_full "${2:-}"
  cd /
  lock
  own_restore
  put_back
  case $FULL in ?*) fail disk_full "$1: ${2##*"$NL"}; everything is as it was" ;; esac
  fail restore_failed "$1${2:+: ${2##*"$NL"}}; the files are as they were before"
}
