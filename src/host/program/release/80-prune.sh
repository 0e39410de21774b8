# prune: deletes old releases and backups, except those that may still be needed. They are moved away under the lock,
# and deleted without it: that may take long, and must not keep the host from giving up its claim.

verb_prune() {
  lock
  fence
  if is_over; then
    repeated
    return
  fi
  own
  case $S_phase in idle | claimed) ;; *) wrong_phase "phase $S_phase" ;; esac
  read_current
  # A link made by hand may lead into a release.
  prune_current=
  if cd -P -- "$R/current" 2>/dev/null; then prune_current=$PWD/; fi
  cd /
  # One ls shows what every process visible to this user runs from.
  in_use=$(ls -l /proc/[0-9]*/cwd /proc/[0-9]*/exe 2>/dev/null)$NL
  fresh_tmp || fail step_failed "cannot create $D/$TMP_NAME"
  PRUNE_STUCK=
  for arg; do
    case $arg in
      --) break ;;
      remove=*) prune_one "${arg#*=}" ;;
    esac
  done
  # shellcheck disable=SC2086 # names without blanks
  note_stuck $PRUNE_STUCK
  PRUNED_BACKUPS=
  [ -z "$A_backups" ] || prune_backups "$A_backups"
  unlock
  remove releases "$TMP_NAME" || true
  for pruned_backup in $PRUNED_BACKUPS; do remove .fleet/backups "$pruned_backup" || true; done
  lock
  succeed
}

# The release is renamed first, so that a visible release is always complete. One that cannot be deleted
# stays as it is.
prune_one() {
  read_marker "$1" || return 0
  if is_protected "$1"; then
    note "kept release $1: $PROTECTED"
    return 0
  fi
  if [ -d "$D/$1" ] && [ ! -L "$D/$1" ]; then
    if find_stuck "$D/$1" || ! move_release "$1"; then
      PRUNE_STUCK="$PRUNE_STUCK $1"
      tell_stuck "releases/$1" "$STUCK_WHAT" "$STUCK"
      return 0
    fi
  fi
  remove .fleet/units "$1" || true
  remove_manifest "$1"
  remove .fleet/releases "$1" || true
}

# move_release ID: false with STUCK. A folder must be writable itself to get another parent.
move_release() {
  STUCK_WHAT=other
  [ -w "$D/$1" ] || chmod u+w -- "$D/$1" 2>/dev/null
  STUCK=$(mv -- "$D/$1" "$D/$TMP_NAME/" 2>&1)
}

is_protected() {
  PROTECTED=
  [ "$1" != "$CUR" ] || PROTECTED='it is current'
  [ "$1" != "$S_from" ] || PROTECTED='the last run came from it'
  [ "$1" != "$S_to" ] || PROTECTED='the last run went to it'
  ! is_foreign "$1" || PROTECTED='fleet did not make it'
  case $prune_current in "$D/$1"/*) PROTECTED='it is current' ;; esac
  case $in_use in
    *" -> $D/$1/"* | *" -> $D/$1$NL"*) PROTECTED='a process runs from it' ;;
  esac
  [ -n "$PROTECTED" ]
}
