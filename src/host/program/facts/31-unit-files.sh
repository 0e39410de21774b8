# Unit files that fleet installs: what is there, and what a release that is here has brought.

# find_unit_folder: sets UNIT_FOLDER to the folder of units that systemd itself names.
find_unit_folder() {
  UNIT_FOLDER=
  for unit_folder in $(systemctl_read show -p UnitPath --value </dev/null 2>/dev/null); do
    case $A_scope:$unit_folder in
      system:*/etc/systemd/system | user:*/.config/systemd/user)
        UNIT_FOLDER=$unit_folder
        return
        ;;
    esac
  done
  return 1
}

# same_text FILE FILE: both are there and alike; a newline at the end does not count.
same_text() {
  [ -e "$1" ] && [ -e "$2" ] && [ "$(cat "$1" 2>&1)" = "$(cat "$2" 2>&1)" ]
}

# emit_unit_files args...: what is installed under each of these names, and under those that the current release
# has brought, or with kept=1 any release; and what sudo does not allow.
emit_unit_files() {
  unit_asked=' '
  for arg; do
    case $arg in
      --) break ;;
      unit_file=*) unit_asked="$unit_asked${arg#*=} " ;;
    esac
  done
  unit_own=$F/units/$CUR
  if [ "$A_kept" = 1 ]; then
    set -- "$F/units"/*/*
  elif is_name "$CUR"; then
    set -- "$unit_own"/*
  else
    set --
  fi
  unit_names=$unit_asked
  for unit_path; do
    is_unit "${unit_path##*/}" && [ -f "$unit_path" ] || continue
    case $unit_names in *" ${unit_path##*/} "*) ;; *) unit_names="$unit_names${unit_path##*/} " ;; esac
  done
  [ "$unit_names" != ' ' ] || return 0
  find_unit_folder || { unread units 'systemd names no folder for units' && return; }
  unit_sums=
  for unit_name in $unit_names; do emit_unit_file; done
  [ "$A_kept" = 0 ] || emit_kept_units "$@"
}

# emit_unit_file: of unit_name. `brought` is what the current release has brought, if something else is there.
emit_unit_file() {
  unit_there=$UNIT_FOLDER/$unit_name unit_brought=
  if is_name "$CUR" && [ -f "$unit_own/$unit_name" ]; then
    if [ -L "$unit_there" ] || ! same_text "$unit_own/$unit_name" "$unit_there"; then
      unit_lines "$unit_own/$unit_name"
      unit_brought=",\"brought\":[$UNIT_LINES]"
    fi
  fi
  json "$unit_name"
  unit_file_text="\"unit\":$JSON"
  if [ -L "$unit_there" ]; then
    unit_file_text="$unit_file_text,\"found\":\"link\""
  elif [ -e "$unit_there" ]; then
    unit_content "$unit_there"
    unit_file_text="$unit_file_text,\"found\":\"file\"$UNIT_CONTENT"
  else
    unit_file_text="$unit_file_text,\"found\":\"absent\""
  fi
  LACKING_RIGHTS=
  case $unit_asked in *" $unit_name "*) unit_rights "$unit_name" ;; esac
  emit "{\"event\":\"unit_file\",$unit_file_text$unit_brought,\"lacking\":[$LACKING_RIGHTS]}"
}

# emit_kept_units PATH...: what each release has brought.
emit_kept_units() {
  for unit_path; do
    unit_name=${unit_path##*/} unit_release=${unit_path%/*}
    unit_release=${unit_release##*/}
    is_name "$unit_release" && is_unit "$unit_name" && [ -f "$unit_path" ] || continue
    unit_content "$unit_path"
    json "$unit_name"
    emit "{\"event\":\"kept_unit\",\"release\":\"$unit_release\",\"unit\":$JSON$UNIT_CONTENT}"
  done
}

# unit_content FILE: sets UNIT_CONTENT to its sum, and its lines unless this call has emitted the same.
unit_content() {
  unit_sum=$(sha256sum <"$1" 2>/dev/null)
  unit_sum=${unit_sum%% *}
  UNIT_CONTENT=",\"sha256\":\"$unit_sum\""
  case $unit_sums in *"$unit_sum "*) return ;; esac
  unit_sums="$unit_sums$unit_sum "
  unit_lines "$1"
  UNIT_CONTENT="$UNIT_CONTENT,\"lines\":[$UNIT_LINES]"
}

# unit_lines FILE: sets UNIT_LINES, for people: at most 400 lines.
unit_lines() {
  UNIT_LINES='' unit_count=0
  while IFS= read -r unit_text_line || [ -n "$unit_text_line" ]; do
    [ "$unit_count" -lt 400 ] && [ ${#UNIT_LINES} -lt 24000 ] || break
    unit_count=$((unit_count + 1))
    json "$unit_text_line"
    UNIT_LINES=$UNIT_LINES${UNIT_LINES:+,}$JSON
  done 2>/dev/null <"$1"
}

# unit_rights NAME: sets LACKING_RIGHTS, for what its installation and its way back need.
unit_rights() {
  LACKING_RIGHTS=
  if [ "$A_scope" = user ] || is_root; then return; fi
  unit_path=$UNIT_FOLDER/$1
  lacking_rights "tee $unit_path.fleet" "mv -f $unit_path.fleet $unit_path" "rm -f $unit_path" \
    'systemctl daemon-reload'
  for unit_named in $A_units; do
    case $unit_named in
      "$1" | "${1%%@.*}@"*) lacking_rights "systemctl enable $unit_named" "systemctl disable $unit_named" ;;
    esac
  done
}
