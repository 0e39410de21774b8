# A release that is made from another one of this host: a copy of that, and only what differs was sent. What is in
# the copy is not known for sure: nothing is deleted or written through a link of it, and what comes out is checked
# like any other release. If that finds a difference the base has changed, and the whole is sent.

# copy_base: fills TREE with a copy of the release A_base. Never by hard links: an app that writes into a file
# would change both releases. Modes are those of an unpacked archive (umask), and times are set later.
copy_base() {
  BASE_PROVEN=
  is_complete "$A_base" && ! is_foreign "$A_base" || give_up_stage base_changed "release $A_base is not on this host" ''
  base_error=$(cp -RP --reflink=auto -- "$D/$A_base/." "$TREE/" 2>&1) || copy_plainly
  prove_base
}

# copy_plainly: another cp names the option that it does not support.
copy_plainly() {
  case $base_error in
    *reflink*) base_error=$(cp -RP -- "$D/$A_base/." "$TREE/" 2>&1) && return ;;
  esac
  give_up_stage base_changed "cannot copy release $A_base" "$base_error"
}

# prove_base: sets BASE_PROVEN if nothing in the base has changed since its contents were last verified. Asked once it
# was copied, so that a change meanwhile shows too.
BASE_PROVEN=
prove_base() {
  [ -f "$F/manifests/$A_base" ] || return 0
  fingerprint "$D/$A_base"
  DRIFT_SEEN=$SEEN
  ! is_seen "$A_base" || BASE_PROVEN=1
}

# drift_beyond_base: sets drift_found as staged_drift does it, for a copy of a proven base. The names, kinds, modes,
# sizes and targets of all are compared, and the sums of what the manifest of the base does not have. False if a sum
# differs, or if the sha256sum of this host cannot check a list: then all is read.
drift_beyond_base() {
  base_manifest=$F/manifests/$A_base
  # The last line is the sum of a file. Without one in its list, sha256sum fails.
  (cd -P -- "$TREE" && {
    tail -n 1 -- "$MANIFEST"
    sort -- "$MANIFEST" "$base_manifest" "$base_manifest" | uniq -u
  } | sha256sum -c) >/dev/null 2>&1 || return 1
  # Lines of sums come behind all others, which begin with #.
  read -r base_others _ <<END
$(cut -c 1 <"$MANIFEST" | uniq -c)
END
  drift_found=$({
    LIST_SUMS=
    list_tree "$TREE"
    tail -n "+$((base_others + 1))" -- "$MANIFEST"
  } 2>&1 | sort - "$MANIFEST" | uniq -u)
}

# clear_base: deletes from the copy what the new release does not have or has otherwise, as the list in the archive
# says. It has the place of version.json, which no archive has.
clear_base() {
  base_list=$(TAR_MEMBER=$BASE_LIST && tar_spool -xO --occurrence=1 2>/dev/null) ||
    base_list=$(TAR_MEMBER=$BASE_LIST && tar_spool -xO 2>/dev/null) || give_up_stage base_changed "the archive has no list" ''
  base_folder='' base_bytes=0
  set --
  while IFS= read -r base_path; do
    case $base_path in
      \\*) base_path=$(printf '%b.' "${base_path#?}") && base_path=${base_path%.} ;;
    esac
    case $base_path in
      */) see_base_folder "${base_path%/}" && continue ;;
      */*) see_base_folder "${base_path%/*}" ;;
    esac
    set -- "$@" "./$base_path"
    base_bytes=$((base_bytes + ${#base_path}))
    [ $# -lt 500 ] && [ "$base_bytes" -lt 65536 ] && continue
    remove_in_tree "$@"
    base_bytes=0
    set --
  done <<END
$base_list
END
  [ $# -eq 0 ] || remove_in_tree "$@"
}

# Where the list is in the archive.
BASE_LIST=version.json

# see_base_folder PATH: it must be a folder of the copy itself, on no way through a link.
see_base_folder() {
  [ "$1" != "$base_folder" ] || return 0
  base_folder=$1
  cd -P -- "$TREE/$1" 2>/dev/null && [ "$PWD" = "$TREE/$1" ] && return
  give_up_stage base_changed "release $A_base has changed: $1 is no folder any more" ''
}

# drop_additions args...: deletes what the copy has at paths that the new release does not have: apps write caches
# beside their code. False if there is nothing of that kind.
drop_additions() {
  drift_lost=$({ sort - "$MANIFEST" | uniq -d; } <<END
$drift_found
END
  )
  drift_rest=$drift_lost$NL base_expected=$NL
  while [ -n "$drift_rest" ]; do
    line_path "${drift_rest%%"$NL"*}"
    drift_rest=${drift_rest#*"$NL"}
    base_expected=$base_expected$LINE_PATH$NL
  done
  base_dropped='' base_batch=
  while IFS= read -r drift_line; do
    case $NL$drift_lost$NL in *"$NL$drift_line$NL"*) continue ;; esac
    ! is_own_line "$@" || continue
    line_path "$drift_line"
    case $base_expected in *"$NL$LINE_PATH$NL"*) continue ;; esac
    case $drift_line in
      \\* | '# '\\*)
        LINE_PATH=$(printf '%b.' "$LINE_PATH")
        remove_in_tree "./${LINE_PATH%.}"
        ;;
      *) base_batch=$base_batch./$LINE_PATH$NL ;;
    esac
    [ ${#base_batch} -lt 65536 ] || drop_batch
    base_dropped=1
  done <<END
$drift_found
END
  drop_batch
  [ -n "$base_dropped" ]
}

drop_batch() {
  [ -n "$base_batch" ] || return 0
  set -f
  IFS=$NL
  # shellcheck disable=SC2086 # split at newlines, which are in no name here
  set -- $base_batch
  IFS=" $TAB$NL"
  set +f
  remove_in_tree "$@"
  base_batch=
}
