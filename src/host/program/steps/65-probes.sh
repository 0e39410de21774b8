# Probes of the app itself: http, tcp, command. Each sets MISS where it does not pass.

# run_probes ID http=... tcp=... command=...
run_probes() {
  probe_release=$1
  shift
  for arg; do
    case $arg in
      --) break ;;
      http=*) probe_http "${arg#*=}" ;;
      tcp=*) probe_tcp "${arg#*=}" ;;
      command=*) probe_command "${arg#*=}" ;;
    esac || return 1
  done
}

probe_miss() {
  FAILED_UNIT=${A_units##* }
  MISS_CODE=probe_failed
  MISS=$1
  return 1
}

# probe_http "STATUS URL [BODY TEXT]"
probe_http() {
  http_status=${1%% *}
  http_url=${1#* }
  http_body=
  case $http_url in
    *' '*) http_body=${http_url#* } http_url=${http_url%% *} ;;
  esac
  bare_url "$http_url"
  http_answer=$(http_get "$http_url" 2>&1 </dev/null 8<&- 9>&-)
  http_found=${http_answer%%"$NL"*}
  case $http_found in
    HTTP/*' '*) ;;
    *) probe_miss "http $BARE_URL: ${http_found:-no answer within 5 s}" || return 1 ;;
  esac
  http_found=${http_found#* }
  http_found=${http_found%%[!0-9]*}
  [ "$http_found" = "$http_status" ] ||
    { probe_miss "http $BARE_URL: status $http_found, expected $http_status" || return 1; }
  case ${http_answer#*"$NL$NL"} in
    *"$http_body"*) ;;
    *) probe_miss "http $BARE_URL: the body does not hold \"$http_body\"" ;;
  esac
}

# bare_url URL: sets BARE_URL to the part that may be shown: no user, password or query.
bare_url() {
  BARE_URL=${1%%[?#]*}
  bare_rest=${BARE_URL#*://}
  bare_host=${bare_rest%%/*}
  BARE_URL=${BARE_URL%%://*}://${bare_host##*@}${bare_rest#"$bare_host"}
}

# http_get URL: head and the first 256 KiB of the body, or the reason for none.
http_get() {
  if command -v curl >/dev/null; then
    curl -q -sS -i --noproxy '*' --max-time 5 -- "$1" 2>&1 | head -c 262144 | tr -d '\000\r'
    return
  fi
  case $1 in
    http://*) ;;
    *) echo 'curl is not on this host' && return ;;
  esac
  command -v bash >/dev/null || { echo 'neither curl nor bash is on this host' && return; }
  get_rest=${1#http://}
  get_host=${get_rest%%/*}
  get_path=${get_rest#"$get_host"}
  get_path=${get_path#/}
  get_port=${get_host##*:}
  [ "$get_port" != "$get_host" ] || get_port=80
  # One write by cat: bash's printf writes line by line, and a server may close after the first.
  # shellcheck disable=SC2016 # for bash, which has its own arguments
  timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2" || exit
    printf "GET /%s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n" "$3" "$4" | cat >&3
    head -c 262144 <&3' probe "${get_host%:*}" "$get_port" "$get_path" "$get_host" \
    2>&1 | tr -d '\000\r'
}

# bounded SECONDS COMMAND...: silent. toybox's timeout exits 127 for a command that ended well, but at once.
bounded() {
  timeout "$@" </dev/null >/dev/null 2>&1 8<&- 9>&- && return 0
  bounded_exit=$? bounded_for=$1
  [ "$bounded_exit" -eq 127 ] || return "$bounded_exit"
  shift
  timeout "$bounded_for" sh -c 'sleep 0.1 || sleep 1; exec "$@"' bounded "$@" \
    </dev/null >/dev/null 2>&1 8<&- 9>&-
}

# probe_tcp "HOST:PORT"
probe_tcp() {
  tcp_host=${1%:*}
  tcp_port=${1##*:}
  if command -v bash >/dev/null; then
    # shellcheck disable=SC2016
    bounded 5 bash -c 'exec 3<>"/dev/tcp/$1/$2"' probe "$tcp_host" "$tcp_port" ||
      probe_miss "tcp $1: no connection"
  elif command -v nc >/dev/null; then
    bounded 6 nc -z -w 5 "$tcp_host" "$tcp_port" ||
      probe_miss "tcp $1: no connection"
  else
    probe_miss "tcp $1: neither bash nor nc is on this host"
  fi
}

# run_command COMMAND
run_command() {
  (
    cd_release "$probe_release" || exit
    FLEET_RELEASE=$probe_release FLEET_ROOT=$R
    export FLEET_RELEASE FLEET_ROOT
    exec timeout 30 sh -c "$1"
  ) </dev/null >/dev/null 2>"$F/probe-stderr" 8<&- 9>&-
}

# probe_command COMMAND: stderr goes to a file, since a background process may keep it open.
probe_command() {
  now_ms
  command_from=$NOW
  run_command "$1" && return 0
  command_exit=$?
  # toybox's timeout exits 127 for a command that ends at once.
  if [ "$command_exit" -eq 127 ]; then
    run_command "sleep 0.1 || sleep 1$NL$1" && return 0
    command_exit=$?
  fi
  command_last=
  while IFS= read -r command_line || [ -n "$command_line" ]; do
    command_last=${command_line:-$command_last}
  done <"$F/probe-stderr"
  # busybox's timeout reports its signal.
  now_ms
  case $command_exit in
    124 | 143) [ $((NOW - command_from)) -lt 29000 ] || command_last='not done after 30 s' ;;
  esac
  probe_miss "command $1: exit $command_exit${command_last:+: $command_last}"
}
