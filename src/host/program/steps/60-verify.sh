# verify and probe: whether the units and the app are healthy, over a time or at one look.

verb_verify() {
  lock
  own_txn
  case $S_phase in
    restarted) refuse_rebooted ;;
    *)
      [ "$S_phase" = verified ] || is_confirmed || wrong_phase "$(overtaken)"
      repeated
      return
      ;;
  esac
  unlock
  user_bus
  verify_well=yes
  watch "$S_to" "$@" || verify_well=no
  lock
  own_txn
  # A repeated step may have verified while this one watched.
  if [ "$S_phase" = verified ] || is_confirmed; then
    repeated
    return
  fi
  # If another step acted meanwhile, that is the reason for what was seen.
  [ "$S_phase" = restarted ] || wrong_phase "$(overtaken)"
  if [ "$verify_well" = no ]; then
    append_state found=bad
    fail_with_journal "$MISS_CODE" "$MISS"
  fi
  S_baseline=$IDENTITIES
  note_runs "$S_to"
  note_phase verified "baseline=$S_baseline" "runs=$S_runs"
  succeed
}

# probe: units as verify left them, every probe once. An unhealthy answer is a reading, not a failure.
verb_probe() {
  read_state
  read_current
  user_bus
  LOOK_AGAINST=$S_baseline LOOK_BEFORE='' LOOK_ACTED='' LOOK_RAN=$S_runs
  look_for "$CUR"
  if probe_once "$CUR" "$@"; then
    emit '{"event":"probe","healthy":true,"reason":"healthy"}'
  else
    emit_miss
  fi
  succeed
}

probe_once() {
  if is_undisturbed; then run_probes "$@"; else look "$@"; fi
}

# is_undisturbed: every unit still has the process that verify saw. Asking systemctl too would cost more
# than the rest of a probe.
is_undisturbed() {
  for U_name in $A_units; do
    known_identity "$LOOK_AGAINST" "$U_name" && [ -n "$K_start" ] || return 1
    process_start "$K_pid" && [ "$START" = "$K_start" ] || return 1
    U_pid=$K_pid
    judge_serving || return 1
  done
}

emit_miss() {
  json "$MISS"
  emit "{\"event\":\"probe\",\"healthy\":false,\"reason\":$JSON}"
}

# watch ID probes...: true once every look passed for min_healthy_ms; false at the deadline, or if waiting
# cannot help, with MISS and MISS_CODE. Any miss restarts the clock.
watch() {
  LOOK_BEFORE=$S_before LOOK_ACTED=$S_acted LOOK_LEAST=${S_least:-0} LOOK_AGAINST='' LOOK_RAN=''
  look_for "$1"
  watch_told='' watch_tells=0 watch_since=''
  poll_interval
  now_ms
  watch_end=$((NOW + A_deadline_ms))
  while :; do
    now_ms
    watch_look=$NOW
    if look "$@"; then
      [ -n "$watch_since" ] || watch_since=$watch_look
      LOOK_AGAINST=$IDENTITIES watch_told=''
      now_ms
      [ $((NOW - watch_since)) -lt "$A_min_healthy_ms" ] || return 0
      watch_wait=$((watch_since + A_min_healthy_ms - NOW))
    else
      watch_since='' LOOK_AGAINST='' watch_wait=$POLL
      [ "$MISS" = "$watch_told" ] || tell_miss
      [ "$MISS_FINAL" = no ] || return 1
    fi
    now_ms
    if [ "$NOW" -ge "$watch_end" ]; then give_up_watch && return 1; fi
    [ "$watch_wait" -lt "$POLL" ] || watch_wait=$POLL
    tell
    sleep_ms "$watch_wait"
  done
}

# tell_miss: reports a new reason, a limited number of times: a probe may print a changing time.
tell_miss() {
  watch_told=$MISS watch_tells=$((watch_tells + 1))
  [ "$watch_tells" -gt 200 ] || emit_miss
}

give_up_watch() {
  if [ -n "$watch_since" ]; then
    MISS="healthy, but not for $A_min_healthy_ms ms before the deadline"
    MISS_CODE=unit_unhealthy
  fi
  MISS="not healthy within $A_deadline_ms ms: $MISS"
}

poll_interval() {
  POLL=$((A_min_healthy_ms / 4))
  [ "$POLL" -ge 200 ] || POLL=200
  [ "$POLL" -le 1000 ] || POLL=1000
}

sleep_ms() {
  [ "$1" -gt 0 ] || return 0
  sleep_thousandths=$((1000 + $1 % 1000))
  nap "$(($1 / 1000)).${sleep_thousandths#1}"
}

# look ID probes...: one look at everything. Sets IDENTITIES, or MISS, MISS_CODE and MISS_FINAL.
look() {
  MISS='' MISS_CODE=unit_unhealthy MISS_FINAL=no
  if ! read_units; then
    MISS="systemctl show failed: ${UNITS_ERROR:-no answer}"
    return 1
  fi
  each_unit judge_unit || return 1
  judge_parts || return 1
  identities
  run_probes "$@"
}

miss() {
  FAILED_UNIT=$U_name
  MISS="$U_name $1"
  return 1
}

miss_for_good() {
  MISS_FINAL=yes
  miss "$1"
}

# judge_unit: by its type, then by its identity, then by the release that it runs.
judge_unit() {
  [ "$U_load" = loaded ] || { miss_for_good "is $U_load" || return 1; }
  judge_activity || return 1
  [ "$U_on_call" = no ] || return 0
  judge_identity || return 1
  judge_serving
}

# judge_activity: by systemd's active state, for each type. U_on_call is yes for a unit that is healthy
# without running. A reloading unit counts as active.
judge_activity() {
  U_on_call=no
  case $U_active:$U_type:$U_sub in
    *auto-restart*) miss "died with exit status $U_status ($U_result), systemd restarts it" ;;
    failed:*) miss_for_good "failed: $U_result, exit status $U_status" ;;
    active:* | reloading:* | refreshing:*) ;;
    inactive:*) judge_inactive ;;
    *) miss "is $U_active ($U_sub)" ;;
  esac
}

judge_inactive() {
  case $U_type:$U_remains in
    oneshot:no)
      [ "$U_result" = success ] || miss_for_good "ended with $U_result"
      return
      ;;
  esac
  if is_on_call; then
    U_on_call=yes
    return
  fi
  case $U_restart in
    always | on-success) miss "is not running: $U_result, exit status $U_status" ;;
    *) miss_for_good "is not running: $U_result, exit status $U_status" ;;
  esac
}

judge_identity() {
  judge_sameness || return 1
  has_restart || return 0
  if is_before_restart; then miss "still has the process from before the restart"; fi
}

# is_before_restart: also one that a stop did not end and that systemd counts to the new invocation. In a
# rollback, a process older than the transaction has never left the release to go back to.
is_before_restart() {
  if known_identity "$LOOK_BEFORE" "$U_name" && [ "$K_pid" != 0 ] && same_process; then return; fi
  [ -n "$LOOK_ACTED" ] && process_start "$U_pid" && [ "$START" -lt "$LOOK_ACTED" ] &&
    [ "$START" -ge "$LOOK_LEAST" ]
}

# judge_sameness: against the look before, or what verify left. A start on demand is no restart.
judge_sameness() {
  known_identity "$LOOK_AGAINST" "$U_name" || return 0
  if [ "$K_pid" = 0 ] && [ "$U_pid" != 0 ] && [ "$U_type" != oneshot ]; then return 0; fi
  [ "$K_restarts" = "$U_restarts" ] || { miss "was restarted by systemd" || return 1; }
  same_process || miss "has another process"
}

# systemd forgets the invocation of a unit that has ended, and has none to compare.
same_process() {
  [ "$K_pid" = "$U_pid" ] || return 1
  [ "$K_invocation" = "$U_invocation" ] || [ "$K_invocation" = - ] || [ "$U_invocation" = - ]
}

# A process outside of all releases, or hidden from this user, is judged only if it is the verified one, by
# what it was verified on.
judge_serving() {
  [ "$A_action" != none ] || return 0
  serving "$U_pid"
  if [ -z "$SERVING" ] && [ -n "$LOOK_SERVING" ] && has_restart; then SERVING=$LOOK_RAN; fi
  if [ -n "$SERVING" ] && [ "$SERVING" != "$LOOK_SERVING" ]; then
    miss "still runs release $SERVING"
  fi
}
