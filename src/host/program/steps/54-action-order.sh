# The order of the service action. One unit, or a list without a socket, is handled unit by unit, in its
# order. For stop-start all units are stopped first, the last one first: a socket does not start while its service runs, and would start
# the service again while that is stopping.

# is_paired: a list with a socket, which its service must give up in between.
is_paired() {
  paired_units=0 paired_sockets=0
  for paired_unit in $A_units; do
    paired_units=$((paired_units + 1))
    case $paired_unit in *.socket) paired_sockets=$((paired_sockets + 1)) ;; esac
  done
  [ "$paired_units" -gt 1 ] && [ "$paired_sockets" -gt 0 ]
}

# run_verbs: sets RUN_VERBS, the systemctl verbs for each unit of a healthy list.
run_verbs() {
  RUN_VERBS=$A_action
  if [ "$A_action" = stop-start ] || { [ "$A_action" = restart ] && is_paired; }; then
    RUN_VERBS='stop start'
  fi
}

# act_on_service: expects UNITS as read before; false with SERVICE_CODE and SERVICE_MESSAGE.
act_on_service() {
  [ "$A_action" != none ] || return 0
  run_verbs
  if [ "$RUN_VERBS" = 'stop start' ]; then
    each_unit reset_unit
    stop_all && sockets_first start_unit
  else
    each_unit act_on_unit
  fi
}

# sockets_first FUNCTION: as each_unit, in an order in which nothing is started by a later unit.
sockets_first() {
  sockets_call=$1
  each_unit call_for_socket && each_unit call_for_other
}

call_for_socket() {
  case $U_name in *.socket) "$sockets_call" ;; esac
}

call_for_other() {
  case $U_name in *.socket) ;; *) "$sockets_call" ;; esac
}

stop_unit() {
  try_action stop
}

start_unit() {
  try_action start || return 1
  tell_restarted
}

stop_service() {
  [ "$A_action" != none ] || return 0
  stop_all
}

# stop_all: from the last unit to the first, since a later one may need an earlier one.
stop_all() {
  stop_units=$UNITS stop_well=yes UNITS=
  while IFS= read -r stop_line; do
    [ -z "$stop_line" ] || UNITS=$stop_line$NL$UNITS
  done <<EOF
$stop_units
EOF
  sockets_first stop_unit || stop_well=no
  UNITS=$stop_units
  [ "$stop_well" = yes ]
}
