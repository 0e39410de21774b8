# The unpacked tree: nothing in it may lead out of the release, except fleet's own links to shared/ and, if
# fleet.yaml allows them, links of the release. No step writes or deletes through a link.

# check_tree: walks it without find(1), which a host may not have. Only real folders are entered, so a link
# can hide nothing.
check_tree() {
  TREE_DEPTH=0
  cd -P -- "$TREE" || give_up_stage unpack_failed "cannot enter $TREE" ''
  check_folder
}

check_folder() {
  for entry in * .[!.]* ..?*; do
    if [ -L "$entry" ]; then
      [ "$A_links" = allow ] || check_link
    elif [ -d "$entry" ]; then
      cd -P -- "./$entry" || give_up_stage unpack_failed "cannot enter $entry" ''
      TREE_DEPTH=$((TREE_DEPTH + 1))
      check_folder
      TREE_DEPTH=$((TREE_DEPTH - 1))
      cd -P .. || give_up_stage unpack_failed "cannot leave a folder" ''
    elif [ -e "$entry" ] && [ ! -f "$entry" ]; then
      give_up_stage archive_unsafe "the archive holds a device, pipe or socket: $entry" ''
    fi
  done
}

# A link may climb up to the release's own folder, and only at its start: a name before `..` may itself be
# a link.
check_link() {
  link_rest=$(readlink -- "./$entry"; printf .)
  link_rest=${link_rest%"$NL".}
  link_text=$link_rest
  link_ups=0
  while :; do
    case $link_rest in
      ./*) link_rest=${link_rest#./} ;;
      ../*) link_rest=${link_rest#../} link_ups=$((link_ups + 1)) ;;
      ..) link_rest='' link_ups=$((link_ups + 1)) ;;
      *) break ;;
    esac
  done
  case /$link_rest/ in
    //?*/) link_ups=999 ;;
    */../*) link_resolves_inside || link_ups=999 ;;
  esac
  [ "$link_ups" -le "$TREE_DEPTH" ] ||
    give_up_stage archive_unsafe "the link $entry leaves the release: $link_text" ''
}

link_resolves_inside() {
  case $(readlink -f -- "./$entry") in
    "$TREE"/*) return 0 ;;
  esac
  return 1
}

link_shared() {
  for arg; do
    case $arg in
      --) break ;;
      shared=*/)
        shared_path=${arg#*=}
        shared_path=${shared_path%/}
        [ -d "$R/shared/$shared_path" ] || mkdir -p -- "$R/shared/$shared_path" ||
          give_up_stage step_failed "cannot make shared/$shared_path" ''
        link_one_shared
        ;;
      shared=*)
        shared_path=${arg#*=}
        link_one_shared
        ;;
    esac
  done
}

# link_one_shared: shared_path becomes a link, whatever the archive had there.
link_one_shared() {
  shared_name=${shared_path##*/}
  shared_parent=${shared_path%"$shared_name"}
  [ -d "$TREE/$shared_parent" ] || mkdir -p -- "$TREE/$shared_parent" ||
    give_up_stage unpack_failed "cannot make the folder of shared $shared_path" ''
  cd -P -- "$TREE/$shared_parent" || give_up_stage unpack_failed "cannot enter the folder of the shared path $shared_path" ''
  case $PWD/ in
    "$TREE"/*) ;;
    *) give_up_stage archive_unsafe "the way to shared $shared_path leaves the release" '' ;;
  esac
  shared_ups=../../
  shared_below=${PWD#"$TREE"}
  while [ -n "$shared_below" ]; do
    shared_below=${shared_below%/*}
    shared_ups=../$shared_ups
  done
  # From another disk `..` does not lead to the root.
  [ "$D" = "$R/releases" ] || shared_ups=$R/
  if [ -e "$shared_name" ] || [ -L "$shared_name" ]; then
    # In the folder that this step unpacks, resolved above.
    mv -- "./$shared_name" "$D/.tmp-$A_txn-replaced" || fail unpack_failed "cannot replace $shared_path"
    remove releases ".tmp-$A_txn-replaced"
    cd -P -- "$TREE/$shared_parent" || fail unpack_failed "cannot enter the folder of the shared path $shared_path"
  fi
  ln -s -- "${shared_ups}shared/$shared_path" "./$shared_name" ||
    give_up_stage unpack_failed "cannot link shared $shared_path" ''
}

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
  sync -f "$TREE/version.json" 2>/dev/null || sync || give_up_stage step_failed "sync failed" ''
  # Without -T, which not every mv has: a folder that appeared there meanwhile would get the release into it.
  { release_is_absent && mv -- "$TREE" "$D/$A_id"; } ||
    give_up_stage step_failed "cannot rename the release into its place" ''
}
