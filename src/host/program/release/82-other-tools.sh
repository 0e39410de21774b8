# inspect: what other tools left in releases/, and their own records of it. Writes nothing. The bastion
# judges it.

verb_inspect() {
  read_state
  read_current
  inspect_current=
  if cd -P -- "$R/current" 2>/dev/null; then inspect_current=$PWD; fi
  cd /
  emit_tool_records
  for inspect_path in "$D"/*; do
    if is_folder "$inspect_path"; then emit_folder "${inspect_path##*/}"; fi
  done
  case $inspect_current in
    "$D"/?*) is_own "$CUR" || emit_shares "$inspect_current" ;;
  esac
  succeed
}

is_folder() {
  [ -d "$1" ] && [ ! -L "$1" ]
}

# emit_tool_records: Capistrano's log, Deployer's logs and its link to an unfinished release, the locks of a
# deploy that is going on, and the folders that tell the tools apart.
emit_tool_records() {
  emit_lines revisions "$R/revisions.log"
  emit_lines releases_log "$R/.dep/releases_log"
  emit_lines releases "$R/.dep/releases"
  if [ -L "$R/release" ]; then
    read_link "$R/release"
    emit_record pending "${LINK##*/}"
  fi
  for record_name in deploy.lock .dep/deploy.lock; do
    [ ! -e "$R/$record_name" ] || emit_record lock "$record_name"
  done
  for record_name in .dep repo scm; do
    [ ! -d "$R/$record_name" ] || emit_record folder "$record_name"
  done
}

emit_record() {
  json "$2"
  emit "{\"event\":\"record\",\"of\":\"$1\",\"line\":$JSON}"
}

# emit_lines OF FILE: its end. The first line may be a part.
emit_lines() {
  [ -f "$2" ] && [ -r "$2" ] || return 0
  while IFS= read -r record_line; do
    [ -z "$record_line" ] || emit_record "$1" "$record_line"
  done <<END
$(tail -c 131072 -- "$2" | tail -n 500)
END
}

# emit_folder NAME
emit_folder() {
  folder_id "$1"
  json "$1"
  folder_text="\"id\":\"$ID\",\"name\":$JSON,\"revision\":"
  read_revision "$D/$1"
  json_or_null "$REVISION"
  folder_text=$folder_text$JSON
  for folder_mark in BAD_RELEASE:bad DIRTY_RELEASE:dirty; do
    [ ! -e "$D/$1/${folder_mark%:*}" ] || folder_text="$folder_text,\"${folder_mark#*:}\":true"
  done
  is_filled "$D/$1" || folder_text="$folder_text,\"empty\":true"
  [ ! -f "$F/manifests/$ID" ] || folder_text="$folder_text,\"listed\":true"
  [ "$inspect_current" != "$D/$1" ] || folder_text="$folder_text,\"current\":true"
  folder_time=$(date -r "$REVISION_FILE" +%s 2>/dev/null)
  ! is_number "$folder_time" || folder_text="$folder_text,\"modified\":$folder_time"
  emit "{\"event\":\"folder\",$folder_text}"
}

# read_revision FOLDER: sets REVISION to what its tool wrote there of the commit, and REVISION_FILE to a file
# that was written with the release, or the folder.
read_revision() {
  REVISION='' REVISION_FILE=$1
  for revision_path in "$1/REVISION" "$1/.mina_git_revision"; do
    [ -f "$revision_path" ] && [ -r "$revision_path" ] || continue
    REVISION_FILE=$revision_path
    REVISION=$(head -c 256 -- "$revision_path" 2>/dev/null | tr -d '\000')
    REVISION=${REVISION%%"$NL"*}
    return 0
  done
}

# folder_id NAME: sets ID, as read_current names a link `releases/NAME`.
folder_id() {
  ID=$1
  ! is_name "$1" || return 0
  folder_sum=$(printf '%s' "releases/$1" | sha256sum)
  ID=link-${folder_sum%"${folder_sum#????????}"}
}

# find_folder ID: sets FOLDER to the name of the folder with that id.
find_folder() {
  FOLDER=$1
  ! is_folder "$D/$1" || return 0
  for folder_path in "$D"/*; do
    FOLDER=${folder_path##*/}
    if is_name "$FOLDER" || ! is_folder "$folder_path"; then continue; fi
    folder_id "$FOLDER"
    [ "$ID" != "$1" ] || return 0
  done
  return 1
}

# emit_shares FOLDER: the links in a release that lead into shared/.
emit_shares() {
  share_left=200
  each_share "$1" emit_share
}

# each_share FOLDER FUNCTION: calls it with the path of each such link, and SHARE, SHARE_LINK and share_entry.
each_share() {
  share_depth=0 share_do=$2 SHARED_REAL=$R/shared
  if cd -P -- "$R/shared" 2>/dev/null; then SHARED_REAL=$PWD; fi
  cd -P -- "$1" 2>/dev/null && share_folder ''
  cd /
}

share_folder() {
  for share_entry in * .[!.]* ..?*; do
    if [ -L "$share_entry" ]; then
      if is_share; then "$share_do" "$1$share_entry"; fi
    elif [ -d "$share_entry" ] && cd -P -- "./$share_entry" 2>/dev/null; then
      share_depth=$((share_depth + 1))
      share_folder "$1$share_entry/"
      share_depth=$((share_depth - 1))
      cd -P .. || return 0
    fi
  done
}

# is_share: sets SHARE to the path below shared/ that the link names. Only an absolute link that is written
# in another way costs a fork.
is_share() {
  read_link "./$share_entry"
  SHARE='' SHARE_LINK=$LINK
  case $LINK in
    "$R/shared/"*) SHARE=${LINK#"$R/shared/"} ;;
    /*)
      share_real=$(readlink -f -- "./$share_entry")
      case $share_real in "$SHARED_REAL"/?*) SHARE=${share_real#"$SHARED_REAL/"} ;; esac
      ;;
    ../*) climb_to_shared ;;
  esac
  [ -n "$SHARE" ]
}

climb_to_shared() {
  share_ups=0
  while :; do
    case $LINK in
      ./*) LINK=${LINK#./} ;;
      ../*) LINK=${LINK#../} share_ups=$((share_ups + 1)) ;;
      *) break ;;
    esac
  done
  [ "$share_ups" -eq $((share_depth + 2)) ] || return 0
  case $LINK in shared/?*) SHARE=${LINK#shared/} ;; esac
}

emit_share() {
  [ "$share_left" -gt 0 ] || return 0
  share_left=$((share_left - 1))
  share_kind='absent'
  if [ -d "$share_entry" ]; then share_kind='folder'; elif [ -e "$share_entry" ]; then share_kind='file'; fi
  json "$1"
  share_text="\"path\":$JSON"
  json "${SHARE%/}"
  emit "{\"event\":\"shared\",$share_text,\"target\":$JSON,\"kind\":\"$share_kind\"}"
}
