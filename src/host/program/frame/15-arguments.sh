# Arguments: those of one verb, up to `--`. Malformed ones are refused before anything is done.

# The name of a release, run or transaction: it becomes a file name.
is_name() {
  case $1 in
    '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._-]* | *..*) return 1 ;;
  esac
  [ ${#1} -le 128 ]
}

is_number() {
  case $1 in
    '' | *[!0-9]* | 0?*) return 1 ;;
  esac
  [ ${#1} -le 15 ]
}

# Each run raises the epoch by one, so a higher number was never a real one.
is_epoch() {
  is_number "$1" && [ ${#1} -le 9 ]
}

is_unit() {
  case $1 in
    '' | -* | *[!A-Za-z0-9:_.@\\-]*) return 1 ;;
  esac
}

# A login name that is safe as an argument, in a path and in the text of a unit.
is_login() {
  case $1 in
    '' | [!A-Za-z_]* | *[!A-Za-z0-9._-]*) return 1 ;;
  esac
  [ ${#1} -le 64 ]
}

is_sum() {
  case $1 in
    *[!0-9a-f]*) return 1 ;;
  esac
  [ ${#1} = 64 ]
}

# A relative path below shared/, without `.` and `..`.
is_inner_path() {
  case /$1/ in
    // | *//* | */./* | */../* | *[[:cntrl:]]*) return 1 ;;
  esac
}

# take_args key=value... [-- ...]: sets A_*. Lists (shared, remove, probes) are read where they are used.
take_args() {
  A_root='' A_epoch='' A_run='' A_txn='' A_owner='' A_expect='' A_id='' A_digest='' A_sha256=''
  A_bytes='' A_unpacked='' A_format='' A_meta='' A_version='' A_at='' A_since='' A_from='' A_to=''
  A_manifest_bytes=0 A_manifest_sha256=''
  A_units='' A_scope=system A_action=none A_mode=back A_releases=0 A_tiers=0 A_links=inside
  A_min_healthy_ms=0 A_deadline_ms=0 A_within_ms='' A_switch='' A_guard=0
  A_offset=0 A_rest='' A_pull=0 A_ca_file=''
  A_ran='' A_kind='' A_by='' A_lease='' A_over='' A_force=0 A_app='' A_doctor=0 A_login='' A_lines='' A_as=''
  A_standing=''
  A_backup='' A_backups='' A_timeout_ms=0 A_host='' A_sizes=0 A_kept=0
  A_check=off A_base=''
  A_key='' A_point='' A_in=root A_command='' A_script=''
  for arg; do
    case $arg in
      --) break ;;
      unit=*)
        is_unit "${arg#*=}" || fail usage "not a unit's name: ${arg#*=}"
        A_units="$A_units ${arg#*=}"
        ;;
      *=*) take_arg "${arg%%=*}" "${arg#*=}" ;;
      *) fail usage "not key=value: $arg" ;;
    esac
  done
}

take_arg() {
  case $1 in
    root | owner | as | by | meta | version | at | since | digest | sha256 | manifest_sha256 | ca_file | ran | login | \
      line | host) take_text "$1" "$2" ;;
    epoch | bytes | offset | rest | manifest_bytes | unpacked | min_healthy_ms | deadline_ms | within_ms | lease | \
      timeout_ms | backups) take_number "$1" "$2" ;;
    run | txn | id | app | key | base | backup) take_name "$1" "$2" ;;
    expect | from | to | over)
      if [ "$2" = - ]; then take_name "$1" ''; else take_name "$1" "$2"; fi
      ;;
    scope | action | mode | format | links | switch | kind | standing | releases | tiers | doctor | guard | force | \
      check | point | in | pull | sizes | kept) take_choice "$1" "$2" ;;
    shared)
      is_inner_path "${2%/}" || fail usage "not a path below shared/: $2"
      ;;
    path) is_kept_path "$2" || fail usage "not a path below the root that can be kept: $2" ;;
    unit_file)
      case $2 in .* | *[!A-Za-z0-9:_.@\\-]*) fail usage "not the file of a unit: $2" ;; esac
      case $2 in
        ?*.service | ?*.socket | ?*.timer | ?*.target | ?*.path) ;;
        *) fail usage "not the file of a unit: $2" ;;
      esac
      ;;
    remove) is_name "$2" || fail release_id_invalid "not a release id: $2" ;;
    beside)
      is_number "${2%:*}" && is_number "${2#*:}" || fail usage "not a process: $2"
      ;;
    http | tcp | command | unit_line)
      case $2 in
        *[[:cntrl:]]*) fail usage "$1 holds a control character" ;;
      esac
      [ "$1" != command ] || A_command=$2
      ;;
    script)
      is_inner_path "$2" || fail usage "not a path in a release: $2"
      A_script=$2
      ;;
    env) take_env "$2" ;;
    *) fail usage "unknown key: $1" ;;
  esac
}

# take_env NAME=VALUE: it is exported by the hook alone.
take_env() {
  case ${1%%=*} in
    *[!A-Z_]*) fail usage "not a variable of fleet: ${1%%=*}" ;;
    FLEET_?* | TRACEPARENT | TRACESTATE) ;;
    *) fail usage "not a variable of fleet: ${1%%=*}" ;;
  esac
  case $1 in
    *[[:cntrl:]]*) fail usage "${1%%=*} holds a control character" ;;
    *=*) ;;
    *) fail usage "no value for $1" ;;
  esac
}

take_text() {
  case $2 in
    *[[:cntrl:]]*) fail usage "$1 holds a control character" ;;
  esac
  case $1:$2 in
    root:/* | root:'~/'*) A_root=$2 ;;
    owner:\"*\") A_owner=$2 ;;
    as:\"*\") A_as=$2 ;;
    by:'{'*'}') A_by=$2 ;;
    meta:'{'*'}') A_meta=$2 ;;
    version:'{'*'}') A_version=$2 ;;
    at:*[!0-9A-Za-z:.+-]* | since:*[!0-9A-Za-z:.+-]*) fail usage "not a time: $2" ;;
    at:?*) A_at=$2 ;;
    since:?*) A_since=$2 ;;
    digest:*[!0-9a-z:]*) fail usage "not a digest: $2" ;;
    digest:?*) A_digest=$2 ;;
    sha256:*) is_sum "$2" && A_sha256=$2 || fail usage "not a sha256: $2" ;;
    manifest_sha256:*) is_sum "$2" && A_manifest_sha256=$2 || fail usage "not a sha256: $2" ;;
    ca_file:/*) A_ca_file=$2 ;;
    ran:*[!A-Za-z0-9._,/-]*) fail usage "not a list of releases: $2" ;;
    ran:*) A_ran=$2 ;;
    login:*) is_login "$2" && A_login=$2 || fail usage "not a login's name: $2" ;;
    host:*) A_host=$2 ;;
    line:*) A_lines=$A_lines$2$NL ;;
    *) fail usage "bad value for $1: $2" ;;
  esac
}

take_number() {
  is_number "$2" || fail usage "not a number: $1=$2"
  case $1 in
    epoch)
      is_epoch "$2" || fail usage "not an epoch: $2"
      A_epoch=$2
      ;;
    bytes) A_bytes=$2 A_rest=${A_rest:-$2} ;;
    offset) A_offset=$2 ;;
    rest) A_rest=$2 ;;
    manifest_bytes) A_manifest_bytes=$2 ;;
    unpacked) A_unpacked=$2 ;;
    min_healthy_ms) A_min_healthy_ms=$2 ;;
    deadline_ms) A_deadline_ms=$2 ;;
    within_ms) A_within_ms=$2 ;;
    lease) A_lease=$2 ;;
    timeout_ms) A_timeout_ms=$2 ;;
    backups) A_backups=$2 ;;
  esac
}

take_name() {
  if [ -n "$2" ] || [ "$1" = id ]; then
    is_name "$2" || fail release_id_invalid "not a valid $1: $2"
  fi
  case $1 in
    run) A_run=$2 ;;
    txn) A_txn=$2 ;;
    id) A_id=$2 ;;
    app) A_app=$2 ;;
    backup) A_backup=$2 ;;
    key) A_key=$2 ;;
    base) A_base=$2 ;;
    expect) A_expect=$2 ;;
    from) A_from=$2 ;;
    to) A_to=$2 ;;
    over) A_over=$2 ;;
  esac
}

take_choice() {
  case $1=$2 in
    scope=system | scope=user) A_scope=$2 ;;
    action=restart | action=reload | action=stop-start | action=none) A_action=$2 ;;
    mode=back | mode=hold | mode=undo) A_mode=$2 ;;
    kind=deploy | kind=rollback | kind=restore) A_kind=$2 ;;
    standing=staged | standing=healthy | standing=bad) A_standing=$2 ;;
    links=inside | links=allow) A_links=$2 ;;
    format=gzip | format=zstd | format=none) A_format=$2 ;;
    switch=system | switch=user | switch=process | switch=off) A_switch=$2 ;;
    check=off | check=seen | check=stamp | check=content) A_check=$2 ;;
    releases=[01]) A_releases=$2 ;;
    tiers=[01]) A_tiers=$2 ;;
    doctor=[01]) A_doctor=$2 ;;
    guard=[01]) A_guard=$2 ;;
    force=[01]) A_force=$2 ;;
    pull=[01]) A_pull=$2 ;;
    sizes=[01]) A_sizes=$2 ;;
    kept=[01]) A_kept=$2 ;;
    point=before_stage | point=before_activate | point=after_activate | point=after_confirm | \
      point=before_revert | point=after_revert | point=after_run | point=on_failure) A_point=$2 ;;
    in=root | in=release | in=current) A_in=$2 ;;
    *) fail usage "bad value for $1: $2" ;;
  esac
}

# need KEY VALUE...: refuses where one is empty.
need() {
  while [ $# -gt 1 ]; do
    [ -n "$2" ] || fail usage "$1 is missing"
    shift 2
  done
}
