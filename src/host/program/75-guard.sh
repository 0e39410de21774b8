# The guard: a unit that runs at boot, before the app's units, and takes a host back that went down
# in the middle of its switch, when the dead-man's switch has gone with everything else.

# verb_guard: what that unit runs. By link alone, since the units start after it.
verb_guard() {
  [ -d "$F" ] || { read_state && succeed && return; }
  lock
  if ! is_rebooted; then
    repeated
    return
  fi
  # The switch went with the boot, so there is none to stop.
  A_txn=$S_txn A_guard=1
  read_current
  refuse_foreign_current
  if [ "$S_phase" = armed ] && [ "$CUR" = "$S_from" ]; then
    decide "$S_prior"
  else
    refuse_moved
    restore_link
    S_baseline=''
    decide idle baseline=
  fi
  succeed
}

# verb_install_guard: the unit is written and enabled, and not started: the next boot is its first
# use. One that is there already, by whoever, is taken note of; that needs no rights.
verb_install_guard() {
  refuse_unsafe
  lock
  place_guard
  compose_guard
  read_guard
  if [ "$GUARD_FOUND" = "$GUARD_TEXT" ] && (systemctl_read -q is-enabled "$GUARD_UNIT" </dev/null); then
    record_guard
    repeated
    return
  fi
  refuse_foreign_guard
  need_rights "tee $GUARD_PATH" 'systemctl daemon-reload' "systemctl enable $GUARD_UNIT"
  [ "$A_scope" = system ] || mkdir -p -- "${GUARD_PATH%/*}" || fail_write "$GUARD_PATH"
  printf '%s\n' "$GUARD_TEXT" | by_root tee "$GUARD_PATH" >/dev/null ||
    fail step_failed "can not write $GUARD_PATH"
  guard_systemctl daemon-reload
  guard_systemctl enable "$GUARD_UNIT"
  sync "$GUARD_PATH" "${GUARD_PATH%/*}"
  record_guard
  log_transition "$S_phase"
  succeed
}

# verb_remove_guard: only a unit that fleet has written for this root.
verb_remove_guard() {
  lock
  place_guard
  read_guard
  if [ -z "$GUARD_FOUND" ]; then
    remove .fleet guard
    repeated
    return
  fi
  refuse_foreign_guard
  need_rights "systemctl disable $GUARD_UNIT" "rm $GUARD_PATH" 'systemctl daemon-reload'
  remove .fleet guard
  guard_systemctl disable "$GUARD_UNIT"
  by_root rm "$GUARD_PATH" || fail step_failed "can not delete $GUARD_PATH"
  guard_systemctl daemon-reload
  log_transition "$S_phase"
  succeed
}

# place_guard: sets GUARD_UNIT and GUARD_PATH, in the folder that systemd itself names.
place_guard() {
  need app "$A_app" unit "$A_units"
  read_user
  if [ "$A_scope" = user ] && ! lingers; then
    fail step_failed "units of $MY_USER do not start at boot: sudo loginctl enable-linger $MY_USER"
  fi
  user_bus
  GUARD_UNIT=fleet-guard-$A_app.service GUARD_PATH=''
  for guard_folder in $(systemctl_read show -p UnitPath --value </dev/null 2>/dev/null); do
    case $A_scope:$guard_folder in
      system:*/etc/systemd/system | user:*/.config/systemd/user)
        GUARD_PATH=$guard_folder/$GUARD_UNIT
        return
        ;;
    esac
  done
  fail step_failed "systemd names no folder for units of the $A_scope"
}

# compose_guard: sets GUARD_TEXT. Nothing requires this unit, so that a guard which fails does not
# keep the app's from starting, nor one that hangs for long.
compose_guard() {
  case $R in
    *[!A-Za-z0-9/._@+:,=-]*) fail usage "$R has a character that a unit's text can not hold" ;;
  esac
  guard_after="After=nss-user-lookup.target$NL"
  # Sockets, timers and paths start before what an ordinary service waits for.
  case "$A_units " in
    *.socket\ * | *.timer\ * | *.path\ *)
      guard_after="DefaultDependencies=no${NL}After=sysinit.target$NL"
      guard_after="${guard_after}Conflicts=shutdown.target${NL}Before=shutdown.target$NL"
      ;;
  esac
  guard_mounts="RequiresMountsFor=$R$NL" guard_user="User=$MY_USER$NL" guard_target=multi-user.target
  if [ "$A_scope" = user ]; then
    guard_mounts='' guard_user='' guard_target=default.target
  fi
  compose_guard_command
  GUARD_TEXT="# Written by fleet for $R
[Unit]
Description=Takes $A_app back where the host went down in the middle of its switch
Before=${A_units# }
${guard_after}${guard_mounts}
[Service]
Type=oneshot
RemainAfterExit=yes
${guard_user}TimeoutStartSec=60
ExecStart=$GUARD_COMMAND

[Install]
WantedBy=$guard_target"
}

# compose_guard_command: sets GUARD_COMMAND, which runs the guard of the program that armed. Dollars
# are doubled for systemd. A host without a state or its program has nothing to take back.
compose_guard_command() {
  # shellcheck disable=SC2016 # for the shell that systemd starts
  GUARD_COMMAND='/bin/sh -c '\''f=$$1/.fleet p=; [ -O $$f/state ] || exit 0; '
  # shellcheck disable=SC2016
  GUARD_COMMAND=$GUARD_COMMAND'while IFS= read -r l; do case $$l in program=*) p=$${l#*=} ;; esac; done <$$f/state; '
  # shellcheck disable=SC2016
  GUARD_COMMAND=$GUARD_COMMAND'case $$p in *[!0-9a-f]*) exit 0 ;; esac; '
  # shellcheck disable=SC2016
  GUARD_COMMAND=$GUARD_COMMAND'[ $${#p} -eq 64 ] && [ -O $$f/bin/$$p ] || exit 0; '
  # shellcheck disable=SC2016
  GUARD_COMMAND=$GUARD_COMMAND'exec /bin/sh $$f/bin/$$p step guard root=$$1'\'" fleet-guard $R"
}

# read_guard: sets GUARD_FOUND to the text of the unit as it is there.
read_guard() {
  GUARD_FOUND=
  [ ! -e "$GUARD_PATH" ] || GUARD_FOUND=$(cat "$GUARD_PATH")
}

refuse_foreign_guard() {
  case $GUARD_FOUND in
    '' | "# Written by fleet for $R$NL"*) ;;
    *) fail step_failed "$GUARD_PATH is there, and not of fleet for $R: ${GUARD_FOUND%%"$NL"*}" ;;
  esac
}

# record_guard: for facts, which ask neither systemd nor sudo.
record_guard() {
  printf '%s\n' "$GUARD_PATH" "$A_units" >"$F/guard" && sync "$F/guard" || fail_write "$F/guard"
}

# has_guard: the unit that was recorded is there, and is for the units that are asked about.
has_guard() {
  [ -r "$F/guard" ] || return 1
  { read -r guard_path && read -r guard_units; } <"$F/guard" || return 1
  [ -e "$guard_path" ] && [ "$guard_units" = "${A_units# }" ]
}

# need_rights COMMAND…: refuses before anything is done, and shows what an admin may do instead.
need_rights() {
  if [ "$A_scope" = user ] || is_root; then return; fi
  LACKING_RIGHTS=
  lacking_rights "$@"
  [ -n "$LACKING_RIGHTS" ] || return 0
  [ "$VERB" = remove_guard ] || emit_guard
  guard_rights=
  for right; do guard_rights="$guard_rights${guard_rights:+, }$right"; done
  fail sudo_password "$MY_USER may not call all of these by sudo: $guard_rights"
}

# emit_guard: the text of the unit, for whoever has the rights.
emit_guard() {
  guard_json=
  while IFS= read -r guard_line; do
    json "$guard_line"
    guard_json=$guard_json${guard_json:+,}$JSON
  done <<END
$GUARD_TEXT
END
  json "$GUARD_PATH"
  emit "{\"event\":\"guard_unit\",\"path\":$JSON,\"lines\":[$guard_json]}"
}

guard_systemctl() {
  guard_error=$(systemctl_act "$@" 2>&1 </dev/null) ||
    fail step_failed "systemctl $* failed: ${guard_error##*"$NL"}"
}

# by_root COMMAND…: as root where the unit is the system's; never with the lock.
by_root() {
  if [ "$A_scope" = user ] || is_root; then "$@" 8<&- 9>&-; else sudo -n "$@" 8<&- 9>&-; fi
}
