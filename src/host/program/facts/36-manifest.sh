# manifest: what is in a release, as it was when it came.

# The longest that one call may print. A larger one is not read, and the whole release is sent.
MANIFEST_BYTES=3145728

verb_manifest() {
  need id "$A_id"
  read_state
  manifest_file=$F/manifests/$A_id
  if is_complete "$A_id" && [ -f "$manifest_file" ] && [ -r "$manifest_file" ]; then
    manifest_size=$(wc -c <"$manifest_file")
    [ "${manifest_size##*[!0-9]}" -gt "$MANIFEST_BYTES" ] || emit_manifest
  fi
  succeed
}

emit_manifest() {
  while IFS= read -r manifest_line; do
    emit "|manifest|$manifest_line"
  done <"$manifest_file"
}
