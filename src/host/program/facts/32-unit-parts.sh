# Parts: the units behind one that has no process of its own. A target is healthy if the units that it
# wants are; a socket, timer or path if the unit that it starts is. Such a unit costs one more call of
# systemctl, and one for each target in a target.

# has_process NAME
has_process() {
  case $1 in
    *.target | *.socket | *.timer | *.path | *.mount | *.automount | *.swap | *.device | *.slice) return 1 ;;
  esac
}

# begin_parts: sets PART_PROPERTIES, empty if every unit has a process of its own.
begin_parts() {
  PARTS='' PART_QUEUE='' PART_SEEN=" $A_units " PART_PROPERTIES=''
  for part_unit in $A_units; do
    has_process "$part_unit" || PART_PROPERTIES=,$PARTS_ASKED
  done
}

PARTS_ASKED=Wants,Requires,BindsTo,Upholds,ConsistsOf,RequiredBy,BoundBy,RequisiteOf,Triggers,TriggeredBy
PARTS_ASKED=$PARTS_ASKED,ConditionResult,ConditionTimestampMonotonic

clear_part() {
  U_wants='' U_consists='' U_follows='' U_triggers='' U_triggered='' U_condition=yes U_checked=0
}

read_part_property() {
  case $1 in
    Wants=* | Requires=* | BindsTo=* | Upholds=*) U_wants="$U_wants ${1#*=}" ;;
    ConsistsOf=*) U_consists=${1#*=} ;;
    RequiredBy=* | BoundBy=* | RequisiteOf=*) U_follows="$U_follows ${1#*=}" ;;
    Triggers=*) U_triggers=${1#*=} ;;
    TriggeredBy=*) U_triggered=${1#*=} ;;
    ConditionResult=*) U_condition=${1#*=} ;;
    ConditionTimestampMonotonic=*) U_checked=${1#*=} ;;
    *) return 1 ;;
  esac
}

# is_part NAME: not a unit that systemd boots with, and not one without a process behind it.
is_part() {
  case $1 in
    *.slice | *.mount | *.automount | *.swap | *.device | *.scope | *@.* | systemd-* | dbus.* | dbus-*) return 1 ;;
    sysinit.target | basic.target | network*.target | *-fs.target | *-fs-pre.target | nss-*.target | \
      time-*.target | swap.target | paths.target | sockets.target | timers.target | slices.target | \
      *cryptsetup*.target | multi-user.target | graphical.target | default.target | getty.target | \
      shutdown.target | umount.target | final.target | rpcbind.target) return 1 ;;
  esac
  case $PART_SEEN in
    *" $1 "*) return 1 ;;
  esac
}

# queue_parts ROOT UNIT HOW: the parts of UNIT, just read, are to be read; ROOT is the unit in fleet.yaml
# that led there. HOW has w if the unit starts them, r if they are stopped and started with ROOT, s if a
# socket starts them, t if a timer or a path does.
queue_parts() {
  part_by=s
  case $2 in *.timer | *.path) part_by=t ;; esac
  for part in $U_wants $U_consists $U_triggers; do
    is_part "$part" || continue
    part_of=
    case " $U_wants " in *" $part "*) part_of=w ;; esac
    case $3:" $U_consists $U_follows " in *r*:*" $part "*) part_of=r$part_of ;; esac
    case " $U_triggers " in *" $part "*) part_of=$part_of$part_by ;; esac
    PART_SEEN="$PART_SEEN$part "
    PART_QUEUE="$PART_QUEUE $1/${part_of:--}/$part"
  done
}

# follow_parts: sets PARTS, a line each: root how, then as in UNITS.
follow_parts() {
  part_rounds=0
  while [ -n "$PART_QUEUE" ] && [ "$part_rounds" -lt 8 ]; do
    part_round=$PART_QUEUE part_names='' PART_QUEUE=''
    for part in $part_round; do part_names="$part_names ${part##*/}"; done
    # shellcheck disable=SC2086 # names of units
    show_units "$UNIT_PROPERTIES,$PARTS_ASKED$SETTING_PROPERTIES" $part_names || return 1
    # shellcheck disable=SC2086
    each_shown add_part $part_round || return 1
    part_rounds=$((part_rounds + 1))
  done
}

# add_part ROOT/HOW/NAME: a wanted unit that is not installed, or masked, is ignored, as systemd does.
add_part() {
  case $U_load in
    not-found | masked) return 0 ;;
  esac
  part_name=${1##*/} part_root=${1%%/*} part_how=${1#*/}
  part_how=${part_how%%/*}
  has_process "$part_name" || queue_parts "$part_root" "$part_name" "$part_how"
  # systemd does not start it since a condition of the unit is not met; that is correct.
  [ "$U_condition" != no ] || [ "$U_checked" = 0 ] || part_how=${part_how}c
  case "$U_triggered " in
    *.timer' '* | *.path' '*) part_how=${part_how}t ;;
    *.socket' '*) part_how=${part_how}s ;;
  esac
  unit_line "$part_name"
  PARTS="$PARTS$part_root $part_how $UNIT_LINE$NL"
  add_settings "$part_name"
}

# each_part FUNCTION: as each_unit, with P_root and P_how as well.
each_part() {
  while read -r P_root P_how U_name U_load U_active U_sub U_type U_pid U_invocation \
    U_restarts U_result U_restart U_status U_remains U_started; do
    [ -n "$U_name" ] || continue
    "$1" || return 1
  done <<EOF
$PARTS
EOF
}
