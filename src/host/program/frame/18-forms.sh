# Commands that not every host has in the same form, each with its fallback. GNU tools need no extra
# process here.

# flush PATH...: puts them on disk. The rust coreutils take `sync FILE` as a sync of the whole machine,
# which can take minutes. They are behind a link, as are busybox and toybox; GNU sync is not. `sync -f`
# syncs one file system, so it also works for folders.
flush() {
  if [ -L /usr/bin/sync ] || [ -L /bin/sync ]; then
    sync -f "$@" 2>/dev/null || sync
  else
    sync "$@"
  fi
}

# nap SECONDS.FRACTION: whole seconds if sleep does not support fractions.
nap() {
  sleep "$1" 2>/dev/null || sleep "$((${1%.*} + 1))"
}

# take_flock SECONDS: waits for the lock of descriptor 9; false on timeout. The redirection is for mksh,
# which does not pass on descriptors opened by `exec`. A flock that fails at once does not support -w
# (toybox, busybox), and is polled. A flock that finds the lock held prints nothing; if it prints, it is
# another failure.
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

# replace_current: renames .fleet/current, made by make_link, over `current` by one rename(2). False with
# link_error. It is moved into the root because every mv does that as a rename, without -T: busybox 1.30
# does not support -T, and toybox and early rust coreutils refuse it over a link to a folder. A relative
# link resolves to the release's marker there, which is a file: early rust coreutils move neither a
# dangling link nor a link to a folder.
replace_current() {
  link_error=$(mv -f -- "$F/current" "$R/" 2>&1) || rename_current
}

# rename_current: by another program that renames, and nothing else.
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
