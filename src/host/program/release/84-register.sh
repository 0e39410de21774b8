# digest, register, relink: a release of another tool gets a manifest, a record and a relative link. Nothing
# in the release is written, and nothing is deleted.

# own_idle: the run has the claim, and no transaction is open.
own_idle() {
  lock
  own
  [ "$S_phase" = claimed ] || wrong_phase "phase $S_phase"
}

# digest: lists the folder, which may take long: not under the lock. The list, without the links to shared/, is
# the release's manifest, and its sum the digest.
verb_digest() {
  need id "$A_id"
  own_idle
  need_folder
  unlock
  MANIFEST=$F/manifest-$$-$A_txn
  list_own "$D/$FOLDER" || fail_write "$MANIFEST"
  digest_sum=$({ sha256sum <"$MANIFEST"; } 2>/dev/null)
  digest_text="\"sha256:${digest_sum%% *}\""
  digest_kinds=$(cut -d ' ' -f 2 <"$MANIFEST" | sort -u)
  lock
  own
  case $digest_kinds in
    *other* | *unread*)
      # A list with gaps is no manifest.
      drop_manifest
      digest_text=null
      ;;
    *) keep_list ;;
  esac
  emit "{\"event\":\"digested\",\"id\":\"$A_id\",\"digest\":$digest_text}"
  succeed
}

# list_own FOLDER: into MANIFEST, and the links into MANIFEST.own. These are printed as list_tree does it, so that
# comm finds them.
list_own() {
  read_cr
  list_tree "$1" >"$MANIFEST.all" && each_share "$1" print_share >"$MANIFEST.shares" &&
    sort "$MANIFEST.shares" >"$MANIFEST.own" || return 1
  {
    head -n 1 "$MANIFEST.all"
    tail -n +2 "$MANIFEST.all" | comm -23 - "$MANIFEST.own"
  } >"$MANIFEST"
  list_exit=$?
  for list_part in all shares; do remove .fleet "${MANIFEST##*/}.$list_part"; done
  return "$list_exit"
}

print_share() {
  list_link=$1 list_target=$SHARE_LINK
  list_link_line
}

keep_list() {
  [ -e "$MANIFEST" ] || fail step_failed "$MANIFEST was deleted meanwhile"
  [ -d "$F/manifests" ] || mkdir -- "$F/manifests" || fail_write "$F/manifests"
  remove_manifest "$A_id"
  { [ ! -s "$MANIFEST.own" ] || mv -f -- "$MANIFEST.own" "$F/manifests/$A_id+own"; } && flush "$MANIFEST" &&
    mv -f -- "$MANIFEST" "$F/manifests/$A_id" || fail_write "$F/manifests/$A_id"
  drop_manifest
}

need_folder() {
  find_folder "$A_id" || fail moved "releases/ has no folder for $A_id any more"
  ! is_complete "$A_id" || is_foreign "$A_id" ||
    fail release_exists "fleet made releases/$A_id itself"
}

# register: the link first, then the marker: without a marker the link means nothing. What fleet itself has
# found since, healthy or bad, stays.
verb_register() {
  need id "$A_id" meta "$A_meta" standing "$A_standing" since "$A_since"
  case $A_meta in '{"foreign":true,'*) ;; *) fail usage 'not the meta of a release of another tool' ;; esac
  own_idle
  need_folder
  keep_relative_link
  register_standing=$A_standing register_since=$A_since
  if read_marker "$A_id" && [ "$M_standing" != staged ]; then
    register_standing=$M_standing register_since=$M_since
  fi
  if [ "$M_standing:$M_meta" = "$register_standing:$A_meta" ]; then
    repeated
    return
  fi
  printf '%s\n' "$register_standing $register_since $A_run" "$A_meta" >"$F/marker-$A_txn" &&
    flush "$F/marker-$A_txn" "$F/links" && mv -f "$F/marker-$A_txn" "$F/releases/$A_id" &&
    flush "$F/releases" || fail_write "$F/releases/$A_id"
  log_transition "$S_phase"
  succeed
}

# keep_relative_link: the link that `current` gets for this release. One that fleet has kept is replaced by a
# rename, so that the release is never without: it would count as fleet's own.
keep_relative_link() {
  [ -d "$F/links" ] || mkdir -- "$F/links" || fail_write "$F/links"
  if [ ! -L "$F/links/$A_id" ]; then
    ln -s "releases/$FOLDER" "$F/links/$A_id" || fail_write "$F/links/$A_id"
    return
  fi
  read_link "$F/links/$A_id"
  [ "$LINK" != "releases/$FOLDER" ] || return 0
  register_tmp=spool-$$-$A_txn
  remove .fleet "$register_tmp"
  mkdir -- "$F/$register_tmp" && ln -s "releases/$FOLDER" "$F/$register_tmp/$A_id" &&
    mv -f -- "$F/$register_tmp/$A_id" "$F/links/" || fail_write "$F/links/$A_id"
  remove .fleet "$register_tmp"
}

# relink: a `current` that leads to a folder in releases/ by another text, e.g. an absolute one, becomes the
# relative link, by a rename. The new link has the time of the old one, since a process is judged by it.
verb_relink() {
  own_idle
  read_current
  refuse_foreign_current
  relink_to=
  if cd -P -- "$R/current" 2>/dev/null; then relink_to=${PWD#"$D/"}; fi
  cd /
  case $relink_to in
    '' | /* | */*) wrong_phase "current does not lead to a folder in releases/" ;;
  esac
  read_link "$R/current"
  if [ "$LINK" = "releases/$relink_to" ]; then
    repeated
    return
  fi
  relink_from=$CUR
  remove .fleet current
  ln -s "releases/$relink_to" "$F/current" || fail link_failed "cannot make a link in $F"
  touch -h -r "$R/current" "$F/current" 2>/dev/null || true
  replace_current || fail link_failed "cannot replace current: $link_error"
  read_current
  read_link "$R/current"
  [ "$LINK" = "releases/$relink_to" ] || fail link_failed "current reads back as $LINK"
  [ "$S_left" != "$relink_from" ] || append_state "left=$CUR"
  flush "$R"
  log_transition "$S_phase"
  succeed
}
