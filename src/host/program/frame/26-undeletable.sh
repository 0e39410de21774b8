# What cannot be deleted: files of another user, mounted file systems, immutable files. It is reported, and
# blocks nothing.

# tell_stuck PATH WHAT WHY: PATH is below the root, WHAT is owner, immutable, mount or other. The bastion
# has the command that helps.
tell_stuck() {
  json "$1"
  stuck_path=$JSON
  json "$3"
  emit "{\"event\":\"undeletable\",\"path\":$stuck_path,\"what\":\"$2\",\"reason\":$JSON}"
}

# find_stuck FOLDER: true with STUCK and STUCK_WHAT if part of it cannot be deleted. Asked before deleting,
# so that such a release stays complete. Without find(1), only deleting tells.
find_stuck() {
  STUCK=
  if holds_mount "$1"; then
    STUCK='a file system is mounted in it' STUCK_WHAT=mount
    return 0
  fi
  command -v find >/dev/null || return 1
  read_uid
  stuck_paths=$(find "$1" -type d ! -user "$MY_UID" -o -user "$MY_UID" -perm -200 ! -type l ! -writable 2>/dev/null)
  # Not every find supports -writable, which finds immutable files.
  [ -n "$stuck_paths" ] || stuck_paths=$(find "$1" -type d ! -user "$MY_UID" 2>/dev/null)
  while IFS= read -r stuck_path; do
    [ -n "$stuck_path" ] || continue
    ! is_stuck "$stuck_path" || return 0
  done <<END
$stuck_paths
END
  return 1
}

# is_stuck PATH: a non-empty folder of another user, or an immutable file.
is_stuck() {
  [ ! -w "$1" ] || return 1
  if [ -d "$1" ] && [ ! -O "$1" ]; then
    [ ! -r "$1" ] || [ ! -x "$1" ] || is_filled "$1" || return 1
    STUCK="${1#"$R/"} belongs to another user" STUCK_WHAT=owner
  else
    STUCK="${1#"$R/"} is immutable, or of a read-only file system" STUCK_WHAT=immutable
  fi
}

is_filled() {
  for filled_path in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    if [ -e "$filled_path" ] || [ -L "$filled_path" ]; then return 0; fi
  done
  return 1
}

# holds_mount PATH: deleting it would delete files of another file system. /proc escapes blanks in the
# root's name, so only the end is compared.
holds_mount() {
  case $(cat /proc/self/mounts 2>/dev/null) in
    *"${1#"$R"}/"* | *"${1#"$R"} "*) return 0 ;;
  esac
  return 1
}

# fresh_tmp: makes a folder in releases/ for this transaction, and sets TMP_NAME to its name.
fresh_tmp() {
  TMP_NAME=.tmp-$A_txn
  remove releases "$TMP_NAME" || TMP_NAME=.tmp-$$-$A_txn
  mkdir -- "$D/$TMP_NAME"
}

# note_stuck NAME...: the releases that the last prune could not delete, for fleet doctor.
note_stuck() {
  if [ $# -gt 0 ] || [ -s "$F/stuck" ]; then
    { [ $# -eq 0 ] || printf '%s\n' "$@"; } >"$F/stuck" || true
  fi
}

# emit_stuck: what could not be deleted, and what could not be deleted now either.
emit_stuck() {
  set --
  if [ -r "$F/stuck" ]; then
    while read -r stuck_name; do
      ! is_name "$stuck_name" || [ "$stuck_name" = "$CUR" ] || set -- "$@" "$stuck_name"
    done <"$F/stuck"
  fi
  case $S_phase in
    idle | down) set -- "$@" .tmp-'*' ;;
  esac
  for stuck_name; do
    for stuck_folder in "$D"/$stuck_name; do
      [ ! -d "$stuck_folder" ] || [ -L "$stuck_folder" ] || ! find_stuck "$stuck_folder" ||
        tell_stuck "releases/${stuck_folder##*/}" "$STUCK_WHAT" "$STUCK"
    done
  done
}
