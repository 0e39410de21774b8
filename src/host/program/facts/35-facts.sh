# facts and status: read everything, write nothing.

verb_facts() {
  UNREAD=' '
  read_state
  emit_state
  read_access
  emit_host "$@"
  emit_units
  emit_unit_files "$@"
  emit_spools
  [ "$A_releases" = 0 ] || emit_releases
  [ -z "$A_backups" ] || emit_backups
  succeed
}

verb_status() {
  UNREAD=' '
  [ -n "$LOCKED" ] || read_state
  emit_state
  read_access
  emit_beside "$@"
  emit_units
  emit_spools
  succeed
}

# verb_log_exec: logs that an ad-hoc command is about to run, and who runs it. Takes no lock: the command
# may be what frees a step that hangs with it.
verb_log_exec() {
  need by "$A_by"
  [ -O "$F" ] && [ ! -L "$F" ] || fail root_unsafe "$F is not a folder of this user"
  [ ! -L "$F/log" ] || fail root_unsafe "$F/log is a link"
  read_state
  log_transition "$S_phase"
  succeed
}

emit_state() {
  read_current
  state_text="\"phase\":\"$S_phase\",\"epoch\":$S_epoch"
  json_or_null "$S_run" && state_text="$state_text,\"run\":$JSON,\"owner\":${S_owner:-null}"
  json_or_null "$S_txn" && state_text="$state_text,\"txn\":$JSON"
  json_or_null "$S_from" && state_text="$state_text,\"from\":$JSON"
  json_or_null "$S_to" && state_text="$state_text,\"to\":$JSON"
  ! is_name "$S_left" || state_text="$state_text,\"left\":\"$S_left\""
  json_or_null "$S_kind" && state_text="$state_text,\"kind\":$JSON"
  json "$S_ran" && state_text="$state_text,\"ran\":$JSON"
  state_current="\"kind\":\"$CUR_KIND\""
  case $CUR_KIND in
    link)
      describe_link
      json "$CUR" && state_current="$state_current,\"release\":$JSON$LINK_TEXT"
      ;;
    foreign) json "$CUR_WHAT" && state_current="$state_current,\"what\":$JSON" ;;
  esac
  read_boot
  state_times
  emit "{\"event\":\"state\",$state_text,$STATE_TIMES,\"current\":{$state_current},\"bootId\":\"$BOOT\"}"
}

# state_times: seconds until the lease expires, and until the dead-man timer fires.
state_times() {
  STATE_TIMES='"lease":null'
  if [ -n "$S_run" ]; then
    lease_left
    STATE_TIMES="\"lease\":$LEASE_LEFT"
  fi
  is_open || return 0
  uptime_seconds
  json_or_null "${S_switch%%:*}"
  STATE_TIMES="$STATE_TIMES,\"switch\":$JSON,\"deadline\":$((S_deadline - UP))"
  if is_rebooted; then STATE_TIMES="$STATE_TIMES,\"rebooted\":true"; fi
}

emit_units() {
  user_bus
  if read_units; then
    each_unit emit_unit
  else
    unread units "${UNITS_ERROR:-systemctl show failed}"
  fi
}

# unread WHAT WHY: a reading that was asked for and failed. Emitted once of each.
unread() {
  case $UNREAD in *" $1 "*) return ;; esac
  UNREAD="$UNREAD$1 "
  json "$2"
  emit "{\"event\":\"unread\",\"what\":\"$1\",\"why\":$JSON}"
}

emit_unit() {
  read_serving
  unit_more "$U_name"
  # What parts run is known by their processes only.
  [ -z "$SERVING" ] || [ -n "$SERVING_BY" ] || SERVING_BY=process
  json "$U_name"
  unit_text="\"unit\":$JSON,\"load\":\"$U_load\",\"active\":\"${U_active#-}\",\"sub\":\"${U_sub#-}\""
  unit_text="$unit_text,\"type\":\"${U_type#-}\",\"mainPid\":$U_pid"
  unit_text="$unit_text,\"invocation\":\"${U_invocation#-}\",\"restarts\":$U_restarts"
  json_or_null "$SERVING"
  unit_text="$unit_text,\"serving\":$JSON"
  json_or_null "$SERVING_BY"
  unit_text="$unit_text,\"servingBy\":$JSON,\"pending\":$PENDING,\"restarted\":$RESTARTED"
  emit "{\"event\":\"unit\",$unit_text$UNIT_MORE}"
}

# read_access: a state or release list that this user cannot read is not an empty one.
read_access() {
  if [ -d "$F" ] && [ ! -x "$F" ]; then
    unread state "$F may not be entered"
  elif [ -e "$F/state" ] && [ ! -r "$F/state" ]; then
    unread state "$F/state may not be read"
  fi
  if [ -d "$F/releases" ] && { [ ! -r "$F/releases" ] || [ ! -x "$F/releases" ]; }; then
    unread releases "$F/releases may not be read"
  fi
}

# A release is what has fleet's marker, and `current` as fleet found it. Other folders are not fleet's.
emit_releases() {
  for release_path in "$F"/releases/*; do
    release_id=${release_path##*/}
    is_name "$release_id" || continue
    if read_marker "$release_id"; then
      release_complete=false
      ! is_still_there "$release_id" || release_complete=true
      release_size=
      [ "$A_sizes" = 0 ] || measure_release
      release_text="\"id\":\"$release_id\",\"standing\":\"$M_standing\",\"since\":\"$M_since\""
      emit "{\"event\":\"release\",$release_text,\"complete\":$release_complete$release_size,\"meta\":$M_meta}"
    else
      note "the marker of release $release_id cannot be read"
    fi
  done
  emit_foreign
}

# measure_release: sets release_size, a member of its event, unless another tool made it.
measure_release() {
  [ -d "$D/$release_id" ] && [ ! -L "$D/$release_id" ] || return 0
  tell
  release_kib=$(du -sk -- "$D/$release_id" 2>/dev/null)
  release_kib=${release_kib%%[!0-9]*}
  ! is_number "$release_kib" || [ ${#release_kib} -gt 9 ] || release_size=",\"kib\":$release_kib"
}
