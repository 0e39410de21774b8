# Receiving a release: the space for it, and the file that it is received into.

# Thousands of bytes instead of KiB, which is more: mksh counts in 32 bits.
check_space() {
  free_kib "$D"
  space_bytes=${A_bytes%???} space_unpacked=${A_unpacked%???}
  space_need=$((${space_bytes:-1} + ${space_unpacked:-1} + 65536))
  [ "$FREE_KIB" -ge "$space_need" ] ||
    fail disk_full "have $FREE_KIB KiB free below $D, need $space_need KiB"
}

# spool: into a file of this call only, since a lost twin may still be receiving.
spool() {
  SPOOL=$F/spool-$$-$A_txn
  drop_spool
  spool_error=$(receive 2>&1 >"$SPOOL") || give_up_spool unpack_failed "receiving failed" "$spool_error"
  spool_sum=$({ sha256sum <"$SPOOL"; } 2>/dev/null)
  # Whether a step deleted it is checked under the lock.
  [ "${spool_sum%% *}" = "$A_sha256" ] || [ ! -e "$SPOOL" ] || refuse_spool
}

# receive: the payload and no more; the next call may follow.
receive() {
  exec head -c "$A_bytes" <&8
}

# pass_over: reads and drops a payload that is not needed.
pass_over() {
  [ "$A_bytes" = 0 ] || { receive_exactly "$A_manifest_bytes" && (receive); } >/dev/null
}

drop_spool() {
  remove .fleet "${SPOOL##*/}"
}

# drop_spools: also those of lost twins, which find the release instead.
drop_spools() {
  for spool_path in "$F"/spool-*-"$A_txn"; do
    remove .fleet "${spool_path##*/}"
  done
}

refuse_spool() {
  spool_bytes=$(wc -c <"$SPOOL")
  spool_bytes=${spool_bytes##*[!0-9]}
  drop_spool
  drop_manifest
  if [ "$spool_bytes" != "$A_bytes" ]; then
    fail digest_mismatch "received $spool_bytes of $A_bytes bytes"
  fi
  fail digest_mismatch "received sha256 ${spool_sum%% *}, expected $A_sha256"
}

# give_up_stage CODE MESSAGE DETAIL: deletes the leftovers, then fails. Under the lock. Whatever is wrong with a
# release that is made from another one, the whole may still be sent.
give_up_stage() {
  see_full "$3"
  [ -z "$A_base" ] || [ "$1" = disk_full ] || set -- base_changed "$2" "$3"
  remove releases "$TMP_NAME"
  give_up_spool "$@"
}

give_up_spool() {
  see_full "$3"
  drop_spool
  drop_manifest
  fail_full "$@"
}

# fail_full CODE MESSAGE DETAIL: names what has run out, if see_full has found that.
fail_full() {
  case $FULL in
    inodes) fail disk_full "$2: no inodes left (df -i), there are too many files" ;;
    space) fail disk_full "$2: no space left on the device" ;;
  esac
  [ -n "$3" ] || fail "$1" "$2"
  fail "$1" "$2: ${3##*"$NL"}"
}

# see_full DETAIL: sets FULL to what DETAIL says has run out. Ask before anything is deleted.
FULL=
see_full() {
  [ -z "$FULL" ] || return 0
  case $1 in *'No space left'*) ;; *) return 0 ;; esac
  FULL=space
  ! has_no_inodes "$D" || FULL=inodes
}
