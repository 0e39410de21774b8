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

# has_no_inodes FOLDER: no inodes are left, with space or without. Some file systems and some df do not
# count them.
has_no_inodes() {
  inodes=$(df -Pi -- "$1" 2>/dev/null) || return 1
  inodes=${inodes##*"$NL"}
  case $inodes in *%*) ;; *) return 1 ;; esac
  inodes=${inodes%%\%*}
  inodes=${inodes% *}
  inodes=${inodes%"${inodes##*[0-9]}"}
  inodes=${inodes##*[!0-9]}
  is_number "$inodes" && [ "$inodes" -lt 16 ]
}

# emit_unwritten: which parts of the root this user cannot write, and if all of it is on a read-only file
# system.
emit_unwritten() {
  [ "$A_doctor" = 0 ] || ! has_no_inodes "${root_above:-/}" || host_text="$host_text,\"noInodes\":true"
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
