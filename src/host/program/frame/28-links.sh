# Links: a `current` that people or other tools made. fleet keeps a copy of the link, byte for byte, in
# .fleet/links, under the id that it gives the release. A text that is only copied is never interpreted.

# name_link: sets CUR to the id of a `current` that does not lead to a folder directly in releases/, and
# CUR_WHAT to its text. A name in releases/ is used as it is. Anything else gets the name of its target and
# a prefix of a hash of the text, so that it cannot equal a release of fleet's by accident.
name_link() {
  read_link "$R/current"
  CUR_WHAT=$LINK
  for link_folder in "$R/releases" "$D" "$A_root/releases" releases; do
    CUR=${CUR_WHAT#"$link_folder/"}
    if [ "$CUR" != "$CUR_WHAT" ] && is_name "$CUR"; then return; fi
  done
  link_name=${CUR_WHAT%"${CUR_WHAT##*[!/]}"}
  link_name=${link_name##*/}
  is_name "$link_name" && [ ${#link_name} -le 64 ] || link_name='link'
  link_sum=$(printf '%s' "$CUR_WHAT" | sha256sum)
  CUR=$link_name-${link_sum%"${link_sum#????????}"}
}

# read_link PATH: sets LINK to its text. A newline at its end is part of it.
read_link() {
  LINK=$(readlink "$1"; printf .)
  LINK=${LINK%.}
  LINK=${LINK%"$NL"}
}

# look_along PATH: sets LEADS: somewhere, nowhere, or unknown if this user may not look.
look_along() {
  LEADS=somewhere
  [ ! -e "$1" ] || return 0
  LEADS=nowhere
  case $(ls -dL -- "$1" 2>&1) in *ermission\ denied*) LEADS=unknown ;; esac
}

# is_own ID: fleet made it. Cheap checks first, since every status asks this.
is_own() {
  [ -d "$D/$1" ] && [ ! -L "$D/$1" ] && [ -f "$F/releases/$1" ] || return 1
  [ -L "$F/links/$1" ] || return 0
  is_complete "$1" && ! is_foreign "$1"
}

# is_foreign ID: another tool made it; it was `current` when fleet came, and its link is kept.
is_foreign() {
  [ -L "$F/links/$1" ] && read_marker "$1" || return 1
  case $M_meta in '{"foreign":true,'*) ;; *) return 1 ;; esac
}

# is_ready ID: `current` may lead there: it is complete, or another tool's and still there.
is_ready() {
  is_still_there "$1" && read_marker "$1"
}

# is_still_there ID: for a release with a marker.
is_still_there() {
  if ! is_foreign "$1"; then
    [ -d "$D/$1" ] && [ ! -L "$D/$1" ]
    return
  fi
  look_along_kept "$1"
  [ "$LEADS" != nowhere ]
}

# look_along_kept ID: as if its kept link were `current`.
look_along_kept() {
  read_link "$F/links/$1"
  case $LINK in /*) ;; *) LINK=$R/$LINK ;; esac
  look_along "$LINK"
}

# cd_release ID
cd_release() {
  LINK=$D/$1
  ! is_foreign "$1" || look_along_kept "$1"
  cd -P -- "$LINK" 2>/dev/null || return 1
}

# look_for ID: sets LOOK_SERVING to the release that a process started from ID appears to run; empty if it
# is outside of all releases.
look_for() {
  LOOK_SERVING=$1
  [ -n "$1" ] && [ -L "$F/links/$1" ] || return 0
  look_along_kept "$1"
  if cd -P -- "$LINK" 2>/dev/null; then release_of_path "$PWD"; else SERVING=$1; fi
  cd /
  LOOK_SERVING=$SERVING
}

# keep_link: before `current` is replaced, unless the link is one that fleet would make. Sets S_back to
# none if it leads nowhere: only the link can be restored then. KEPT must be on disk first.
keep_link() {
  KEPT='' S_back=''
  [ -n "$CUR" ] || return 0
  if is_complete "$CUR" && ! is_foreign "$CUR" && [ "$(readlink "$R/current")" = "releases/$CUR" ]; then
    remove .fleet/links "$CUR"
    return
  fi
  [ -d "$F/links" ] || mkdir -- "$F/links" || fail_write "$F/links"
  remove .fleet/links "$CUR"
  cp -P -- "$R/current" "$F/links/$CUR" || fail_write "$F/links/$CUR"
  read_link "$R/current"
  keep_text=$LINK
  read_link "$F/links/$CUR"
  [ "$LINK" = "$keep_text" ] || fail link_failed "cannot keep the link $R/current as it is"
  KEPT=$F/links
  look_along "$R/current"
  [ "$LEADS" != nowhere ] || S_back=none
}

# keep_foreign: a release of another tool gets a marker, so that one can roll back to it. Its standing is
# known now, while its units run.
keep_foreign() {
  if [ "$S_phase" != armed ] || [ -e "$F/releases/$S_from" ] || [ ! -L "$F/links/$S_from" ]; then return; fi
  [ "$S_back" != none ] || return 0
  foreign_record "$S_from"
  stamp
  printf '%s\n' "$FOREIGN_STANDING $STAMP $A_run" "$META" >"$F/marker-$A_txn" &&
    sync "$F/marker-$A_txn" && mv -f "$F/marker-$A_txn" "$F/releases/$S_from" ||
    fail_write "$F/releases/$S_from"
}

# foreign_record ID: sets META, equal on every host that has it, and FOREIGN_STANDING by UNITS.
foreign_record() {
  foreign_name=$1
  if [ ! -e "$D/$1" ] && [ ! -L "$D/$1" ]; then foreign_name=${1%-????????}; fi
  foreign_sum=$(printf 'foreign %s' "$1" | sha256sum)
  META="{\"foreign\":true,\"id\":\"$1\",\"version\":\"$foreign_name\",\"commit\":null"
  META="$META,\"digest\":\"sha256:${foreign_sum%% *}\",\"app\":\"\",\"run\":\"before-fleet\""
  META="$META,\"deployer\":\"another tool\",\"deployedAt\":\"1970-01-01T00:00:00Z\"}"
  FOREIGN_STANDING=staged
  if [ -n "$UNITS" ] && each_unit is_unit_up; then FOREIGN_STANDING=healthy; fi
}

is_unit_up() {
  case $U_active:$U_type:$U_sub in
    active:* | inactive:oneshot:dead) ;;
    *) return 1 ;;
  esac
}

# make_link ID back|forth: at .fleet/current, for replace_current. Forth: fleet's own form of link for its
# own releases. Back: the link as it was.
make_link() {
  remove .fleet current
  if [ -L "$F/links/$1" ] && { [ "$2" = back ] || is_foreign "$1"; }; then
    link_error=$(cp -P -- "$F/links/$1" "$F/current" 2>&1)
  else
    link_error=$(ln -s "releases/$1" "$F/current" 2>&1)
  fi || fail link_failed "cannot make a link: $link_error"
}

# describe_link: sets LINK_TEXT to the text and target of a `current` that fleet did not make, as members
# of a JSON object.
describe_link() {
  LINK_TEXT=
  ! is_own "$CUR" || return 0
  [ -n "$CUR_WHAT" ] || { read_link "$R/current" && CUR_WHAT=$LINK; }
  look_along "$R/current"
  json "$CUR_WHAT"
  LINK_TEXT=",\"target\":$JSON,\"leads\":\"$LEADS\""
}

# emit_foreign: a `current` that no run of fleet has replaced yet.
emit_foreign() {
  if [ "$CUR_KIND" != 'link' ] || [ -e "$F/releases/$CUR" ] || is_own "$CUR"; then return; fi
  look_along "$R/current"
  [ "$LEADS" != nowhere ] || return 0
  foreign_record "$CUR"
  foreign_text="\"id\":\"$CUR\",\"standing\":\"$FOREIGN_STANDING\",\"since\":\"1970-01-01T00:00:00Z\""
  emit "{\"event\":\"release\",$foreign_text,\"complete\":true,\"meta\":$META}"
}
