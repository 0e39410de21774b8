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
    elif [ -f "$entry" ]; then
      continue
    elif [ -d "$entry" ]; then
      cd -P -- "./$entry" || give_up_stage unpack_failed "cannot enter $entry" ''
      TREE_DEPTH=$((TREE_DEPTH + 1))
      check_folder
      TREE_DEPTH=$((TREE_DEPTH - 1))
      cd -P .. || give_up_stage unpack_failed "cannot leave a folder" ''
    elif [ -e "$entry" ]; then
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
