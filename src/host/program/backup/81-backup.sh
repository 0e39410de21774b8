# backup: what is kept of a host before its link moves. A backup is .fleet/backups/<txn>, complete or absent:
#   info    one line of JSON, the event that reports it
#   list    `<epoch> <run> <from> <to> <KiB>`, then `<KiB> <path>` for each path, `- <path>` if it was absent
#   tree/   the copies of the paths below the root
#   files/  what the command wrote

# The copying and the command are slow, so not under the lock. Whose host it is, is checked before and after.
verb_backup() {
  need timeout_ms "$A_timeout_ms"
  lock
  check_backup_phase || return 0
  name_paths "$@"
  unlock
  take_turn "$A_timeout_ms"
  drop_earlier
  # A lost twin of this step may have been faster.
  if ! is_backup "$A_txn"; then take_backup "$@"; fi
  lock
  if check_backup_phase; then
    publish_backup
    tell_backup "$A_txn"
    succeed
  else
    drop_backup
  fi
  # The twin that has the turn next deletes what is not published.
  leave_turn
}

# check_backup_phase: false if this transaction has its backup already, and the answer was repeated.
check_backup_phase() {
  fence
  if is_backup "$A_txn"; then
    tell_backup "$A_txn"
    repeated
    return 1
  fi
  case $S_phase in
    claimed | staged) own ;;
    *) wrong_phase "phase $S_phase" ;;
  esac
}

is_backup() {
  [ -f "$F/backups/$1/info" ] && [ ! -L "$F/backups/$1" ]
}

take_backup() {
  BACKUP_TMP=.tmp-$$-$A_txn
  BACKUP=$F/backups/$BACKUP_TMP
  BACKUP_KIB=0 COMMAND_KIB=
  [ -d "$F/backups" ] || mkdir -m 700 -- "$F/backups" || fail_write "$F/backups"
  mkdir -m 700 -- "$BACKUP" && mkdir -- "$BACKUP/tree" "$BACKUP/files" || fail_write "$BACKUP"
  measure_paths
  need_space "$F" "$BACKUP_KIB"
  keep_paths
  read_command "$@"
  [ -z "$COMMAND" ] || run_backup_command
  write_backup
}

# measure_paths: adds up BACKUP_KIB, and sets BACKUP_LIST and BACKUP_JSON, from PATHS.
measure_paths() {
  BACKUP_LIST='' BACKUP_JSON=''
  while IFS= read -r named_path; do
    [ -n "$named_path" ] || continue
    measure_path "${named_path%% *}" "${named_path#* }"
  done <<END
$PATHS
END
}

# measure_path needed|any PATH
measure_path() {
  json "$2"
  if is_path_there "$2"; then
    path_kib=$(du -sk -- "./$PATH_NAME" 2>/dev/null)
    path_kib=${path_kib%%[!0-9]*}
    is_number "$path_kib" && [ ${#path_kib} -le 9 ] || path_kib=0
    BACKUP_KIB=$((BACKUP_KIB + path_kib))
    BACKUP_JSON="$BACKUP_JSON${BACKUP_JSON:+,}{\"path\":$JSON,\"kib\":$path_kib}"
  else
    [ "$1" = any ] || fail_backup backup_failed "$2 cannot be kept: $PATH_WRONG"
    [ -n "$PATH_ABSENT" ] || fail_backup backup_failed "$2: $PATH_WRONG"
    path_kib=-
    BACKUP_JSON="$BACKUP_JSON${BACKUP_JSON:+,}{\"path\":$JSON,\"kib\":null}"
  fi
  cd /
  BACKUP_LIST="$BACKUP_LIST$path_kib $2$NL"
}

# keep_paths: copies what was measured.
keep_paths() {
  while IFS= read -r listed_path; do
    case $listed_path in
      '' | '- '*) continue ;;
    esac
    keep_path "${listed_path#* }"
  done <<END
$BACKUP_LIST
END
}

keep_path() {
  is_path_there "$1" || fail_backup backup_failed "$1: $PATH_WRONG"
  keep_in=$BACKUP/tree
  case $1 in
    */*)
      keep_in=$keep_in/${1%/*}
      mkdir -p -- "$keep_in" || fail_backup backup_failed "cannot make the folder of $1"
      ;;
  esac
  copy_whole "./$PATH_NAME" "$keep_in/$PATH_NAME" || fail_backup backup_failed "cannot copy $1" "$COPY_ERROR"
  cd /
}

run_backup_command() {
  command_folder=$A_to
  [ "$A_kind" = deploy ] || command_folder=$A_from
  run_command_apart "$command_folder" "$BACKUP/files" ||
    fail_backup backup_failed "the backup command $COMMAND_END" "$COMMAND_LAST"
  COMMAND_KIB=$(du -sk -- "$BACKUP/files" 2>/dev/null)
  COMMAND_KIB=${COMMAND_KIB%%[!0-9]*}
  is_number "$COMMAND_KIB" && [ ${#COMMAND_KIB} -le 9 ] || COMMAND_KIB=0
  BACKUP_KIB=$((BACKUP_KIB + COMMAND_KIB))
}

# write_backup: what is known of it, next to it.
write_backup() {
  stamp
  case $S_owner in \"*\") backup_by=$S_owner ;; *) backup_by=null ;; esac
  backup_text="\"id\":\"$A_txn\",\"run\":\"$A_run\",\"epoch\":$A_epoch,\"at\":\"$STAMP\",\"by\":$backup_by"
  json_or_null "$A_from" && backup_text="$backup_text,\"from\":$JSON"
  json_or_null "$A_to" && backup_text="$backup_text,\"to\":$JSON"
  backup_text="$backup_text,\"kind\":\"${A_kind:-deploy}\",\"kib\":$BACKUP_KIB,\"commandKib\":${COMMAND_KIB:-null}"
  printf '%s\n' "$A_epoch $A_run ${A_from:--} ${A_to:--} $BACKUP_KIB" >"$BACKUP/list" &&
    printf '%s' "$BACKUP_LIST" >>"$BACKUP/list" &&
    printf '%s\n' "{$backup_text,\"paths\":[$BACKUP_JSON]}" >"$BACKUP/info" ||
    fail_backup backup_failed 'cannot write what is known of the backup'
  # One syncfs of this file system: an fsync for each file costs more.
  sync -f "$BACKUP/info" 2>/dev/null || sync || fail_backup backup_failed 'sync failed'
}

# publish_backup: under the lock, so no twin is doing the same.
publish_backup() {
  mv -- "$BACKUP" "$F/backups/$A_txn" || fail_backup backup_failed 'cannot rename the backup into its place'
}

# drop_earlier: what a killed call of this transaction has left; no other is at work.
drop_earlier() {
  for earlier_path in "$F"/backups/.tmp-*-"$A_txn"; do
    [ ! -e "$earlier_path" ] || remove .fleet/backups "${earlier_path##*/}"
  done
}

drop_backup() {
  [ -z "${BACKUP_TMP:-}" ] || remove .fleet/backups "$BACKUP_TMP"
}

# fail_backup CODE MESSAGE [DETAIL]: nothing of it stays. Says if the disk is full.
fail_backup() {
  see_full "${3:-}"
  cd /
  free_kib "$F"
  [ "$FREE_KIB" -ge 1024 ] || FULL=${FULL:-space}
  drop_backup
  case $FULL in
    inodes) fail disk_full "$2: no inodes left (df -i), there are too many files" ;;
    space) fail disk_full "$2: no space left on the device" ;;
  esac
  [ -n "${3:-}" ] || fail "$1" "$2"
  fail "$1" "$2: ${3##*"$NL"}"
}

# need_space FOLDER KIB: with the same margin as for a release.
need_space() {
  free_kib "$1"
  [ "$FREE_KIB" -ge $(($2 + 65536)) ] ||
    fail_backup disk_full "have $FREE_KIB KiB free below $1, need $(($2 + 65536)) KiB"
}
