# Settings: what preflight needs to know of a unit besides its state. Read in the same call of systemctl,
# by facts only.

begin_settings() {
  SETTINGS='' SETTING_PROPERTIES=''
  [ "$VERB" != facts ] || SETTING_PROPERTIES=,$SETTINGS_ASKED
}

SETTINGS_ASKED=CanReload,NeedDaemonReload,KillMode,TimeoutStopUSec,TimeoutStartUSec
SETTINGS_ASKED=$SETTINGS_ASKED,InactiveExitTimestampMonotonic,ActiveEnterTimestampMonotonic
SETTINGS_ASKED=$SETTINGS_ASKED,ActiveExitTimestampMonotonic,InactiveEnterTimestampMonotonic

clear_settings() {
  U_reloads='' U_changed=no U_kill='' U_stop_within='' U_start_within=''
  U_leaves=0 U_left=0 U_enters=0 U_entered=0
}

read_setting() {
  case $1 in
    CanReload=*) U_reloads=${1#*=} ;;
    NeedDaemonReload=*) U_changed=${1#*=} ;;
    KillMode=*) U_kill=${1#*=} ;;
    TimeoutStopUSec=*) U_stop_within=${1#*=} ;;
    TimeoutStartUSec=*) U_start_within=${1#*=} ;;
    ActiveExitTimestampMonotonic=*) U_leaves=${1#*=} ;;
    InactiveEnterTimestampMonotonic=*) U_left=${1#*=} ;;
    InactiveExitTimestampMonotonic=*) U_enters=${1#*=} ;;
    ActiveEnterTimestampMonotonic=*) U_entered=${1#*=} ;;
  esac
}

# add_settings NAME: a line of SETTINGS, the name and what emit_unit prints.
add_settings() {
  [ -n "$SETTING_PROPERTIES" ] || return 0
  setting_text=
  case $U_reloads in
    yes) setting_text=,\"canReload\":true ;;
    no) setting_text=,\"canReload\":false ;;
  esac
  [ "$U_changed" != yes ] || setting_text=$setting_text,\"changed\":true
  [ -z "$U_kill" ] || setting_text="$setting_text,\"killMode\":\"$U_kill\""
  [ -z "$U_stop_within" ] || setting_text="$setting_text,\"stopWithin\":\"$U_stop_within\""
  [ -z "$U_start_within" ] || setting_text="$setting_text,\"startWithin\":\"$U_start_within\""
  ! took "$U_leaves" "$U_left" || setting_text="$setting_text,\"stopTookMs\":$TOOK"
  ! took "$U_enters" "$U_entered" || setting_text="$setting_text,\"startTookMs\":$TOOK"
  SETTINGS="$SETTINGS$1 $setting_text$NL"
}

# took BEGIN END: sets TOOK to milliseconds between two times of systemd's in microseconds; false if the
# second is missing or earlier.
took() {
  is_number "$1" && is_number "$2" && [ "$1" != 0 ] && [ "$2" -ge "$1" ] || return 1
  TOOK=$((($2 - $1) / 1000))
}

# settings_of NAME: sets SETTING to what is reported of a unit.
settings_of() {
  SETTING=
  [ -n "$SETTINGS" ] || return 0
  while read -r setting_name setting_text; do
    [ "$setting_name" != "$1" ] || SETTING=$setting_text
  done <<EOF
$SETTINGS
EOF
}

# read_user_manager: for units of the login user, adds to host_text if they outlive the login.
read_user_manager() {
  [ "$A_scope" = user ] || return 0
  read_user
  if [ ! -S "/run/user/$MY_UID/systemd/private" ]; then
    host_text="$host_text,\"userManager\":\"absent\""
  elif [ ! -e "/var/lib/systemd/linger/$MY_USER" ]; then
    host_text="$host_text,\"userManager\":\"ends-with-login\""
  else
    host_text="$host_text,\"userManager\":\"lingers\""
  fi
}
