# The manifest of a release: it comes before the archive in the payload of `stage`, and is kept in
# .fleet/manifests/<id> as long as the release is there.

# receive_manifest: unpacked into a file of this call only, like the archive. A stage without one
# (manifest_bytes=0) keeps none, as an older fleet did.
receive_manifest() {
  MANIFEST=
  [ "$A_manifest_bytes" != 0 ] || return 0
  need manifest_sha256 "$A_manifest_sha256"
  MANIFEST=$F/manifest-$$-$A_txn
  drop_manifest
  manifest_error=$(receive_exactly "$A_manifest_bytes" 2>&1 >"$MANIFEST.gz") ||
    give_up_manifest unpack_failed 'receiving the manifest failed' "$manifest_error"
  manifest_sum=$({ sha256sum <"$MANIFEST.gz"; } 2>/dev/null)
  [ "${manifest_sum%% *}" = "$A_manifest_sha256" ] || [ ! -e "$MANIFEST.gz" ] ||
    give_up_manifest digest_mismatch "received a manifest of sha256 ${manifest_sum%% *}, expected $A_manifest_sha256" ''
  # Whether a step deleted it is checked under the lock.
  [ -e "$MANIFEST.gz" ] || return 0
  manifest_error=$(gzip -dc <"$MANIFEST.gz" 2>&1 >"$MANIFEST") || [ ! -e "$MANIFEST.gz" ] ||
    give_up_manifest unpack_failed 'the manifest cannot be unpacked' "$manifest_error"
}

# receive_exactly BYTES: the head of busybox and toybox reads ahead, and the archive follows.
receive_exactly() (
  [ "$1" != 0 ] || exit 0
  if [ "$(printf ab | { head -c 1 >/dev/null; head -c 1; })" = b ]; then exec head -c "$1" <&8; fi
  exec dd bs=1 "count=$1" <&8 2>/dev/null
)

# keep_manifest: under the lock, before the release is visible.
keep_manifest() {
  [ -n "$MANIFEST" ] || return 0
  [ -d "$F/manifests" ] || mkdir -- "$F/manifests" || give_up_stage step_failed "cannot make $F/manifests" ''
  remove_manifest "$A_id"
  { [ ! -s "$MANIFEST.own" ] || mv -f -- "$MANIFEST.own" "$F/manifests/$A_id+own"; } &&
    mv -f -- "$MANIFEST" "$F/manifests/$A_id" || give_up_stage step_failed "cannot keep the manifest of $A_id" ''
  drop_manifests
}

drop_manifest() {
  [ -n "$MANIFEST" ] || return 0
  for manifest_path in "$MANIFEST" "$MANIFEST.gz" "$MANIFEST.own"; do
    remove .fleet "${manifest_path##*/}"
  done
}

# remove_manifest ID: with what is kept beside it.
remove_manifest() {
  for manifest_part in '' +own +seen; do
    remove .fleet/manifests "$1$manifest_part" || true
  done
}

# drop_manifests: also those of lost twins.
drop_manifests() {
  for manifest_path in "$F"/manifest-*-"$A_txn" "$F"/manifest-*-"$A_txn".gz "$F"/manifest-*-"$A_txn".own; do
    remove .fleet "${manifest_path##*/}"
  done
}

give_up_manifest() {
  see_full "$3"
  drop_manifest
  fail_full "$@"
}
