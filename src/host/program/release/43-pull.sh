# Pulling: the host fetches the archive itself, from an https URL that comes as the payload. The URL may hold a
# secret, so it is no argument of a command, and no message has it. What was fetched is a spool like any other.

pull() {
  pull_url=$(receive)
  # Quotes and blanks would end it in a configuration of curl; echo reads backslashes.
  case $pull_url in
    *[\"\\\'[:space:][:cntrl:]]*) give_up_pull 'the URL is malformed' ;;
    https://?*) ;;
    *) give_up_pull 'the URL is not an https URL' ;;
  esac
  find_fetcher || give_up_pull 'neither curl nor GNU wget is on this host'
  begin_pull
  fetch_from=
  for _ in 1 2 3; do
    file_bytes "$SPOOL"
    FETCH_ERROR='' FETCH_OTHER=''
    [ "$FILE_BYTES" = "$A_bytes" ] || fetch "$FILE_BYTES"
    file_bytes "$SPOOL"
    if [ "$FILE_BYTES" = "$A_bytes" ]; then
      FETCH_OTHER=1
      spool_sum=$({ sha256sum <"$SPOOL"; } 2>/dev/null)
      if [ "${spool_sum%% *}" = "$A_sha256" ]; then
        exec 7<&-
        return 0
      fi
      [ "$fetch_from" != 0 ] || break
    fi
    # Damaged, another file, or a server that does not resume: from the start.
    [ -z "$FETCH_OTHER" ] || : >"$SPOOL"
  done
  exec 7<&-
  refuse_pull
}

# begin_pull: SPOOL begins with what is here of the archive, unless a twin is still at it.
begin_pull() {
  name_spool
  for spool_path in "$F"/spool-"$A_sha256"-*; do
    [ -f "$spool_path" ] && [ ! -L "$spool_path" ] && hold "$spool_path" || continue
    if mv -- "$spool_path" "$SPOOL"; then return; fi
  done
  new_spool
}

# find_fetcher: sets FETCHER. Other wgets take no URL from stdin, and do not verify certificates.
find_fetcher() {
  FETCHER=curl
  case $(curl --version 2>/dev/null </dev/null) in 'curl '*https*) return 0 ;; esac
  FETCHER=wget
  case $(wget --version 2>/dev/null </dev/null) in 'GNU Wget 1.'*) ;; *) return 1 ;; esac
}

# fetch FROM: adds what follows the first FROM bytes to SPOOL. Sets FETCH_ERROR to why it failed, and FETCH_OTHER if
# the server does not continue at FROM. Redirects lead to https only. More than A_bytes more are never taken.
fetch() {
  fetch_from=$1
  FETCH_ERROR=$({ { "fetch_by_$FETCHER" 4>&- || echo "exit $?" >&4; } | head -c "$A_bytes" >>"$SPOOL"; } 4>&1 2>&1)
  # Only the last line, since wget and curl may name the URL in others.
  case $FETCHER:$FETCH_ERROR in
    # It has less or more than was expected.
    *:'') [ "$fetch_from" = 0 ] || FETCH_OTHER=1 ;;
    *'No space left'*) give_up_spool unpack_failed 'fetching failed' "$FETCH_ERROR" ;;
    curl:*'returned error: '[45][0-9][0-9]*)
      FETCH_ERROR=${FETCH_ERROR##*returned error: }
      FETCH_ERROR="the server answered ${FETCH_ERROR%"${FETCH_ERROR#???}"}"
      ;;
    *) fetch_words "${FETCH_ERROR##*exit }" ;;
  esac
}

fetch_by_curl() {
  set -- -q -K - -gfsSL --proto =https --proto-redir =https --tlsv1.2 --max-redirs 5 --retry 0 \
    --connect-timeout 20 --speed-limit 4096 --speed-time 60 --max-filesize "$A_bytes"
  [ "$fetch_from" = 0 ] || set -- "$@" -C "$fetch_from"
  [ -z "$A_ca_file" ] || set -- "$@" --cacert "$A_ca_file"
  echo "url = \"$pull_url\"" | curl "$@"
}

# It cannot be limited to redirects to https, so it follows none.
fetch_by_wget() {
  set -- -q -O - -i - --no-config --no-hsts --no-netrc --max-redirect=0 --tries=1 --timeout=60
  [ "$fetch_from" = 0 ] || set -- "$@" "--start-pos=$fetch_from"
  [ -z "$A_ca_file" ] || set -- "$@" "--ca-certificate=$A_ca_file"
  echo "$pull_url" | WGETRC=/dev/null wget "$@"
}

# fetch_words EXIT: what an exit code of curl or wget means.
fetch_words() {
  case $FETCHER:$1 in
    curl:23 | curl:63) FETCH_OTHER=1 FETCH_ERROR='the server sends more than the archive has' ;;
    curl:33 | curl:36) FETCH_OTHER=1 FETCH_ERROR='the server does not resume' ;;
    curl:[56]) FETCH_ERROR='the name of the server is unknown here' ;;
    curl:7) FETCH_ERROR='no connection to the server' ;;
    curl:28) FETCH_ERROR='the server sends too slowly, or not at all' ;;
    curl:1) FETCH_ERROR='the server redirects to something else than https' ;;
    curl:35 | curl:5[1389] | curl:60 | curl:77 | wget:5) FETCH_ERROR="the server's certificate is not trusted, or TLS failed" ;;
    wget:4) FETCH_ERROR='no connection to the server' ;;
    wget:8) FETCH_ERROR='the server answered with an error or a redirect' ;;
    *) FETCH_ERROR="$FETCHER failed with exit code ${1%%[!0-9]*}" ;;
  esac
}

refuse_pull() {
  drop_manifest
  # Without an error the server has no more: it is another file, e.g. a page that says so.
  if [ -n "$FETCH_OTHER" ] || [ "$FILE_BYTES" = 0 ] || [ -z "$FETCH_ERROR" ]; then drop_spool; fi
  [ "$FILE_BYTES" != "$A_bytes" ] || fail pull_failed "fetched sha256 ${spool_sum%% *}, expected $A_sha256"
  fail pull_failed "fetched $FILE_BYTES of $A_bytes bytes${FETCH_ERROR:+: $FETCH_ERROR}"
}

give_up_pull() {
  drop_manifest
  fail pull_failed "$1"
}
