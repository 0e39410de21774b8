# Files: what `current` is, the markers, and the only function that deletes.

# read_current: sets CUR_KIND (absent | link | foreign), CUR (the release) and CUR_WHAT: what a foreign
# `current` is, or the text of a link that does not lead directly into releases/.
read_current() {
  CUR='' CUR_WHAT='' CUR_KIND=absent
  if [ -L "$R/current" ]; then
    CUR_KIND='link'
    if cd -P -- "$R/current" 2>/dev/null; then CUR=${PWD#"$D/"}; fi
    # This shell and what it starts (e.g. the dead-man timer) must not run from a release.
    cd /
    is_name "$CUR" || name_link
  elif [ -e "$R/current" ]; then
    CUR_KIND=foreign
    if [ -d "$R/current" ]; then CUR_WHAT='a folder'; else CUR_WHAT='a file'; fi
  fi
}

refuse_foreign_current() {
  [ "$CUR_KIND" != foreign ] ||
    fail current_not_a_link "$R/current is $CUR_WHAT, not a link"
}

# read_marker ID: sets M_standing, M_since, M_run, M_meta. False if there is no marker, 2 if malformed.
read_marker() {
  M_standing='' M_since='' M_run='' M_meta=''
  [ -f "$F/releases/$1" ] && [ -r "$F/releases/$1" ] || return 1
  { read -r M_standing M_since M_run && IFS= read -r M_meta; } <"$F/releases/$1" || return 2
  case $M_since/$M_run in
    /* | */ | *[!0-9A-Za-z:.+_/-]*) return 2 ;;
  esac
  case $M_standing:$M_meta in
    staged:'{'*'}' | healthy:'{'*'}' | bad:'{'*'}') return 0 ;;
  esac
  return 2
}

is_complete() {
  [ -d "$D/$1" ] && [ ! -L "$D/$1" ] && read_marker "$1"
}

# mark ID STANDING: an unchanged standing keeps its time. The dead-man timer has no run of its own and no
# bastion time.
mark() {
  read_marker "$1" || return 0
  [ "$M_standing" != "$2" ] || return 0
  printf '%s\n' "$2 ${A_since:-${STAMP:-$M_since}} ${A_run:-${S_run:-$M_run}}" "$M_meta" >"$F/marker-$A_txn" &&
    flush "$F/marker-$A_txn" && mv -f "$F/marker-$A_txn" "$F/releases/$1" ||
    fail_write "$F/releases/$1"
}

# keep_version ID: writes the version.json for the activation of ID, unless another tool made ID. Sets
# VERSION_FILE, on the release's own disk, since a rename stays on one disk.
keep_version() {
  VERSION_FILE=
  if [ -z "$A_version" ] || is_foreign "$1"; then return; fi
  [ ! -d "$D/$1/version.json" ] || fail link_failed "version.json of $1 is a folder"
  VERSION_FILE=$D/.tmp-version-$A_txn
  printf '%s\n' "$A_version" >"$VERSION_FILE" || fail_write "$VERSION_FILE"
}

# put_version ID: replaces version.json by a rename.
put_version() {
  [ -e "$D/.tmp-version-$A_txn" ] || return 0
  { [ ! -d "$D/$1/version.json" ] && mv -f "$D/.tmp-version-$A_txn" "$D/$1/version.json"; } ||
    fail_write "version.json of $1"
}

# remove PLACE NAME: the only delete. PLACE is a folder of fleet's below the root; releases may be a link,
# and is resolved first. NAME is one plain name in it: fleet's own by its form, or a release by its marker.
# False if something could not be deleted; that is reported and stops nothing.
remove() {
  case $1:$2 in
    *:*/* | *:*..* | *:) fail step_failed "will not delete $2" ;;
    root:.current-?* | releases:.tmp-?*) ;;
    .fleet:current | .fleet:spool-?* | .fleet:marker-?* | .fleet:manifest-?* | .fleet:action-?* | .fleet:guard) ;;
    .fleet/units:.back | .fleet/units:.next | .fleet/units:.new-?*) ;;
    .fleet:apart.pipe | .fleet:apart.out | .fleet:restoring | .fleet/backups:.tmp-?*) ;;
    beside:.fleet-new-?* | beside:.fleet-old-?* | beside:.fleet-gone-?*) ;;
    .fleet/manifests:*)
      is_name "${2%+[os]*}" || fail step_failed "will not delete manifest $2"
      ;;
    .fleet/releases:* | .fleet/links:* | .fleet/hooks:* | .fleet/units:*) is_name "$2" || fail step_failed "will not delete marker $2" ;;
    *) fail step_failed "will not delete $1/$2" ;;
  esac
  remove_path=$1/$2
  case $1 in
    root) remove_in=$R remove_path=$2 ;;
    releases) remove_in=$D ;;
    # The folder that enter_path has entered, through no link.
    beside) remove_in=$PWD ;;
    *) remove_in=$R/$1 ;;
  esac
  [ -e "$remove_in/$2" ] || [ -L "$remove_in/$2" ] || return 0
  cd -P -- "$remove_in" && [ "$PWD" = "$remove_in" ] ||
    fail step_failed "$remove_in is not a folder of its own"
  if [ "$1" != .fleet ] && [ "$1" != root ] && holds_mount "$remove_in/$2"; then
    tell_stuck "$remove_path" mount 'a file system is mounted in it'
    return 1
  fi
  rm -rf -- "./$2" 2>/dev/null && return 0
  # An archive may bring folders without write permission.
  chmod -R u+rwX -- "./$2" 2>/dev/null
  remove_error=$(rm -rf -- "./$2" 2>&1) && return 0
  if [ "$1" = beside ]; then
    note "$PWD/$2 cannot be deleted: ${remove_error%%"$NL"*}"
    return 1
  fi
  tell_stuck "$remove_path" other "${remove_error%%"$NL"*}"
  return 1
}

# remove_in_tree PATH...: from the release that this step is making. The folders on the way are no links: see
# see_base_folder.
remove_in_tree() {
  cd -P -- "$TREE" && [ "$PWD" = "$D/$TMP_NAME" ] || fail step_failed "$TREE is not a folder of its own"
  rm -rf -- "$@" 2>/dev/null && return
  chmod -R u+rwX -- . 2>/dev/null
  rm -rf -- "$@" 2>/dev/null || give_up_stage base_changed "cannot delete from the copy of release $A_base" ''
}

# sweep: deletes leftovers of killed steps of other transactions, except what is here of the archive that this
# run may send.
sweep() {
  put_back
  if [ -s "$F/turn" ] && hold "$F/turn"; then clear_turn && true >"$F/turn"; fi
  exec 7<&-
  for sweep_path in "$D"/.tmp-* "$R"/.current-* "$F"/spool-* "$F"/marker-* "$F"/manifest-* "$F"/action-* \
    "$F"/units/.new-* "$F"/backups/.tmp-*; do
    case $sweep_path in
      *"-$A_txn" | *"-$A_txn".gz | *"-$A_txn".own | *'-*' | "$F/spool-${A_sha256:-none}-"*) ;;
      "$F"/units/*) remove .fleet/units "${sweep_path##*/}" ;;
      "$F"/backups/*) remove .fleet/backups "${sweep_path##*/}" ;;
      "$F"/*) remove .fleet "${sweep_path##*/}" ;;
      "$D"/*) remove releases "${sweep_path##*/}" ;;
      *) remove root "${sweep_path##*/}" ;;
    esac
  done
}
