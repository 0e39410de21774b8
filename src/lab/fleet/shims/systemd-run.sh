#!/bin/sh
# systemd-run of a practice host: a timer is a waiting process of its own group; systemctl knows it.
host=${0%/bin/*}
unit='' delay=0
while [ $# -gt 0 ]; do
  case $1 in
    --unit=*) unit=${1#*=} ;;
    --on-active=*ms) delay=${1#*=} delay=${delay%ms} ;;
    --on-active=*) delay=${1#*=} delay=$((${delay%s} * 1000)) ;;
    --) shift && break ;;
    -*) ;;
    *) break ;;
  esac
  shift
done
mkdir -p "$host/run/timers"
timer=$host/run/timers/$unit.timer
if [ -e "$timer" ] && read -r pid <"$timer" && kill -0 "$pid" 2>/dev/null; then
  echo "Failed to start transient timer unit: Unit $unit.timer was already loaded." >&2
  exit 1
fi
# shellcheck disable=SC2016 # for the process, which has its own arguments
setsid /bin/sh -c 'cd /; sleep "$1"; rm -f "$2"; shift 2; exec "$@"' timer \
  "$((delay / 1000)).$((delay % 1000 / 100))" "$timer" "$@" </dev/null >/dev/null 2>&1 &
echo $! >"$timer.new" && mv "$timer.new" "$timer"
