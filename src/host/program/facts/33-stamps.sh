# Stamps: how long ago `current` was moved and units were started, in hundredths of a second. Costs one
# fork, only if a process must be judged by its start.

STAMPS=

# read_stamps: sets LINK_MADE and LINK_MOVED, the ages of the link by mtime and by ctime (which a rename
# changes, and chown too); LINK_MADE is empty if they cannot be read. STAMP_SLACK is the difference at which
# two ages still count as equal. Read once per call.
read_stamps() {
  [ -z "$STAMPS" ] || return 0
  STAMP_SLACK=5 LINK_MADE='' LINK_MOVED='' STAMP_NOW=''
  user_bus
  stamp_units=/run/systemd/units
  [ "$A_scope" = system ] || stamp_units=$XDG_RUNTIME_DIR/systemd/units
  set -- /proc/self/ "$R/current"
  for stamp_unit in $A_units; do set -- "$@" "$stamp_units/invocation:$stamp_unit"; done
  # The kernel stamps /proc/PID when it is first looked at: file time now. That process has just been
  # started, so its start is now in ticks, also in a container with another /proc/uptime.
  STAMPS=$(process_start self && printf '%s\n' "$START" && exec stat -c '%Y|%y|%Z|%z|%n' -- "$@" 2>/dev/null)
  STAMP_TICKS=${STAMPS%%"$NL"*}
  STAMPS=$STAMPS$NL
  while IFS='|' read -r stamp_made stamp_made_at stamp_moved stamp_moved_at stamp_name; do
    case $stamp_name in
      /proc/self/) stamp_now ;;
      "$R/current")
        stamp_age "$stamp_made" "$stamp_made_at" && LINK_MADE=$AGED &&
          stamp_age "$stamp_moved" "$stamp_moved_at" && LINK_MOVED=$AGED
        ;;
    esac
  done <<EOT
$STAMPS
EOT
}

stamp_now() {
  is_number "$stamp_made" || return 0
  STAMP_NOW=$stamp_made
  stamp_hundredths "$stamp_made_at"
  STAMP_NOW_PART=$HUNDREDTHS
}

# stamp_age SECONDS TIME: sets AGED.
stamp_age() {
  [ -n "$STAMP_NOW" ] && is_number "$1" || return 1
  stamp_hundredths "$2"
  AGED=$(((STAMP_NOW - $1) * 100 + STAMP_NOW_PART - HUNDREDTHS))
}

# stamp_hundredths TIME: sets HUNDREDTHS to its fraction; not every stat and file system has one.
stamp_hundredths() {
  HUNDREDTHS=${1#*.}
  HUNDREDTHS=${HUNDREDTHS%% *}
  case $1:$HUNDREDTHS in
    *.*:*[!0-9]* | *.*:?) STAMP_SLACK=110 HUNDREDTHS=0 ;;
    *.*:*[1-9]*)
      HUNDREDTHS=${HUNDREDTHS%"${HUNDREDTHS#??}"}
      HUNDREDTHS=${HUNDREDTHS#0}
      ;;
    *) STAMP_SLACK=110 HUNDREDTHS=0 ;;
  esac
}

# find_invocation: sets INVOCATION_AGE to how long ago systemd started unit U_name.
find_invocation() {
  INVOCATION_AGE=
  while IFS='|' read -r stamp_made stamp_made_at _ _ stamp_name; do
    [ "$stamp_name" = "$stamp_units/invocation:$U_name" ] || continue
    ! stamp_age "$stamp_made" "$stamp_made_at" || INVOCATION_AGE=$AGED
  done <<EOT
$STAMPS
EOT
}

# process_age: sets PROCESS_AGE, of the main process of the unit in U_*: from the kernel, or from systemd
# if /proc hides it. A tick is a hundredth. A start in the future is of another clock.
process_age() {
  PROCESS_AGE=
  if process_start "$U_pid"; then
    is_number "$STAMP_TICKS" || return 0
    PROCESS_AGE=$((STAMP_TICKS - START))
  else
    case $U_started in ?????*) ;; *) return 0 ;; esac
    { read -r stamp_up _ </proc/uptime; } 2>/dev/null || return 0
    PROCESS_AGE=$((${stamp_up%.*} * 100 + 1${stamp_up#*.} - 100 - ${U_started%????}))
  fi
  [ "$PROCESS_AGE" -ge 0 ] || PROCESS_AGE=
}
