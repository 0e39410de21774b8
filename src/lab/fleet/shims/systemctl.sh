#!/bin/sh
# systemctl of a practice host. Reading is done here, with builtins; what changes a unit is asked
# of the lab process. It lies in <host>/bin, which is how it knows its host.
host=${0%/bin/*}
name=${host##*/}
lab=${host%/hosts/*}
verb='' units='' props='' bare='' quiet='' block=block

die() {
  printf '%s\n' "$2" >&2
  exit "$1"
}

plain=''
while [ $# -gt 0 ]; do
  case $plain$1 in
    --) plain=: ;;
    -p | --property) props=$props,$2 && shift ;;
    -P) props=$props,$2 bare=1 && shift ;;
    --property=*) props=$props,${1#*=} ;;
    --value) bare=1 ;;
    --no-block) block=no-block ;;
    -q | --quiet) quiet=1 ;;
    -n | -o | -t) shift ;;
    --version) echo 'systemd 252 (practice)' && exit 0 ;;
    --user | --system | --no-pager | --no-ask-password | --full | -l | --plain | --no-legend | -a | --all | --lines=* | --output=*) ;;
    -*) die 1 "systemctl: unrecognized option '$1'" ;;
    */* | *[[:space:]]* | '' | :-*) die 1 "Invalid unit name \"$1\"." ;;
    *) if [ -z "$verb" ]; then verb=$1; else
      case $1 in *.*) units="$units $1" ;; *) units="$units $1.service" ;; esac
    fi ;;
  esac
  shift
done

# Whether a timer of systemd-run waits; sets $pid.
waits() {
  { read -r pid <"$host/run/timers/$1" && kill -0 "$pid"; } 2>/dev/null
}

timer_properties() {
  load=not-found active=inactive sub=dead
  ! waits "$1" || load=loaded active=active sub=waiting
  for line in "Id=$1" "LoadState=$load" "ActiveState=$active" "SubState=$sub" Result=success; do
    each "$line"
  done
}

# Calls `each` with every property of unit $1, as name=value.
properties() {
  case $1 in *.timer) timer_properties "$1" && return ;; esac
  file=$host/etc/systemd/system/$1
  if [ -r "$host/run/units/$1" ] && { [ -r "$file" ] || running "$1"; }; then
    while IFS= read -r line; do each "$line"; done <"$host/run/units/$1"
    return
  fi
  load=not-found type='' restart=no
  if [ -r "$file" ]; then
    load=loaded type=simple
    while IFS= read -r line; do
      case $line in
        Type=*) type=${line#*=} ;;
        Restart=*) restart=${line#*=} ;;
      esac
    done <"$file"
  fi
  for line in "Type=$type" "Restart=$restart" MainPID=0 Result=success NRestarts=0 ExecMainCode=0 ExecMainStatus=0 \
    "Id=$1" "LoadState=$load" ActiveState=inactive SubState=dead FragmentPath= InvocationID=; do
    each "$line"
  done
}

running() {
  while IFS= read -r line; do
    case $line in MainPID=0) return 1 ;; MainPID=*) return 0 ;; esac
  done <"$host/run/units/$1"
  return 1
}

# Sets $load, $active, $sub and $pid of unit $1.
look() {
  each() {
    case $1 in
      LoadState=*) load=${1#*=} ;;
      ActiveState=*) active=${1#*=} ;;
      SubState=*) sub=${1#*=} ;;
      MainPID=*) pid=${1#*=} ;;
    esac
  }
  properties "$1"
}

# Where its units are is a property of systemd itself, not of a unit.
show() {
  case ,$props, in *,UnitPath,*) echo "$host/etc/systemd/system" && return ;; esac
  each() {
    case ${props:+$props,} in '' | *",${1%%=*},"*)
      if [ -n "$bare" ]; then printf '%s\n' "${1#*=}"; else printf '%s\n' "$1"; fi
      ;;
    esac
  }
  first=1
  for unit in $units; do
    [ -n "$first" ] || echo
    first=''
    properties "$unit"
  done
}

# is-active and is-failed: the state of each, 0 if any is in the state $1.
state_is() {
  code=3
  [ "$1" = active ] || code=1
  for unit in $units; do
    look "$unit"
    [ -n "$quiet" ] || echo "$active"
    [ "$active" != "$1" ] || code=0
  done
  exit "$code"
}

status() {
  code=0
  for unit in $units; do
    look "$unit"
    [ "$load" != not-found ] || die 4 "Unit $unit could not be found."
    printf '%s\n' "$unit" "     Active: $active ($sub)" "   Main PID: $pid" ''
    [ ! -r "$host/var/log/journal/$unit" ] || tail -n 10 "$host/var/log/journal/$unit"
    [ "$active" = active ] || code=3
  done
  exit "$code"
}

# Ends a timer of systemd-run with all of its group; true where the units are none.
stop_timers() {
  for unit in $units; do
    case $unit in *.timer) ;; *) return 1 ;; esac
    ! waits "$unit" || kill -TERM "-$pid"
    rm -f "$host/run/timers/$unit"
  done
}

# Has the lab do it: its words go to stderr, its code is ours.
ask() {
  [ -n "$units" ] || die 1 "Too few arguments."
  { read -r pid <"$lab/run/pid" && kill -0 "$pid"; } 2>/dev/null \
    || die 1 'Failed to connect to bus: the practice fleet is not running'
  reply=$host/run/reply.$$
  mkfifo -m 600 "$reply" || exit 1
  exec 8<>"$reply"
  # shellcheck disable=SC2086 # one word a unit
  echo "$name" "$reply" "$verb" "$block" $units >"$lab/run/systemctl"
  while IFS= read -r line <&8; do
    case $line in
      'exit '*) exit "${line#exit }" ;;
      *) printf '%s\n' "$line" >&2 ;;
    esac
  done
  exit 1
}

case $verb in
  show) show ;;
  is-active) state_is active ;;
  is-failed) state_is failed ;;
  status) status ;;
  daemon-reload) ;;
  enable) mkdir -p "$host/run/enabled" && for unit in $units; do : >"$host/run/enabled/$unit"; done ;;
  disable) for unit in $units; do rm -f "$host/run/enabled/$unit"; done ;;
  is-enabled) for unit in $units; do [ -e "$host/run/enabled/$unit" ] || exit 1; done ;;
  is-system-running) echo running ;;
  cat) for unit in $units; do
    cat "$host/etc/systemd/system/$unit" || die 1 "No files found for $unit."
  done ;;
  stop) stop_timers || ask ;;
  start | restart | reload | try-restart | reload-or-restart | reset-failed) ask ;;
  *) die 1 "Unknown command verb $verb." ;;
esac
