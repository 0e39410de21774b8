# Forms of commands that not every host has. What all of them have is used as it is; where one lacks a form,
# its second form is here. None of this costs a process where the tools are GNU's.

# flush PATH...: what these hold is on disk. The rust coreutils take `sync FILE` for a sync of the whole
# machine, which on a busy one takes minutes; they are behind a link, as are busybox and toybox, and GNU's
# is not. `sync -f` syncs one file system, so it is right for folders too.
flush() {
  if [ -L /usr/bin/sync ] || [ -L /bin/sync ]; then
    sync -f "$@" 2>/dev/null || sync
  else
    sync "$@"
  fi
}

# nap SECONDS.FRACTION: whole seconds where sleep knows no others.
nap() {
  sleep "$1" 2>/dev/null || sleep "$((${1%.*} + 1))"
}

# take_flock SECONDS: the lock of descriptor 9, once whoever has it gives it up; false where that takes
# longer. The redirection is for mksh, which keeps from programs what `exec` has opened. A flock that says no
# at once does not know -w, as toybox's and busybox's, and is asked again and again. One that finds the lock
# held is silent; words are another failure, which is not to be taken for a lock that another step holds.
take_flock() {
  now_ms
  flock_end=$((NOW + $1 * 1000)) flock_soon=$((NOW + 150))
  flock -w "$1" 9 9>&9 2>/dev/null && return 0
  now_ms
  [ "$NOW" -lt "$flock_soon" ] || flock_end=$NOW
  until flock_error=$(flock -n 9 9>&9 2>&1); do
    [ -z "$flock_error" ] || fail step_failed "flock on this host cannot lock $F/lock: $flock_error"
    now_ms
    [ "$NOW" -lt "$flock_end" ] || return 1
    nap 0.1
  done
}

# replace_current: .fleet/current, a link that make_link has made, becomes `current` by one rename(2). False
# with link_error. It is moved into the root, since every mv takes that for a rename over a
# link, and none needs -T for it, which busybox 1.30 does not know, and which toybox and early rust coreutils
# refuse over a link to a folder. A relative text leads to the release's marker there, which is a file:
# early rust coreutils move neither a link to nothing nor one to a folder.
replace_current() {
  link_error=$(mv -f -- "$F/current" "$R/" 2>&1) || rename_current
}

# rename_current: by whatever else there is that renames, and nothing more.
rename_current() {
  for rename_by in perl python3 gnumv; do
    command -v "$rename_by" >/dev/null || continue
    case $rename_by in
      perl) perl -e 'rename $ARGV[0], $ARGV[1] or exit 1' "$F/current" "$R/current" ;;
      python3) python3 -c 'import os, sys; os.rename(*sys.argv[1:])' "$F/current" "$R/current" ;;
      gnumv) gnumv -T -f -- "$F/current" "$R/current" ;;
    esac </dev/null >/dev/null 2>&1 && return 0
  done
  link_error="mv on this host cannot do it: $link_error"
  return 1
}
