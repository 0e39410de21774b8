# Drift: what of a release is on disk otherwise than its manifest says. Files in .fleet/manifests:
#   <id>       the manifest as it was sent
#   <id>+own   the lines by which fleet itself made the release differ: links to shared/, and what they replaced
#   <id>+seen  a fingerprint of names, sizes, modes and ctimes at the last verification of all contents
# An id has no plus sign.

# So many lines are reported of one release.
DRIFT_LINES=2000

# compare_tree ID: sets DRIFT to the lines that are only on disk or only expected there, and LOST to the latter.
# Both are empty if nothing differs.
compare_tree() {
  LOST=
  DRIFT=$({ list_tree "$D/$1" && expected_lines "$1"; } | sort | uniq -u | head -n "$DRIFT_LINES")
  [ -z "$DRIFT" ] || LOST=$({ expected_lines "$1" && cat; } <<END | sort | uniq -d
$DRIFT
END
  )
}

# expected_lines ID: its manifest, with the changes that fleet itself has made. A line of +own was either in the
# manifest and is no longer on disk, or the other way round.
expected_lines() {
  if [ -f "$F/manifests/$1+own" ]; then
    sort "$F/manifests/$1" "$F/manifests/$1+own" | uniq -u
  else
    cat -- "$F/manifests/$1"
  fi
}

# judge_drift ID stamp|content|seen: sets DRIFT_STATE to intact, drifted, unverified (no manifest) or absent, and
# DRIFT_BY to how that is known. Contents are read if the fingerprint has changed, or if they are asked for. With
# `seen` they are not read, and DRIFT_BY is content if they would have to be.
judge_drift() {
  DRIFT='' LOST='' DRIFT_STATE=unverified DRIFT_BY=$2 DRIFT_SEEN=''
  [ "$2" != seen ] || DRIFT_BY=stamp
  [ -f "$F/manifests/$1" ] || return 0
  ! is_foreign "$1" || is_folder "$D/$1" || return 0
  DRIFT_STATE=absent
  [ -d "$D/$1" ] && [ ! -L "$D/$1" ] || return 0
  DRIFT_STATE=intact
  fingerprint "$D/$1"
  DRIFT_SEEN=$SEEN
  [ "$2" = content ] || ! is_seen "$1" || return 0
  DRIFT_BY=content
  [ "$2" != seen ] || return 0
  compare_tree "$1"
  [ -z "$DRIFT" ] || DRIFT_STATE=drifted
}

# is_seen ID: nothing has changed since the last verification of all contents.
is_seen() {
  seen_before=
  read -r seen_before 2>/dev/null <"$F/manifests/$1+seen" || return 1
  [ -n "$DRIFT_SEEN" ] && [ "$DRIFT_SEEN" = "$seen_before" ]
}

# keep_seen ID FINGERPRINT: a release with more files than were deployed may be seen too. Losing this file
# costs one verification of all contents.
keep_seen() {
  [ -z "$2" ] || printf '%s\n' "$2" >"$F/manifests/$1+seen" || true
}

# fingerprint FOLDER: sets SEEN, empty if ls cannot tell all of it. ctimes show every change of content, mode
# and owner. version.json is left out, which each activation replaces.
fingerprint() {
  SEEN=$(list_stamps "$1" 2>/dev/null) || SEEN=
  SEEN=${SEEN%% *}
}

list_stamps() (
  TZ=UTC0
  export TZ
  cd -P -- "$1" || exit 1
  stamp_names=
  for stamp_name in * .[!.]* ..?*; do
    case $stamp_name in
      version.json) continue ;;
      *"$NL"*) exit 1 ;;
    esac
    if [ -e "./$stamp_name" ] || [ -L "./$stamp_name" ]; then stamp_names=$stamp_names./$stamp_name$NL; fi
  done
  set -f
  IFS=$NL
  # Names of folders on the command line are not listed themselves, so they are listed once more.
  # shellcheck disable=SC2086 # split at newlines, which are in no name here
  stamps=$(ls -lniARc --full-time -- $stamp_names && ls -lnidc --full-time -- $stamp_names) || exit 1
  sha256sum <<END
$stamps
END
)

# verify_staged args...: the unpacked release, which is not visible yet, is what its manifest says, except what
# its shared paths explain: everything at and below them, and folders above that were made for them. Those
# lines are kept.
verify_staged() {
  [ -n "$MANIFEST" ] || return 0
  read_cr
  # Web servers make their etags of times, and those of all hosts must be the same. The list of a base came with
  # the time that files of the whole have.
  [ -z "$A_base" ] || LIST_TIME=$TREE/$BASE_LIST
  staged_drift
  [ -z "$drift_found" ] || [ -z "$A_base" ] || ! drop_additions "$@" || staged_drift
  LIST_TIME=
  [ -n "$drift_found" ] || return 0
  DRIFT=
  while IFS= read -r drift_line; do
    if is_own_line "$@"; then
      printf '%s\n' "$drift_line"
    elif [ ${#DRIFT} -lt 4096 ]; then
      DRIFT=$DRIFT${DRIFT:+$NL}$drift_line
    fi
  done >"$MANIFEST.own" <<END
$drift_found
END
  [ -z "$DRIFT" ] || {
    name_drift "$DRIFT"
    give_up_stage digest_mismatch "the unpacked release is not what its manifest says: $DRIFT_NAMES" ''
  }
}

# staged_drift: sets drift_found to the lines of TREE that are not in MANIFEST, or the other way round.
staged_drift() {
  if [ -n "$BASE_PROVEN" ] && drift_beyond_base; then return; fi
  drift_found=$({ list_tree "$TREE" | sort - "$MANIFEST" | uniq -u; } 2>&1)
}

is_own_line() {
  line_path "$drift_line"
  for arg; do
    case $arg in
      --) break ;;
      shared=*) ;;
      *) continue ;;
    esac
    own_shared=${arg#*=}
    escape_name "${own_shared%/}" ''
    case $LINE_PATH/ in "$ESCAPED"/*) return 0 ;; esac
    case $drift_line in '# folder 755 '* | '# \folder 755 '*) ;; *) continue ;; esac
    case $ESCAPED in "$LINE_PATH"/*) return 0 ;; esac
  done
  return 1
}

# line_path LINE: sets LINE_PATH to the path of a line of a manifest, as it is there.
line_path() {
  LINE_PATH=${1#'# '}
  LINE_PATH=${LINE_PATH#\\}
  case $LINE_PATH in
    'file '*) LINE_PATH=${LINE_PATH#* } LINE_PATH=${LINE_PATH#* } LINE_PATH=${LINE_PATH#* } ;;
    'folder '*) LINE_PATH=${LINE_PATH#* } LINE_PATH=${LINE_PATH#* } ;;
    'link '*) LINE_PATH=${LINE_PATH#* } LINE_PATH=${LINE_PATH%%"$TAB"*} ;;
    'unread '* | 'other '*) LINE_PATH=${LINE_PATH#* } ;;
    *) LINE_PATH=${LINE_PATH#*  } ;;
  esac
}

# name_drift LINES: sets DRIFT_NAMES to the first paths of these lines.
name_drift() {
  drift_rest=$1$NL DRIFT_NAMES='' drift_named=0
  while [ -n "$drift_rest" ]; do
    line_path "${drift_rest%%"$NL"*}"
    drift_rest=${drift_rest#*"$NL"}
    case "$NL$DRIFT_NAMES$NL" in *"$NL$LINE_PATH$NL"*) continue ;; esac
    if [ "$drift_named" -eq 3 ]; then
      DRIFT_NAMES="$DRIFT_NAMES$NL..."
      break
    fi
    drift_named=$((drift_named + 1))
    DRIFT_NAMES=$DRIFT_NAMES${DRIFT_NAMES:+$NL}$LINE_PATH
  done
  drift_rest=$DRIFT_NAMES$NL DRIFT_NAMES=
  while [ -n "$drift_rest" ]; do
    DRIFT_NAMES=$DRIFT_NAMES${DRIFT_NAMES:+, }${drift_rest%%"$NL"*}
    drift_rest=${drift_rest#*"$NL"}
  done
}

# refuse_drifted ID: before a host goes to a release that was not sent in this run. Files that were added do
# not count: apps write caches beside their code.
refuse_drifted() {
  [ "$A_check" != off ] || return 0
  judge_drift "$1" "$A_check"
  [ -z "$LOST" ] || {
    name_drift "$LOST"
    fail release_drifted "release $1 has changed on this host since it was deployed: $DRIFT_NAMES"
  }
  case $DRIFT_BY:$DRIFT_STATE in
    content:intact | content:drifted) keep_seen "$1" "$DRIFT_SEEN" ;;
  esac
}

# compare: reads what has drifted, of release id=, of all (releases=1), or of current. With check=seen it is a glance.
verb_compare() {
  [ -n "$LOCKED" ] || read_state
  [ "$A_check" != off ] || A_check=stamp
  if [ "$A_check" = seen ]; then
    glance
  elif [ "$A_releases" = 1 ]; then
    for compare_path in "$F"/releases/*; do
      compare_id=${compare_path##*/}
      ! is_name "$compare_id" || [ ! -e "$compare_path" ] || emit_drift "$compare_id"
    done
  elif [ -n "$A_id" ]; then
    emit_drift "$A_id"
  else
    read_current
    [ "$CUR_KIND" != 'link' ] || emit_drift "$CUR"
  fi
  succeed
}

emit_drift() {
  judge_drift "$1" "$A_check"
  emit_judged "$1"
}

emit_judged() {
  emit "{\"event\":\"drift\",\"release\":\"$1\",\"state\":\"$DRIFT_STATE\",\"by\":\"$DRIFT_BY\"}"
  drift_rest=$DRIFT${DRIFT:+$NL}
  while [ -n "$drift_rest" ]; do
    drift_line=${drift_rest%%"$NL"*}
    drift_rest=${drift_rest#*"$NL"}
    drift_side=found
    case "$NL$LOST$NL" in *"$NL$drift_line$NL"*) drift_side=expected ;; esac
    json_tabs "$drift_line"
    emit "{\"event\":\"differs\",\"release\":\"$1\",\"side\":\"$drift_side\",\"line\":$JSON}"
  done
  tell
}

# json_tabs TEXT: as json, but tabs stay tabs.
json_tabs() {
  tabs_rest=$1$TAB
  tabs_json=
  while [ -n "$tabs_rest" ]; do
    json "${tabs_rest%%"$TAB"*}"
    JSON=${JSON#\"}
    tabs_json=$tabs_json${JSON%\"}
    tabs_rest=${tabs_rest#*"$TAB"}
    [ -z "$tabs_rest" ] || tabs_json=$tabs_json\\t
  done
  JSON=\"$tabs_json\"
}
