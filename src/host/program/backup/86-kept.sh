# The backups of a host: listed, and deleted when they are more than is to be kept.

# tell_backup ID: the event of a backup, as it was written. `recent` if it was taken for the activation after which
# `current` is what it is now: a rollback of that needs this one.
tell_backup() {
  IFS= read -r backup_info <"$F/backups/$1/info" || return 0
  case $backup_info in
    '{"id":"'*'}') emit "{\"event\":\"backup\",\"recent\":${2:-false},${backup_info#?}" ;;
    *) note "the record of backup $1 cannot be read" ;;
  esac
}

emit_backups() {
  read_current
  read_current_run
  for backup_path in "$F"/backups/*; do
    backup_id=${backup_path##*/}
    is_name "$backup_id" && is_backup "$backup_id" && read_list "$backup_path/list" || continue
    backup_recent=false
    ! is_recent || backup_recent=true
    tell_backup "$backup_id" "$backup_recent"
  done
}

# is_recent: of the backup whose list was read.
is_recent() {
  [ -n "$CURRENT_RUN" ] && [ "$L_run" = "$CURRENT_RUN" ] && [ "$L_to" = "$CUR" ]
}

# read_current_run: sets CURRENT_RUN to the run that made `current` what it is, from its version.json.
read_current_run() {
  CURRENT_RUN=
  [ -n "$CUR" ] && [ -f "$D/$CUR/version.json" ] && is_own "$CUR" || return 0
  IFS= read -r version_line <"$D/$CUR/version.json" || return 0
  case $version_line in
    *'"run":"'*)
      version_line=${version_line#*'"run":"'}
      version_line=${version_line%%\"*}
      ! is_name "$version_line" || CURRENT_RUN=$version_line
      ;;
  esac
}

# prune_backups KEEP: moves away all but so many, the oldest first by the epochs of this host. Adds their names to
# PRUNED_BACKUPS.
prune_backups() {
  read_current_run
  for backup_path in "$F"/backups/*; do
    backup_id=${backup_path##*/}
    is_name "$backup_id" && is_backup "$backup_id" && read_list "$backup_path/list" || continue
    ! is_backup_needed "$backup_id" || continue
    is_beyond "$1" "$L_epoch" || continue
    # A backup that is seen is complete.
    ! mv -- "$backup_path" "$F/backups/.tmp-$backup_id-$A_txn" 2>/dev/null ||
      PRUNED_BACKUPS="$PRUNED_BACKUPS .tmp-$backup_id-$A_txn"
  done
}

# is_backup_needed ID: by an unfinished run, by the last one, or for a rollback of what is current.
is_backup_needed() {
  [ "$1" = "$S_txn" ] || [ "$1" = "$A_txn" ] || [ "$L_run" = "$S_run" ] || is_recent
}

# is_beyond KEEP EPOCH: at least KEEP backups are newer.
is_beyond() {
  beyond_newer=0
  for beyond_path in "$F"/backups/*; do
    is_name "${beyond_path##*/}" && is_backup "${beyond_path##*/}" || continue
    read -r beyond_epoch _ <"$beyond_path/list" && is_epoch "$beyond_epoch" || continue
    [ "$beyond_epoch" -le "$2" ] || beyond_newer=$((beyond_newer + 1))
  done
  [ "$beyond_newer" -ge "$1" ]
}
