# prune: old releases go, save those that something may still need.

verb_prune() {
  lock
  fence
  if is_over; then
    repeated
    return
  fi
  own
  [ "$S_phase" = idle ] || wrong_phase "phase $S_phase"
  read_current
  # A link made by hand may lead into a release.
  prune_current=
  if cd -P -- "$R/current" 2>/dev/null; then prune_current=$PWD/; fi
  cd /
  # One ls names what every process that this user may look at runs from.
  in_use=$(ls -l /proc/[0-9]*/cwd /proc/[0-9]*/exe 2>/dev/null)$NL
  remove releases ".tmp-$A_txn"
  prune_bin=$D/.tmp-$A_txn
  mkdir -- "$prune_bin" || fail step_failed "can not make $prune_bin"
  for arg; do
    case $arg in
      --) break ;;
      remove=*) prune_one "${arg#*=}" ;;
    esac
  done
  remove releases ".tmp-$A_txn"
  succeed
}

# The release is renamed away first: what can be seen of it is whole, until nothing is.
prune_one() {
  read_marker "$1" || return 0
  if is_protected "$1"; then
    note "kept release $1: $PROTECTED"
    return 0
  fi
  if [ -d "$D/$1" ] && [ ! -L "$D/$1" ]; then
    mv -T -- "$D/$1" "$prune_bin/$1" || fail step_failed "can not remove release $1"
  fi
  remove .fleet/releases "$1"
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
