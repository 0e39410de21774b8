#!/bin/sh
# fleet's host program: nothing else changes anything on a host. See docs/host-program.md.
#   sh <program> step <verb> root=<root> key=value... [-- <verb> root=<root> key=value...]...
#   sh <program> serve [id step <verb> ...]     the same calls one after the other, from stdin
# `owned` may come before either, from the program's own folder: see 37-owners.sh.
# Values are passed as arguments and never eval'd. Only HOME and PATH are read from the environment.
# Variables: A_ arguments, S_ state, U_ unit, R root, F root/.fleet.

# shellcheck disable=SC2015 # `a && b || fail`: fail ends the call, so it is the answer to both
# shellcheck disable=SC2317 # each_unit calls its functions by name

set -u
umask 022
# Tools are told apart by their output (ENOSPC, "removing leading"), so it must be English.
LC_ALL=C
export LC_ALL
PATH=${PATH:-}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# TMOUT would end a bash that waits for its next call.
unset TMOUT CDPATH ENV BASH_ENV TAR_OPTIONS GZIP BLOCK_SIZE BLOCKSIZE DF_BLOCK_SIZE QUOTING_STYLE TIME_STYLE
# POSIXLY_CORRECT ends the options of systemctl at its verb; shells keep here-documents in TMPDIR.
unset POSIXLY_CORRECT TMPDIR SYSTEMD_PAGER SYSTEMD_COLORS SYSTEMD_URLIFY SYSTEMD_LOG_LEVEL SYSTEMD_LOG_TARGET
NL='
'
TAB='	'
IFS=" $TAB$NL"
# A lost session must neither kill a step nor stall it.
trap '' HUP PIPE

VERB=
OWNED=
LOCKED=
STAMP=
OUT=

# emit LINE: buffered until `tell`, since each write costs a packet.
emit() {
  OUT=$OUT$1$NL
  [ ${#OUT} -lt 4096 ] || tell
}

# tell: writes what was emitted, before slow work and at the end. Always true: a step does not depend
# on a reader.
tell() {
  [ -n "$OUT" ] || return 0
  printf '%s' "$OUT" 2>/dev/null || true
  OUT=
}

# json TEXT: sets JSON to TEXT as a JSON string. Control characters become spaces. Text that is too long
# for a line of the reply is cut.
json() {
  JSON=$1
  [ ${#JSON} -le 8192 ] || JSON=$(printf '%.8192s' "$JSON")
  case $JSON in
    *[[:cntrl:]]*) JSON=$(printf '%s' "$JSON" | tr '\001-\037\177' ' ') ;;
  esac
  case $JSON in
    *[\\\"]*) json_escape ;;
  esac
  JSON=\"$JSON\"
}

json_escape() {
  json_rest=$JSON
  JSON=
  while :; do
    json_head=${json_rest%%[\\\"]*}
    [ "$json_head" != "$json_rest" ] || break
    json_rest=${json_rest#"$json_head"}
    JSON=$JSON$json_head\\${json_rest%"${json_rest#?}"}
    json_rest=${json_rest#?}
  done
  JSON=$JSON$json_rest
}

# json_or_null TEXT: as json, with null for the empty text.
json_or_null() {
  if [ -n "$1" ]; then json "$1"; else JSON=null; fi
}

note() {
  json "$1"
  emit "{\"event\":\"note\",\"message\":$JSON}"
}

succeed() {
  emit "{\"verb\":\"$VERB\",\"ok\":true,\"phase\":\"$S_phase\"}"
}

repeated() {
  emit "{\"verb\":\"$VERB\",\"ok\":true,\"phase\":\"$S_phase\",\"repeated\":true}"
}

# fail CODE MESSAGE [EXIT]: the reply of a verb that failed. Ends the call.
fail() {
  json "$2"
  fail_as "$1" "$JSON" "${3:-1}"
}

# fail_as CODE MESSAGE-AS-JSON EXIT
fail_as() {
  emit "{\"verb\":\"$VERB\",\"ok\":false,\"phase\":\"$S_phase\",\"code\":\"$1\",\"message\":$2}"
  exit "$3"
}

wrong_phase() {
  fail wrong_phase "$1" 76
}

# fail_write WHAT: a file could not be written. Says if the disk is full.
fail_write() {
  free_kib "$F"
  if [ "$FREE_KIB" -lt 1024 ]; then
    fail disk_full "no space left to write $1: $FREE_KIB KiB free"
  fi
  fail_unwritten "$1"
}

# free_kib FOLDER: sets FREE_KIB, 0 if df cannot tell. At most 1 TiB, since mksh counts in 32 bits.
free_kib() {
  FREE_KIB=$(df -Pk -- "$1" 2>/dev/null)
  # The device may contain blanks, so count from the capacity: ... used available 42% /mount
  FREE_KIB=${FREE_KIB##*"$NL"}
  FREE_KIB=${FREE_KIB%%\%*}
  FREE_KIB=${FREE_KIB% *}
  FREE_KIB=${FREE_KIB%"${FREE_KIB##*[0-9]}"}
  FREE_KIB=${FREE_KIB##*[!0-9]}
  is_number "$FREE_KIB" || FREE_KIB=0
  [ ${#FREE_KIB} -le 9 ] || FREE_KIB=999999999
}

# now_ms: sets NOW to milliseconds of the monotonic clock, from the first reading of the call: mksh
# counts in 32 bits, which is 24 days.
NOW_FROM=
now_ms() {
  read -r now_up now_rest </proc/uptime
  now_rest=${now_up#*.}
  NOW_FROM=${NOW_FROM:-${now_up%.*}}
  NOW=$(((${now_up%.*} - NOW_FROM) * 1000 + 1${now_rest}0 - 1000))
}

# stamp: sets STAMP to the bastion's time if the call has it, else to the host's.
stamp() {
  STAMP=${A_at:-$STAMP}
  [ -n "$STAMP" ] || STAMP=$(date -u +%Y-%m-%dT%H:%M:%SZ)
}
