# The verdict on parts: the units behind a target, socket, timer or path must be healthy too.

judge_parts() {
  [ -z "$PARTS" ] || each_part judge_part
}

judge_part() {
  [ "$U_load" = loaded ] || { miss_for_good "is $U_load" || return 1; }
  if ! has_process "$U_name"; then
    judge_trigger
    return
  fi
  case $P_how in
    *w*) ;;
    *t*)
      judge_job
      return
      ;;
  esac
  ! is_rightly_idle || return 0
  judge_activity || return 1
  [ "$U_on_call" = no ] || return 0
  judge_part_identity || return 1
  judge_part_release
}

# judge_trigger: a target, socket, timer or path in a target. One that nothing starts may be off.
judge_trigger() {
  case $U_active:$P_how in
    inactive:*c* | inactive:r | inactive:-) return 0 ;;
  esac
  judge_activity
}

# judge_job: a unit that a timer or path starts may run or not, but not forever from another release. A
# failure before the activation does not count: systemd shows it until the next run.
judge_job() {
  case $U_active:$U_sub in
    *auto-restart*) judge_activity ;;
    failed:*) was_failed || judge_activity ;;
    active:*) judge_part_release ;;
  esac
}

# was_failed: this run of the job was seen before. One that systemd refuses to start has not run.
was_failed() {
  [ "$U_invocation" != - ] && [ "$U_result" != start-limit-hit ] || return 1
  known_identity "$LOOK_BEFORE $LOOK_AGAINST $S_baseline" "$U_name" &&
    [ "$K_invocation" = "$U_invocation" ]
}

# is_rightly_idle: a condition keeps systemd from starting it; or none of these units starts it, and it did
# not run before either.
is_rightly_idle() {
  [ "$U_active" = inactive ] && [ "$U_result" = success ] || return 1
  case $P_how in
    *c*) return 0 ;;
    *w*) return 1 ;;
  esac
  case $P_how in *s*) is_on_call && return 0 ;; esac
  for rightly_known in "$LOOK_BEFORE" "$LOOK_AGAINST" "$S_baseline"; do
    if known_identity "$rightly_known" "$U_name"; then
      [ "$K_pid" = 0 ]
      return
    fi
  done
}

# judge_part_identity: as judge_identity. A unit that is not restarted with the unit in fleet.yaml, e.g. a
# database that a target wants, keeps its process.
judge_part_identity() {
  case $P_how in
    *r*) judge_identity ;;
    *) judge_sameness ;;
  esac
}

judge_part_release() {
  [ -n "$LOOK_SERVING" ] || return 0
  case $P_how in
    *r*) judge_serving ;;
    *)
      serving "$U_pid"
      [ -z "$SERVING" ] || [ "$SERVING" = "$LOOK_SERVING" ] || miss "still runs release $SERVING"
      ;;
  esac
}

# is_on_call: a unit that ended well, or was not needed yet, is healthy if a socket, timer or path waits to
# start it.
is_on_call() {
  [ "$U_result" = success ] || return 1
  on_call=$(systemctl_read show --no-pager -p TriggeredBy "$U_name" </dev/null)
  on_call=${on_call#*=}
  # shellcheck disable=SC2086 # names of units
  [ -n "$on_call" ] && (systemctl_read -q is-active $on_call </dev/null)
}
