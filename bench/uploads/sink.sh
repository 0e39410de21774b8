#!/bin/sh
# A host that reads uploads and keeps nothing, run by sshd for each command: it answers as the host program would where
# nothing goes wrong. As many of them as one machine reads from are then no load of disks and unpacking.

name=${SSH_CONNECTION#* * }
name=${name% *}
machine=$(printf '%032d' "${name##*.}")
# What the calls of one host have in common, whatever session they come by.
memory=$1/$name
current=20260102T000000Z-bbbbbbb phase=idle epoch=0 run=null txn=null from=null to=null pid=1000

quoted() {
  [ "$1" = null ] && printf null || printf '"%s"' "$1"
}

state() {
  printf '{"event":"state","phase":"%s","epoch":%s,"run":%s,"owner":null,"txn":%s,"from":%s,"to":%s,"current":{"kind":"link","release":"%s"},"bootId":"c0ffee00-0000-4000-8000-000000000000","lease":null,"switch":null,"deadline":null,"rebooted":false}\n' \
    "$phase" "$epoch" "$(quoted "$run")" "$(quoted "$txn")" "$(quoted "$from")" "$(quoted "$to")" "$current"
}

unit() {
  printf '{"event":"unit","unit":"shop.service","load":"loaded","active":"active","sub":"running","type":"simple","mainPid":%s,"invocation":"ffffffffffffffffffffffffffffffff","restarts":0,"serving":"%s","servingBy":"process","pending":false,"restarted":false}\n' \
    "$pid" "$current"
}

host() {
  printf '{"event":"host","user":"root","uid":0,"machineId":"%s","rootPath":"/opt/shop","session":"","now":%s,"root":"ok","freeBytes":1000000000000,"missingTools":[],"tools":["bash","curl"],"sudo":"ok","deadMan":["system","process"],"guard":true,"missingRights":[],"missingShared":[],"unsafe":[]}\n' \
    "$machine" "$(date +%s)"
}

probe() {
  echo '{"event":"probe","healthy":true,"reason":""}'
}

# take WORD...: the values of one verb.
take() {
  for word; do
    case $word in
      --) break ;;
      epoch=*) v_epoch=${word#*=} ;;
      run=*) v_run=${word#*=} ;;
      txn=*) v_txn=${word#*=} ;;
      from=*) v_from=${word#*=} ;;
      to=*) v_to=${word#*=} ;;
      bytes=*) v_bytes=${word#*=} ;;
      rest=*) v_rest=${word#*=} ;;
      manifest_bytes=*) v_manifest=${word#*=} ;;
    esac
  done
}

perform() {
  # shellcheck disable=SC1090 # written by this program
  [ ! -e "$memory" ] || . "$memory"
  v_rest='' v_bytes=0 v_manifest=0
  take "$@"
  case $verb in
    facts) state; host; unit ;;
    claim) epoch=$v_epoch run=$v_run phase=claimed ;;
    stage)
      head -c $((v_manifest + ${v_rest:-$v_bytes})) >/dev/null
      phase=staged
      ;;
    arm) from=${v_from:-null} to=$v_to txn=$v_txn phase=armed ;;
    activate)
      current=$to pid=1001 phase=restarted
      printf '{"event":"linked","release":"%s"}\n{"event":"restarted","unit":"shop.service"}\n' "$to"
      ;;
    verify) probe; phase=verified ;;
    probe) probe ;;
    confirm) phase=idle ;;
    unclaim) run=null phase=idle ;;
    status)
      state
      case "$*" in *unit=*) unit ;; esac
      ;;
  esac
  [ "$verb" = stage ] || echo "current=$current phase=$phase epoch=$epoch run=$run txn=$txn from=$from to=$to pid=$pid" >"$memory"
  printf '{"verb":"%s","ok":true,"phase":"%s"}\n' "$verb" "$phase"
}

# answer ID step VERB WORD...: an ID of 0 is a call on its own.
answer() {
  id=$1
  shift 2
  while [ $# -gt 0 ]; do
    verb=$1
    shift
    perform "$@"
    while [ $# -gt 0 ] && [ "$1" != -- ]; do shift; done
    [ $# -eq 0 ] || shift
  done
  [ "$id" != 0 ] || return 0
  echo "|end|$id|0"
  echo "|end|$id|0" >&2
}

case $SSH_ORIGINAL_COMMAND in
  *' serve '*)
    words=${SSH_ORIGINAL_COMMAND#* serve }
    eval "set -- ${words%;exit *}"
    answer "$@"
    ;;
  *' step '*)
    words=${SSH_ORIGINAL_COMMAND##* step }
    eval "set -- ${words%;exit *}"
    answer 0 step "$@"
    exit 0
    ;;
  *) exit 64 ;;
esac
while read -r _ id count; do
  set -- "$id"
  while [ $# -le "$count" ]; do
    IFS= read -r line || exit 0
    set -- "$@" "$line"
  done
  answer "$@"
done
