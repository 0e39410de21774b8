# Why something cannot be written, where there is space for it.

# fail_unwritten WHAT: in the words of the system, which a file that is tried beside it gets too.
fail_unwritten() {
  ! has_no_inodes "$F" || fail disk_full "no inodes left to write $1 (df -i): there are too many files"
  try_write "$F/write-$$"
  [ -n "$WRITE_ERROR" ] || remove .fleet "write-$$"
  fail step_failed "cannot write $1${WRITE_ERROR:+: $WRITE_ERROR}"
}

# try_write FILE: sets WRITE_ERROR to why it cannot be made; makes it where it can.
try_write() {
  WRITE_ERROR=$( (: >>"$1") 2>&1)
  WRITE_ERROR=${WRITE_ERROR##*: }
}

# has_no_inodes FOLDER: whether no file can be made there any more, with space or without. Some file
# systems do not count them, and some df do not tell.
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

# emit_unwritten: what of the root this user may not write, where there is any, and whether all of it is on
# a file system that no one may write.
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
  # Nothing is made where this user may not write.
  [ ! -w "${root_above:-/}" ] || return 0
  try_write "${root_above:-}/.fleet-write-$$"
  case $WRITE_ERROR in *'ead-only file system'*) host_text="$host_text,\"readOnly\":true" ;; esac
}
