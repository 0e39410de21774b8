# claim and stage: the run claims the app on this host, and brings the release there.

verb_claim() {
  need owner "$A_owner" epoch "$A_epoch" run "$A_run" txn "$A_txn"
  make_root
  lock
  fence
  if [ "$A_epoch" = "$S_epoch" ]; then
    [ "$S_run" = "$A_run" ] || fail fenced "epoch $A_epoch was already used on this host" 75
    refuse_twin
    repeated
    return
  fi
  case $S_phase in
    idle | down) ;;
    *) own ;;
  esac
  read_current
  refuse_foreign_current
  [ "$CUR" = "$A_expect" ] ||
    fail moved "current is ${CUR:-absent}, but the plan was made for ${A_expect:-a host without one}"
  sweep
  S_prior=$S_phase S_epoch=$A_epoch S_run=$A_run S_owner=$A_owner
  # Of a settled transaction only its releases and its first state are still needed.
  S_deadline=0 S_boot='' S_before='' S_switch='' S_program='' S_acted=''
  S_mark=$A_txn S_as=$A_as
  renew_lease
  save_state claimed
  succeed
}

# refuse_twin: a transaction belongs to one host of a run. If another one is found, two names lead to this
# root. A clone's own old transactions cannot be mistaken for it.
refuse_twin() {
  if [ -z "$S_mark" ] || [ "$S_mark" = "$A_txn" ]; then return; fi
  json "$R is the root of another host of this run too"
  case $S_as in
    \"?*\") JSON=${JSON%\"}', by the name '${S_as#\"} ;;
  esac
  fail_as same_machine "$JSON" 1
}

make_root() {
  [ -d "$R" ] || mkdir -p -- "$R" || fail root_not_writable "cannot create $R"
  cd -P -- "$R" || fail root_not_writable "cannot enter $R"
  R=$PWD F=$PWD/.fleet
  refuse_unsafe
  for root_part in releases shared; do
    [ -d "$R/$root_part" ] || mkdir -- "$R/$root_part" ||
      fail root_not_writable "cannot create $R/$root_part"
  done
  [ -d "$F" ] || mkdir -m 700 -- "$F" || fail root_not_writable "cannot create $F"
  [ -d "$F/releases" ] || mkdir -- "$F/releases" || fail root_not_writable "cannot create $F/releases"
  find_releases
  [ -w "$D" ] && [ -w "$F" ] || fail root_not_writable "$R/releases or $F is not writable"
}

verb_stage() {
  need id "$A_id" digest "$A_digest" bytes "$A_bytes"
  lock
  check_stage_phase || { pass_over && return 0; }
  if release_is_there; then
    pass_over
  else
    bring_release "$@" || return 0
  fi
  [ "$S_phase" = staged ] || note_phase staged
  succeed
}

# bring_release: false if the transaction has got further meanwhile, and the answer was repeated.
bring_release() {
  [ "$A_bytes" -gt 0 ] || fail digest_mismatch "release $A_id is not on this host"
  need unpacked "$A_unpacked" sha256 "$A_sha256" format "$A_format" meta "$A_meta" \
    version "$A_version" since "$A_since"
  check_space
  check_shared "$@"
  # Receiving may take long, or never end if the network fails: not under the lock.
  unlock
  spool
  lock
  check_stage_phase || return
  # A lost twin of this step may have been faster.
  if release_is_there; then
    drop_spools
    return 0
  fi
  [ -e "$SPOOL" ] || fail unpack_failed "$SPOOL was deleted meanwhile"
  unpack
  check_tree
  link_shared "$@"
  publish
}

# False if this transaction has got further already, and the answer was repeated.
check_stage_phase() {
  fence
  case $S_phase in
    claimed | staged)
      own
      return 0
      ;;
  esac
  [ "$S_txn:$S_to" = "$A_txn:$A_id" ] && is_complete "$A_id" || wrong_phase "phase $S_phase"
  repeated
  return 1
}

release_is_absent() {
  [ ! -e "$D/$A_id" ] && [ ! -L "$D/$A_id" ] && [ ! -L "$F/links/$A_id" ]
}

# A release's name holds that release with its digest, or the step is refused.
release_is_there() {
  ! release_is_absent || return 1
  is_complete "$A_id" || fail release_exists "releases/$A_id exists, but fleet did not make it"
  case $M_meta in
    *\"digest\":\""$A_digest"\"*) ;;
    *) fail digest_mismatch "releases/$A_id exists with another digest" ;;
  esac
}

# Thousands of bytes instead of KiB, which is more: mksh counts in 32 bits.
check_space() {
  free_kib "$D"
  space_bytes=${A_bytes%???} space_unpacked=${A_unpacked%???}
  space_need=$((${space_bytes:-1} + ${space_unpacked:-1} + 65536))
  [ "$FREE_KIB" -ge "$space_need" ] ||
    fail disk_full "have $FREE_KIB KiB free below $D, need $space_need KiB"
}

# A shared file must exist before anything is sent; shared folders are made.
check_shared() {
  for arg; do
    case $arg in
      --) break ;;
      shared=*/) ;;
      shared=*)
        [ -e "$R/shared/${arg#*=}" ] || fail shared_missing "$R/shared/${arg#*=} does not exist"
        ;;
    esac
  done
}

# spool: into a file of this call only, since a lost twin may still be receiving.
spool() {
  SPOOL=$F/spool-$$-$A_txn
  drop_spool
  spool_error=$(receive 2>&1 >"$SPOOL") || give_up_spool unpack_failed "receiving failed" "$spool_error"
  spool_sum=$({ sha256sum <"$SPOOL"; } 2>/dev/null)
  # Whether a step deleted it is checked under the lock.
  [ "${spool_sum%% *}" = "$A_sha256" ] || [ ! -e "$SPOOL" ] || refuse_spool
}

# receive: the payload and no more; the next call may follow.
receive() {
  exec head -c "$A_bytes" <&8
}

# pass_over: reads and drops a payload that is not needed.
pass_over() {
  [ "$A_bytes" = 0 ] || (receive >/dev/null)
}

drop_spool() {
  remove .fleet "${SPOOL##*/}"
}

# drop_spools: also those of lost twins, which find the release instead.
drop_spools() {
  for spool_path in "$F"/spool-*-"$A_txn"; do
    remove .fleet "${spool_path##*/}"
  done
}

refuse_spool() {
  spool_bytes=$(wc -c <"$SPOOL")
  spool_bytes=${spool_bytes##*[!0-9]}
  drop_spool
  if [ "$spool_bytes" != "$A_bytes" ]; then
    fail digest_mismatch "received $spool_bytes of $A_bytes bytes"
  fi
  fail digest_mismatch "received sha256 ${spool_sum%% *}, expected $A_sha256"
}

# give_up_stage CODE MESSAGE DETAIL: deletes the leftovers, then fails. Under the lock.
give_up_stage() {
  see_full "$3"
  remove releases "$TMP_NAME"
  give_up_spool "$@"
}

give_up_spool() {
  see_full "$3"
  drop_spool
  case $FULL in
    inodes) fail disk_full "$2: no inodes left (df -i), there are too many files" ;;
    space) fail disk_full "$2: no space left on the device" ;;
  esac
  [ -n "$3" ] || fail "$1" "$2"
  fail "$1" "$2: ${3##*"$NL"}"
}

# see_full DETAIL: sets FULL to what DETAIL says has run out. Ask before anything is deleted.
FULL=
see_full() {
  [ -z "$FULL" ] || return 0
  case $1 in *'No space left'*) ;; *) return 0 ;; esac
  FULL=space
  ! has_no_inodes "$D" || FULL=inodes
}

unpack() {
  fresh_tmp || give_up_stage unpack_failed "cannot make $D/$TMP_NAME" ''
  TREE=$D/$TMP_NAME
  unpack_error=$(extract 2>&1)
  unpack_exit=$?
  # Other tars name the option that they do not support, in other words.
  case $unpack_exit:$unpack_error in
    0:*) ;;
    *delay-directory-restore* | *no-same-*)
      unpack_error=$(extract_carefully 2>&1)
      unpack_exit=$?
      ;;
  esac
  # tar strips names that leave the folder and says so; fleet's archives have none.
  case $unpack_error in
    *emoving\ leading*) give_up_stage archive_unsafe "a member or link leaves the release" "$unpack_error" ;;
  esac
  [ "$unpack_exit" -eq 0 ] || give_up_stage unpack_failed "tar failed" "$unpack_error"
  drop_spools
}

extract() {
  tar_spool -x -C "$TREE" --no-same-owner --no-same-permissions --delay-directory-restore
}

# Replaces the subshell that it is called in.
tar_spool() {
  case $A_format in
    gzip) exec tar "$@" -zf "$SPOOL" ;;
    none) exec tar "$@" -f "$SPOOL" ;;
    zstd) zstd -dcq -- "$SPOOL" | tar "$@" -f - ;;
  esac
}
