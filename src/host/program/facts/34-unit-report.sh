# What facts and status report of a unit besides its state: its settings, its parts and which of them failed.

# unit_more NAME: sets UNIT_MORE, fields of a unit event; expects U_* and SERVING of the unit, and keeps
# them, except SERVING of a unit without a process: that is of its parts.
unit_more() {
  settings_of "$1"
  UNIT_MORE=$SETTING
  case $U_active:$U_type in
    inactive:oneshot) ;;
    inactive:*) ! is_on_call || UNIT_MORE="$UNIT_MORE,\"onCall\":true" ;;
  esac
  has_process "$1" || report_parts "$1"
}

report_parts() {
  report_unit="$U_name $U_load $U_active $U_sub $U_type $U_pid $U_invocation $U_restarts $U_result"
  report_unit="$report_unit $U_restart $U_status $U_remains $U_started"
  report_root=$1 report_text='' report_dead='' report_serving=''
  LOOK_BEFORE='' LOOK_AGAINST='' LOOK_SERVING='' LOOK_ACTED='' LOOK_LEAST=0 LOOK_RAN=''
  [ -z "$PARTS" ] || each_part report_part
  UNIT_MORE="$UNIT_MORE,\"parts\":[$report_text]"
  if [ -n "$report_dead" ]; then
    json "$report_dead"
    UNIT_MORE="$UNIT_MORE,\"dead\":$JSON"
  fi
  SERVING=$report_serving
  read -r U_name U_load U_active U_sub U_type U_pid U_invocation U_restarts U_result U_restart \
    U_status U_remains U_started <<EOF
$report_unit
EOF
}

# report_part: of those with a process. The first that runs another release than `current` counts for the
# unit.
report_part() {
  [ "$P_root" = "$report_root" ] || return 0
  FAILED_UNIT=''
  judge_part || report_dead=${report_dead:-$MISS}
  has_process "$U_name" || return 0
  json "$U_name"
  report_text="$report_text${report_text:+,}{\"unit\":$JSON,\"active\":\"${U_active#-}\""
  case $P_how in *w*) report_text="$report_text,\"started\":true" ;; esac
  case $P_how in *r*) report_text="$report_text,\"restarted\":true" ;; esac
  case $P_how in
    *s*) report_text="$report_text,\"triggered\":\"socket\"" ;;
    *t*) report_text="$report_text,\"triggered\":\"timer\"" ;;
  esac
  settings_of "$U_name"
  report_text="$report_text$SETTING}"
  serving "$U_pid"
  if [ -n "$SERVING" ] && { [ -z "$report_serving" ] || [ "$SERVING" != "$CUR" ]; }; then
    report_serving=$SERVING
  fi
}
