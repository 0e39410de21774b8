# Publishing: a complete release gets its name by a rename.

# publish: the marker first, so that every visible release is a known one.
publish() {
  if [ -L "$TREE/version.json" ] || [ -e "$TREE/version.json" ]; then
    [ ! -d "$TREE/version.json" ] || [ -L "$TREE/version.json" ] ||
      give_up_stage archive_unsafe "version.json is a folder in the archive" ''
    mv -- "$TREE/version.json" "$D/.tmp-version-$A_txn" && remove releases ".tmp-version-$A_txn"
  fi
  printf '%s\n' "$A_version" >"$TREE/version.json" &&
    printf '%s\n' "staged $A_since $A_run" "$A_meta" >"$F/releases/$A_id" ||
    { free_kib "$D" && give_up_stage disk_full "cannot write version.json or the marker" ''; }
  # One syncfs of this file system: hundreds of fsyncs cost more, and sync(1) takes all file systems.
  set -- "$TREE/version.json"
  [ -z "$MANIFEST" ] || set -- "$@" "$F/manifests/$A_id"
  sync -f "$@" 2>/dev/null || sync || give_up_stage step_failed "sync failed" ''
  [ -z "$MANIFEST" ] || { fingerprint "$TREE" && keep_seen "$A_id" "$SEEN"; }
  # Without -T, which not every mv has: a folder that appeared there meanwhile would get the release into it.
  { release_is_absent && mv -- "$TREE" "$D/$A_id"; } ||
    give_up_stage step_failed "cannot rename the release into its place" ''
}
