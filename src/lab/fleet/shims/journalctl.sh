#!/bin/sh
# journalctl of a practice host: the tail of a unit's lines, as with -o cat.
host=${0%/bin/*}
unit='' lines='' follow='' quiet=''
while [ $# -gt 0 ]; do
  case $1 in
    -u | --unit | --user-unit) unit=$2 && shift ;;
    -u*) unit=${1#-u} ;;
    --unit=*) unit=${1#*=} ;;
    -n | --lines) lines=$2 && shift ;;
    -n*) lines=${1#-n} ;;
    --lines=*) lines=${1#*=} ;;
    -o | -S | --since | -U | --until | -p) shift ;;
    -q | --quiet) quiet=1 ;;
    -f | --follow) follow=-f ;;
    -*) ;;
  esac
  shift
done
case $unit in *.*) ;; *) unit=$unit.service ;; esac
file=$host/var/log/journal/$unit
if [ ! -r "$file" ]; then
  [ -n "$quiet" ] || echo '-- No entries --'
  exit 0
fi
exec tail -n "${lines:-+1}" ${follow:+"$follow"} "$file"
