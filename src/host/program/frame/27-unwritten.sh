# Why something cannot be written although there is space.

# fail_unwritten WHAT: with the system's own error, which a test file gets too.
fail_unwritten() {
  ! has_no_inodes "$F" || fail disk_full "no inodes left to write $1 (df -i): there are too many files"
  try_write "$F/write-$$"
  [ -n "$WRITE_ERROR" ] || remove .fleet "write-$$"
  fail step_failed "cannot write $1${WRITE_ERROR:+: $WRITE_ERROR}"
}

# try_write FILE: creates it, or sets WRITE_ERROR to the reason.
try_write() {
  WRITE_ERROR=$( (: >>"$1") 2>&1)
  WRITE_ERROR=${WRITE_ERROR##*: }
}

# has_no_inodes FOLDER: no inodes are left, with space or without.
has_no_inodes() {
  read_inodes "$1" && [ ${#INODES} -le 2 ] && [ "$INODES" -lt 16 ]
}

# read_inodes FOLDER: sets INODES to how many are left. Some file systems and some df do not count them.
read_inodes() {
  INODES=$(df -Pi -- "$1" 2>/dev/null) || return 1
  INODES=${INODES##*"$NL"}
  case $INODES in *%*) ;; *) return 1 ;; esac
  INODES=${INODES%%\%*}
  INODES=${INODES% *}
  INODES=${INODES%"${INODES##*[0-9]}"}
  INODES=${INODES##*[!0-9]}
  is_number "$INODES"
}

# emit_unwritten: which parts of the root this user cannot write, and if all of it is on a read-only file
# system.
emit_unwritten() {
  # A fork, so only for a run and for doctor.
  if [ "$A_doctor:$A_tiers" != 0:0 ]; then
    if [ -d "$D" ]; then read_inodes "$D"; else read_inodes "${root_above:-/}"; fi &&
      host_text="$host_text,\"freeInodes\":$INODES"
  fi
  [ "$ROOT_STANDING" = not-writable ] || return 0
  unwritten=
  for unwritten_part in . releases shared .fleet .fleet/state .fleet/lock; do
    if [ -e "$R/$unwritten_part" ] && [ ! -w "$R/$unwritten_part" ]; then
      unwritten=$unwritten${unwritten:+,}\"$unwritten_part\"
    fi
  done
  host_text="$host_text,\"unwritten\":[$unwritten]"
  # Nothing is made if this user cannot write there.
  [ ! -w "${root_above:-/}" ] || return 0
  try_write "${root_above:-}/.fleet-write-$$"
  case $WRITE_ERROR in *'ead-only file system'*) host_text="$host_text,\"readOnly\":true" ;; esac
}
