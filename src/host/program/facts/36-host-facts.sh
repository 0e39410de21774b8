# What kind of host this is: its root, tools, login user and rights.

emit_host() {
  machine_id=
  { read -r machine_id </etc/machine-id; } 2>/dev/null
  read_uid
  host_text="\"uid\":$MY_UID,\"machineId\":\"$machine_id\""
  json "$R"
  host_text="$host_text,\"rootPath\":$JSON"
  read_session
  host_text="$host_text,\"session\":\"$SESSION\""
  read_root_standing
  host_text="$host_text,\"root\":\"$ROOT_STANDING\",\"freeBytes\":$FREE_BYTES"
  emit_unwritten
  lacking tar gzip flock systemctl sha256sum df mv ln rm mkdir chmod sync date cat readlink \
    timeout sleep tr head ls id wc tee cp sort uniq stat touch
  host_text="$host_text,\"missingTools\":[$LACKING]"
  read_unfit
  host_text="$host_text,\"unfitTools\":[$UNFIT]"
  having curl wget bash zstd nc
  host_text="$host_text,\"tools\":[$HAVING]"
  read_sudo
  emit_rights
  read_tiers
  host_text="$host_text,\"deadMan\":[$TIERS]"
  ! has_guard || host_text="$host_text,\"guard\":true"
  read_user_manager
  if [ "$A_doctor" = 1 ]; then
    read_rights
    host_text="$host_text,\"now\":$(date +%s)"
    host_text="$host_text,\"missingRights\":[$LACKING_RIGHTS]"
    emit_login
    emit_stuck
  fi
  read_unsafe
  [ -z "$UNSAFE" ] || host_text="$host_text,\"unsafe\":[$UNSAFE]"
  missing_shared "$@"
  emit "{\"event\":\"host\",$host_text,\"missingShared\":[$MISSING]}"
}

# emit_login: the user name as the system has it, and the version of sudo. Some forks, so only for doctor.
emit_login() {
  json "$(id -un)"
  host_text="$host_text,\"user\":$JSON"
  sudo_version=$(sudo -V 2>/dev/null </dev/null)
  # An older sudo-rs prints it on stderr.
  [ -n "$sudo_version" ] || sudo_version=$(sudo -V 2>&1 >/dev/null </dev/null)
  json_or_null "${sudo_version%%"$NL"*}"
  host_text="$host_text,\"sudoVersion\":$JSON"
  ! has_unsafe_timer || host_text="$host_text,\"unsafeTimer\":true"
}

# read_user: sets MY_USER, the login user's name: as the bastion calls it, if that is this user, else as
# id prints it. A fork only if LOGNAME, which a login script may set, differs.
read_user() {
  read_uid
  MY_USER=$A_login
  is_my_login || MY_USER=$(id -un)
}

is_my_login() {
  [ -n "$A_login" ] || return 1
  [ "${LOGNAME:-}" = "$A_login" ] || [ "$(id -u "$A_login" 2>/dev/null)" = "$MY_UID" ]
}

# The root, or the nearest existing folder above it, shows what can be made.
read_root_standing() {
  root_above=$R
  while [ ! -e "$root_above" ] && [ -n "$root_above" ]; do root_above=${root_above%/*}; done
  if [ -d "$D" ]; then free_kib "$D"; else free_kib "${root_above:-/}"; fi
  # Rounded down, as text: it may be too large for the shell's numbers.
  FREE_BYTES=0
  [ "$FREE_KIB" = 0 ] || FREE_BYTES=${FREE_KIB}000
  ROOT_STANDING=not-writable
  if [ ! -d "${root_above:-/}" ] || [ ! -w "${root_above:-/}" ]; then return; fi
  ROOT_STANDING=missing
  [ "$root_above" = "$R" ] || return 0
  ROOT_STANDING=ok
  for root_part in "$R/releases" "$R/shared" "$F" "$F/state" "$F/lock"; do
    if [ -e "$root_part" ] && [ ! -w "$root_part" ]; then ROOT_STANDING=not-writable; fi
  done
}

lacking() {
  LACKING=
  for tool; do
    command -v "$tool" >/dev/null || LACKING=$LACKING${LACKING:+,}\"$tool\"
  done
}

having() {
  HAVING=
  for tool; do
    ! command -v "$tool" >/dev/null || HAVING=$HAVING${HAVING:+,}\"$tool\"
  done
}

missing_shared() {
  MISSING=
  for arg; do
    case $arg in
      --) break ;;
      shared=*/) ;;
      shared=*)
        if [ ! -e "$R/shared/${arg#*=}" ]; then
          json "${arg#*=}"
          MISSING=$MISSING${MISSING:+,}$JSON
        fi
        ;;
    esac
  done
}
