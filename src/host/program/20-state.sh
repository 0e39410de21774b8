# State: the root, the lock, the state file, and the checks that every change passes.

# open_root: sets R to the resolved root, F to its .fleet and D to its releases; a root that is not there
# stays as given.
open_root() {
  # shellcheck disable=SC2088 # the tilde is text here, and is taken off
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

# find_releases: sets D to where releases/ really is, which may be another disk.
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
  # A line without an end was not taken, and is not to be when something is written behind it.
  [ -z "$state_line" ] || S_torn='~'
}

# save_state PHASE: the whole state in a file of its own, on disk before it returns. A shell reads
# files byte by byte, so what is empty is left out.
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

# note_phase PHASE [key=value...]: what has changed, behind what is there; the last value of a key
# counts, and the phase comes last, so what a power cut has torn leaves the phase before. It costs no
# fork and no fsync: for phases that a power cut may take back, since the link tells them apart.
note_phase() {
  note_name=$1
  shift
  append_state "$@" "phase=$note_name"
  log_transition "$note_name"
  S_phase=$note_name
}

# sync_state PATH...: what was noted is on disk, as the paths are: one fork in place of three.
sync_state() {
  flush "$F/state" "$F" "$@" || fail_write "$F/state"
}

# append_state key=value...: a line that a full disk or a power cut has torn is marked, and ended.
append_state() {
  append_text=$S_torn$NL
  for append_pair; do append_text=$append_text$append_pair$NL; done
  printf '%s' "$append_text" >>"$F/state" || fail_write "$F/state"
  S_torn=''
}

# log_transition PHASE: a line of JSON. Who the bastion says it is comes with what takes or forces.
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

# lock: one writer; state is read anew. A lock held by this call stays.
lock() {
  if [ -n "$LOCKED" ]; then
    name_holder
    return
  fi
  [ -d "$F" ] || wrong_phase "nothing was claimed here: $F is not there"
  # The rest of this is seen to where a host is claimed or adopted, and costs a fork there.
  [ -O "$F" ] && [ ! -L "$F" ] || fail root_unsafe "$F is a link or belongs to another user"
  [ -e "$F/lock" ] || true >>"$F/lock"
  [ -w "$F/lock" ] || fail root_not_writable "$F/lock is not writable"
  exec 9>>"$F/lock"
  # A switch that is sent again waits for its lost twin, and systemd may take 90 s to stop a unit
  # and as long to start it.
  lock_wait=20
  case $VERB in arm | activate | verify | revert) lock_wait=180 ;; esac
  [ "$A_guard" = 0 ] || lock_wait=30
  take_flock "$lock_wait" || break_lock || fail locked "another step holds $F/lock for $lock_wait s" 77
  LOCKED=1
  name_holder
  if [ -e "$F/state" ] && [ ! -r "$F/state" ]; then
    fail root_not_writable "$F/state is not readable"
  fi
  read_state
}

# name_holder: whom the dead-man's switch may end, were it to hang in systemctl with the lock.
name_holder() {
  case $VERB in
    activate | revert) process_start self && printf '%s\n' "$SELF_PID $START" >"$F/holder" ;;
  esac
}

# break_lock: the dead-man's switch ends a step that hangs in systemctl. What the step was killed
# in is finished or taken back like any other: by the state and the link.
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
    fail fenced "epoch $A_epoch is older than this host's $S_epoch" 75
}

# refuse_claimed DETAIL: says whose claim it is.
refuse_claimed() {
  json "claimed by run $S_run$1"
  case $S_owner in
    \"*\") JSON=${JSON%\"}\ of\ ${S_owner#\"} ;;
  esac
  fail_as locked "$JSON" 77
}

# own: the claim is this run's, in this epoch.
own() {
  fence
  [ "$S_run" = "$A_run" ] && [ "$S_epoch" = "$A_epoch" ] ||
    wrong_phase "run $A_run has no claim here"
}

# own_txn: the open or last transaction is this one. Its answers can be had again after the claim
# was given back, for the call that gave it back may be the one whose answer was lost.
own_txn() {
  fence
  [ "$S_txn" = "$A_txn" ] || wrong_phase "transaction $A_txn is not the one here (${S_txn:-none})"
  is_over || own
}

# is_over: this transaction is decided and its claim given back.
is_over() {
  [ -z "$S_run" ] && [ "$S_epoch" = "$A_epoch" ] && [ "$S_txn" = "$A_txn" ]
}

# is_open: a transaction is undecided.
is_open() {
  case $S_phase in
    armed | linked | restarted | verified | reverting) return 0 ;;
  esac
  return 1
}

# is_confirmed: this transaction has come to its end on the new release.
is_confirmed() {
  [ "$S_phase:$S_txn" = "idle:$A_txn" ] || return 1
  read_current
  [ "$CUR" = "$S_to" ]
}
