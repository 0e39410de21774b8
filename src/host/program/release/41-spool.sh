# Spools: what has been received of an archive, in .fleet/spool-<sha256>-<pid>.<n>-<txn>. A spool belongs to one
# call, since a lost twin may still be receiving. It stays if the connection ends, and the next call that sends
# the rest of the same archive begins with it.

# begin_spool: makes SPOOL, with the first A_offset bytes of the archive, and holds it.
begin_spool() {
  name_spool
  if [ "$A_offset" = 0 ]; then
    new_spool
    return
  fi
  for spool_path in "$F"/spool-"$A_sha256"-*; do
    if resume "$spool_path"; then return; fi
  done
  drop_manifest
  fail digest_mismatch "the $A_offset bytes that this upload should go on after are not here"
}

name_spool() {
  spool_try=0
  while [ -e "$F/spool-$A_sha256-$$.$spool_try-$A_txn" ]; do spool_try=$((spool_try + 1)); done
  SPOOL=$F/spool-$A_sha256-$$.$spool_try-$A_txn
}

new_spool() {
  spool_error=$( (: >"$SPOOL") 2>&1) || give_up_spool unpack_failed "cannot make $SPOOL" "$spool_error"
  hold "$SPOOL" || true
}

# resume PATH: SPOOL becomes that spool, or a copy of its first A_offset bytes if a lost twin may still write to it.
resume() {
  [ -f "$1" ] && [ ! -L "$1" ] && [ "$1" != "$SPOOL" ] || return 1
  if hold "$1"; then
    file_bytes "$1"
    if [ "$FILE_BYTES" = "$A_offset" ] && mv -- "$1" "$SPOOL"; then return 0; fi
  fi
  (: >"$SPOOL") && hold "$SPOOL" || true
  spool_error=$(head -c "$A_offset" 2>&1 <"$1" >"$SPOOL")
  file_bytes "$SPOOL"
  if [ "$FILE_BYTES" = "$A_offset" ]; then
    remove .fleet "${1##*/}"
    return 0
  fi
  case $spool_error in *'No space left'*) give_up_spool unpack_failed "resuming the upload failed" "$spool_error" ;; esac
  drop_spool
  return 1
}

# hold FILE: on descriptor 7, until this call and all that it has started are over. False if another call has it.
hold() {
  command exec 7<"$1" && flock -n 7 7<&7 2>/dev/null
}

# file_bytes FILE: sets FILE_BYTES, as text: it may be too large for the shell's numbers. 0 if there is none.
file_bytes() {
  FILE_BYTES=$( (wc -c <"$1") 2>/dev/null)
  FILE_BYTES=${FILE_BYTES##*[!0-9]}
  FILE_BYTES=${FILE_BYTES:-0}
}

drop_spool() {
  remove .fleet "${SPOOL##*/}"
}

# drop_spools: all of this archive, also those of lost twins, which find the release instead.
drop_spools() {
  for spool_path in "$F"/spool-"$A_sha256"-* "$F"/spool-*-"$A_txn"; do
    remove .fleet "${spool_path##*/}"
  done
}

# emit_spools [SHA256]: what is here of archives, or of that one, that were not received whole.
emit_spools() {
  for spool_path in "$F"/spool-"${1:-}"*; do
    spool_sum=${spool_path##*/spool-}
    spool_sum=${spool_sum%%-*}
    is_sum "$spool_sum" && [ -f "$spool_path" ] && [ ! -L "$spool_path" ] || continue
    file_bytes "$spool_path"
    [ "$FILE_BYTES" = 0 ] || emit "{\"event\":\"spool\",\"sha256\":\"$spool_sum\",\"bytes\":$FILE_BYTES}"
  done
}
