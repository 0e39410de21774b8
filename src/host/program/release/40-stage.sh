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
  receive_manifest
  spool
  lock
  check_stage_phase || return
  # A lost twin of this step may have been faster.
  if release_is_there; then
    drop_spools
    drop_manifests
    return 0
  fi
  [ -e "$SPOOL" ] || fail unpack_failed "$SPOOL was deleted meanwhile"
  [ -z "$MANIFEST" ] || [ -e "$MANIFEST" ] || fail unpack_failed "$MANIFEST was deleted meanwhile"
  unpack
  check_tree
  link_shared "$@"
  verify_staged "$@"
  keep_manifest
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
