# State: the root, the lock, the state file, and the checks before every change.

# open_root: sets R to the resolved root, F to its .fleet and D to its releases. A missing root stays as
# given.
open_root() {
  # shellcheck disable=SC2088 # the tilde is text here, and is removed
  case $A_root in
    '~/'*) A_root=${HOME:-/nonexistent}/${A_root#'~/'} ;;
  esac
  case $A_root in
    /*) ;;
    *) fail usage "root must be absolute: $A_root" ;;
  esac
  if cd -P -- "$A_root" 2>/dev/null; then R=$PWD; else R=$A_root; fi
  [ "$R" != / ] || fail usage "root must not be /"
  F=$R/.fleet
  find_releases
}

# find_releases: sets D to the real path of releases/, which may be on another disk.
find_releases() {
  D=$R/releases
  [ -L "$D" ] && cd -P -- "$D" 2>/dev/null || return 0
  D=$PWD
  cd /
}

read_state() {
  S_epoch=0 S_run='' S_owner='' S_txn='' S_phase=idle S_prior=idle S_from='' S_to=''
  S_deadline=0 S_boot='' S_baseline='' S_before='' S_lease='' S_renewed='' S_switch='' S_program=''
  S_torn='' S_tier='' S_ran='' S_kind='' S_found='' S_runs='' S_left='' S_acted='' S_least='' S_mark='' S_as=''
  S_back=''
  [ -r "$F/state" ] || return 0
  while IFS= read -r state_line; do
    case $state_line in
      *'~') ;;
      epoch=*) is_epoch "${state_line#*=}" && S_epoch=${state_line#*=} ;;
      run=*) S_run=${state_line#*=} ;;
      owner=*) S_owner=${state_line#*=} ;;
      lease=*) S_lease=${state_line#*=} ;;
      renewed=*) S_renewed=${state_line#*=} ;;
      txn=*) S_txn=${state_line#*=} ;;
      prior=idle | prior=down) S_prior=${state_line#*=} ;;
      from=*) S_from=${state_line#*=} ;;
      to=*) S_to=${state_line#*=} ;;
      back=*) S_back=${state_line#*=} ;;
      deadline=*) is_number "${state_line#*=}" && S_deadline=${state_line#*=} ;;
      switch=*) S_switch=${state_line#*=} ;;
      tier=*) S_tier=${state_line#*=} ;;
      ran=*[!A-Za-z0-9._,/-]*) ;;
      ran=*) S_ran=${state_line#*=} ;;
      kind=deploy | kind=rollback | kind=) S_kind=${state_line#*=} ;;
      found=bad | found=) S_found=${state_line#*=} ;;
      program=*) S_program=${state_line#*=} ;;
      boot=*) S_boot=${state_line#*=} ;;
      baseline=*) S_baseline=${state_line#*=} ;;
      before=*) S_before=${state_line#*=} ;;
      runs=*) S_runs=${state_line#*=} ;;
      left=*) S_left=${state_line#*=} ;;
      acted=*) S_acted=${state_line#*=} ;;
      mark=*) S_mark=${state_line#*=} ;;
      as=*) S_as=${state_line#*=} ;;
      phase=idle | phase=claimed | phase=staged | phase=armed | phase=linked | phase=restarted | \
        phase=verified | phase=reverting | phase=down) S_phase=${state_line#*=} ;;
    esac
  done <"$F/state"
  # A torn line is marked, so that it is not read once more is appended.
  [ -z "$state_line" ] || S_torn='~'
}

# save_state PHASE: writes the whole state to a new file and syncs it. A shell reads files byte by byte,
# so empty values are left out.
save_state() {
  state_text "$1" >"$F/state.tmp" && flush "$F/state.tmp" && mv -f "$F/state.tmp" "$F/state" &&
    flush "$F" || fail_write "$F/state"
  log_transition "$1"
  S_phase=$1
}

state_text() {
  for state_pair in "epoch=$S_epoch" "run=$S_run" "owner=$S_owner" "lease=$S_lease" \
    "renewed=$S_renewed" "txn=$S_txn" "prior=$S_prior" "from=$S_from" "to=$S_to" \
    "back=$S_back" "ran=$S_ran" "kind=$S_kind" "found=$S_found" "deadline=$S_deadline" \
    "switch=$S_switch" "tier=$S_tier" "program=$S_program" "boot=$S_boot" "baseline=$S_baseline" \
    "before=$S_before" "runs=$S_runs" "left=$S_left" "acted=$S_acted" "mark=$S_mark" "as=$S_as" \
    "phase=$1"; do
    case $state_pair in
      *=) ;;
      *) printf '%s\n' "$state_pair" ;;
    esac
  done
}

# note_phase PHASE [key=value...]: appends what changed. The last value of a key counts. The phase comes
# last, so a torn write leaves the old phase. Costs no fork and no fsync: for phases that a power cut may
# undo, since the link shows which one it is.
note_phase() {
  note_name=$1
  shift
  append_state "$@" "phase=$note_name"
  log_transition "$note_name"
  S_phase=$note_name
}

# sync_state PATH...: syncs what was noted, and the paths, in one fork.
sync_state() {
  flush "$F/state" "$F" "$@" || fail_write "$F/state"
}

# append_state key=value...: marks and ends a line that a full disk or a power cut has torn.
append_state() {
  append_text=$S_torn$NL
  for append_pair; do append_text=$append_text$append_pair$NL; done
  printf '%s' "$append_text" >>"$F/state" || fail_write "$F/state"
  S_torn=''
}

# log_transition PHASE: one line of JSON. Steps that take or force a lock also name the operator.
log_transition() {
  stamp
  case $S_owner in
    \"*\") log_owner=$S_owner ;;
    *) log_owner=null ;;
  esac
  printf '{"at":"%s","verb":"%s","txn":"%s","run":"%s","epoch":%s,"owner":%s,"by":%s,"before":"%s","after":"%s"}\n' \
    "$STAMP" "$VERB" "$A_txn" "$A_run" "${A_epoch:-null}" "$log_owner" "${A_by:-null}" "$S_phase" "$1" \
    >>"$F/log"
}

# lock: one writer at a time; reads the state again. A lock that this call has already stays.
lock() {
  if [ -n "$LOCKED" ]; then
    name_holder
    return
  fi
  [ -d "$F" ] || wrong_phase "no run has locked this host: $F does not exist"
  # The rest is checked when a host is claimed or adopted, since it costs a fork.
  [ -O "$F" ] && [ ! -L "$F" ] || fail root_unsafe "$F is a link or belongs to another user"
  [ -e "$F/lock" ] || true >>"$F/lock"
  [ -w "$F/lock" ] || fail root_not_writable "$F/lock is not writable"
  exec 9>>"$F/lock"
  # A repeated activation waits for its lost twin. systemd may take 90 s to stop a unit and as long to
  # start it.
  lock_wait=20
  case $VERB in arm | activate | verify | revert) lock_wait=180 ;; esac
  [ "$A_guard" = 0 ] || lock_wait=30
  take_flock "$lock_wait" || break_lock || fail locked "another step has held $F/lock for $lock_wait s" 77
  LOCKED=1
  name_holder
  if [ -e "$F/state" ] && [ ! -r "$F/state" ]; then
    fail root_not_writable "$F/state is not readable"
  fi
  read_state
}

# name_holder: which process the dead-man timer may kill if it hangs in systemctl with the lock.
name_holder() {
  case $VERB in
    activate | revert) process_start self && printf '%s\n' "$SELF_PID $START" >"$F/holder" ;;
  esac
}

# break_lock: the dead-man timer kills a step that hangs in systemctl. The interrupted work is finished or
# rolled back like any other, by the state and the link.
break_lock() {
  [ "$A_guard" = 1 ] && read -r holder_pid holder_start <"$F/holder" || return 1
  process_start "$holder_pid" && [ "$START" = "$holder_start" ] || return 1
  kill -9 "$holder_pid" && take_flock 30
}

unlock() {
  exec 9>&-
  LOCKED=
}

# fence: refuses an older epoch and another run's claim.
fence() {
  need epoch "$A_epoch" run "$A_run" txn "$A_txn"
  fence_epoch
  [ -z "$S_run" ] || [ "$S_run" = "$A_run" ] || refuse_claimed ''
}

fence_epoch() {
  [ "$A_epoch" -ge "$S_epoch" ] ||
    fail fenced "epoch $A_epoch is older than this host's epoch $S_epoch" 75
}

# refuse_claimed DETAIL: names the run that has the claim.
refuse_claimed() {
  json "claimed by run $S_run$1"
  case $S_owner in
    \"*\") JSON=${JSON%\"}\ of\ ${S_owner#\"} ;;
  esac
  fail_as locked "$JSON" 77
}

# own: this run has the claim, in this epoch.
own() {
  fence
  [ "$S_run" = "$A_run" ] && [ "$S_epoch" = "$A_epoch" ] ||
    wrong_phase "run $A_run does not hold the lock of this host"
}

# own_txn: the open or last transaction is this one. A call that has unclaimed may be repeated, since its
# answer may have been lost.
own_txn() {
  fence
  [ "$S_txn" = "$A_txn" ] || wrong_phase "transaction $A_txn is not the one here (${S_txn:-none})"
  is_over || own
}

# is_over: this transaction is settled and its claim given up.
is_over() {
  [ -z "$S_run" ] && [ "$S_epoch" = "$A_epoch" ] && [ "$S_txn" = "$A_txn" ]
}

# is_open: the transaction is unfinished.
is_open() {
  case $S_phase in
    armed | linked | restarted | verified | reverting) return 0 ;;
  esac
  return 1
}

# is_confirmed: this transaction has ended on the new release.
is_confirmed() {
  [ "$S_phase:$S_txn" = "idle:$A_txn" ] || return 1
  read_current
  [ "$CUR" = "$S_to" ]
}
