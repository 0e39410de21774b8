# facts and status: read everything, write nothing.

verb_facts() {
  read_state
  emit_state
  emit_host "$@"
  emit_units
  [ "$A_releases" = 0 ] || emit_releases
  succeed
}

verb_status() {
  [ -n "$LOCKED" ] || read_state
  emit_state
  emit_units
  succeed
}

# verb_log_exec: an ad-hoc command is about to be run here, by whoever the bastion says. Changes nothing
# else, and takes no lock: a command may be what is to help a step that hangs with it.
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
  state_current="\"kind\":\"$CUR_KIND\""
  case $CUR_KIND in
    link) json "$CUR" && state_current="$state_current,\"release\":$JSON" ;;
    foreign) json "$CUR_WHAT" && state_current="$state_current,\"what\":$JSON" ;;
  esac
  read_boot
  state_times
  emit "{\"event\":\"state\",$state_text,$STATE_TIMES,\"current\":{$state_current},\"bootId\":\"$BOOT\"}"
}

# state_times: how long the claim is good, and when the dead-man's switch fires, in seconds.
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
    note "systemctl show failed"
  fi
}

emit_unit() {
  serving "$U_pid"
  json "$U_name"
  unit_text="\"unit\":$JSON,\"load\":\"$U_load\",\"active\":\"${U_active#-}\",\"sub\":\"${U_sub#-}\""
  unit_text="$unit_text,\"type\":\"${U_type#-}\",\"mainPid\":$U_pid"
  unit_text="$unit_text,\"invocation\":\"${U_invocation#-}\",\"restarts\":$U_restarts"
  json_or_null "$SERVING"
  emit "{\"event\":\"unit\",$unit_text,\"serving\":$JSON}"
}

emit_host() {
  machine_id=
  { read -r machine_id </etc/machine-id; } 2>/dev/null
  read_uid
  host_text="\"uid\":$MY_UID,\"machineId\":\"$machine_id\""
  json "$R"
  host_text="$host_text,\"rootPath\":$JSON"
  read_root_standing
  host_text="$host_text,\"root\":\"$ROOT_STANDING\",\"freeBytes\":$((FREE_KIB * 1024))"
  lacking tar gzip flock systemctl sha256sum df mv ln rm mkdir chmod sync date cat readlink \
    timeout sleep tr head ls
  host_text="$host_text,\"missingTools\":[$LACKING]"
  having curl bash zstd nc
  host_text="$host_text,\"tools\":[$HAVING]"
  read_sudo
  read_tiers
  host_text="$host_text,\"deadMan\":[$TIERS]"
  ! has_guard || host_text="$host_text,\"guard\":true"
  if [ "$A_doctor" = 1 ]; then
    read_rights
    host_text="$host_text,\"now\":$(date +%s)"
    host_text="$host_text,\"missingRights\":[$LACKING_RIGHTS]"
    emit_login
  fi
  read_unsafe
  [ -z "$UNSAFE" ] || host_text="$host_text,\"unsafe\":[$UNSAFE]"
  missing_shared "$@"
  emit "{\"event\":\"host\",$host_text,\"sudo\":\"$SUDO\",\"missingShared\":[$MISSING]}"
}

# emit_login: who this is by the system's own word, and what its sudo is. Some forks, so only for a doctor.
emit_login() {
  json "$(id -un)"
  host_text="$host_text,\"user\":$JSON"
  sudo_version=$(sudo -V 2>/dev/null </dev/null)
  # An older sudo-rs says it on stderr.
  [ -n "$sudo_version" ] || sudo_version=$(sudo -V 2>&1 >/dev/null </dev/null)
  json_or_null "${sudo_version%%"$NL"*}"
  host_text="$host_text,\"sudoVersion\":$JSON"
  ! has_unsafe_timer || host_text="$host_text,\"unsafeTimer\":true"
}

# has_unsafe_timer: a line of sudoers allows systemd-run with arguments that do not begin with the
# user. Sudo matches arguments joined by blanks, so that `--unit=x --uid=1000` may be one argument,
# and what then runs is root's. Earlier versions of fleet printed such a line.
has_unsafe_timer() {
  [ "$MY_UID" != 0 ] || return 1
  read_user
  timer_command='' timer_unsafe=1
  set -f
  for timer_word in $(sudo -n -l 2>/dev/null </dev/null) end; do
    case $timer_command$timer_word in
      "then ^--uid=$MY_USER" | "then ^--uid=$MY_UID") ;;
      'then '* | /*/systemd-run,) timer_unsafe=0 ;;
    esac
    timer_command=
    case $timer_word in
      [/^]*/systemd-run | [/^]*/systemd-run\$) timer_command='then ' ;;
    esac
  done
  set +f
  return "$timer_unsafe"
}

# read_user: sets MY_USER, the login user's name: what the bastion calls it, where that is this very
# user, else what id says. A fork only where LOGNAME, which a login's own files may set, is another.
read_user() {
  read_uid
  MY_USER=$A_login
  is_my_login || MY_USER=$(id -un)
}

is_my_login() {
  [ -n "$A_login" ] || return 1
  [ "${LOGNAME:-}" = "$A_login" ] || [ "$(id -u "$A_login" 2>/dev/null)" = "$MY_UID" ]
}

# The root, or the nearest folder above it that is there, tells what may be made.
read_root_standing() {
  root_above=$R
  while [ ! -e "$root_above" ] && [ -n "$root_above" ]; do root_above=${root_above%/*}; done
  free_kib "${root_above:-/}"
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

# Whether the unit's action may be taken: asked of sudo by listing, so nothing is run.
read_sudo() {
  SUDO=ok
  if [ "$A_scope" = user ]; then
    SUDO=user
  elif [ "$MY_UID" = 0 ]; then
    SUDO=root
  elif [ "$A_action" != none ]; then
    read_sudo_rights
  fi
}

read_sudo_rights() {
  command -v sudo >/dev/null || { SUDO=absent && return; }
  sudo_action=$A_action
  [ "$A_action" != stop-start ] || sudo_action=stop
  for sudo_unit in ${A_units:--}; do
    sudo -n -l systemctl "$sudo_action" "$sudo_unit" >/dev/null 2>&1 </dev/null || SUDO=password
  done
}

# read_rights: sets LACKING_RIGHTS, which of the commands that a run may want sudo does not allow.
# One fork each, so only for a doctor.
read_rights() {
  LACKING_RIGHTS=
  case $SUDO:$A_action in
    root:* | user:* | *:none) return ;;
    *:restart) rights_verbs='restart stop' ;;
    *:reload) rights_verbs='reload restart stop' ;;
    *:stop-start) rights_verbs='stop start' ;;
  esac
  for rights_unit in $A_units; do
    for rights_verb in $rights_verbs reset-failed; do
      lacking_rights "systemctl $rights_verb $rights_unit"
    done
  done
}

# lacking_rights COMMAND…: adds to LACKING_RIGHTS, as JSON, what sudo does not allow.
lacking_rights() {
  for right; do
    # shellcheck disable=SC2086 # a command and its arguments
    ! sudo -n -l $right >/dev/null 2>&1 </dev/null || continue
    json "$right"
    LACKING_RIGHTS=$LACKING_RIGHTS${LACKING_RIGHTS:+,}$JSON
  done
}

# read_tiers: sets TIERS, how a dead-man's switch could be armed here, the best first; asked only
# where it is wanted, as it costs. For a run the last matters only where it is the only one.
read_tiers() {
  TIERS=''
  [ "$A_tiers" = 1 ] || return 0
  # To ask sudo costs as much as half a restart. What the last switch was armed by is taken to be there
  # still: if it is not, arming fails, before anything has changed, and is not believed again. Another
  # program may have called systemd-run by other arguments, which sudo allowed.
  if [ "$S_tier:$A_doctor:$S_program" = "system:0:${0##*/}" ]; then
    TIERS='"system"'
    return
  fi
  read_uid
  if command -v systemd-run >/dev/null; then
    if [ "$MY_UID" = 0 ] || may_start_timer; then TIERS='"system",'; fi
    if lingers; then TIERS=$TIERS'"user",'; fi
  fi
  if { [ -n "$TIERS" ] && [ "$A_doctor" = 0 ]; } || processes_survive; then
    TIERS=$TIERS'"process",'
  fi
  TIERS=${TIERS%,}
}

# Asked of sudo by listing, with the arguments of start_timer and a program of the right form.
may_start_timer() {
  timer_digits=0123456789abcdef
  timer_program=$F/bin/$timer_digits$timer_digits$timer_digits$timer_digits
  read_timer_user
  sudo -n -l systemd-run "--uid=$TIMER_USER" --quiet --collect --unit=fleet-x --on-active=1ms \
    --timer-property=AccuracySec=100ms /bin/sh "$timer_program" step revert "root=$R" txn=x guard=1 \
    >/dev/null 2>&1 </dev/null
}

lingers() {
  read_user
  [ -e "/var/lib/systemd/linger/$MY_USER" ] && [ -S "/run/user/$MY_UID/systemd/private" ]
}

# Whether logind leaves the processes of a session that has ended; without logind nobody ends them.
processes_survive() {
  command -v loginctl >/dev/null || return 0
  case $(loginctl show-session -p KillUserProcesses 2>/dev/null </dev/null) in
    *=yes) return 1 ;;
  esac
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

# Only what has fleet's marker is a release; other folders are somebody else's.
emit_releases() {
  for release_path in "$F"/releases/*; do
    release_id=${release_path##*/}
    is_name "$release_id" || continue
    if read_marker "$release_id"; then
      if [ -d "$R/releases/$release_id" ] && [ ! -L "$R/releases/$release_id" ]; then
        release_complete=true
      else
        release_complete=false
      fi
      release_text="\"id\":\"$release_id\",\"standing\":\"$M_standing\",\"since\":\"$M_since\""
      emit "{\"event\":\"release\",$release_text,\"complete\":$release_complete,\"meta\":$M_meta}"
    else
      note "the marker of release $release_id can not be read"
    fi
  done
}
