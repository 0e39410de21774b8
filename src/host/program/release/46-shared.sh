# Shared paths: each becomes a link from the unpacked tree to shared/.

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
