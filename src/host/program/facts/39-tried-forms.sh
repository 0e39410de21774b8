# Forms of commands are tested, not assumed: by doctor, and at the first contact with a host.

# read_unfit: sets UNFIT to the tools, as JSON, that do not do what the program needs. Some forks, so only
# for doctor, and when the program comes on stdin (then it is `sh`), since the host does not have it yet.
read_unfit() {
  UNFIT=
  [ "$A_doctor" = 1 ] || [ "$0" = sh ] || return 0
  for form_tool in tar flock head timeout readlink sha256sum tr ls; do
    if command -v "$form_tool" >/dev/null && ! try_form "$form_tool" 2>/dev/null; then
      UNFIT=$UNFIT${UNFIT:+,}\"$form_tool\"
    fi
  done
}

# try_form TOOL: writes nothing. Each look at /proc is a new file, so no one waits for that lock.
try_form() {
  case $1 in
    tar) tar_shows_links ;;
    flock) flock -n 9 9</proc/self/stat ;;
    head) [ "$(printf abc | head -c 2)" = ab ] ;;
    timeout) timeout 5 sh -c 'sleep 0.1; exit 7' || [ $? -eq 7 ] ;;
    readlink) [ "$(readlink -f -- /)" = / ] ;;
    sha256sum) try_sum "$(sha256sum </dev/null)" ;;
    tr) [ "$(printf 'a\001b' | tr '\001-\037\177' ' ')" = 'a b' ] ;;
    ls) try_words / ;;
  esac
}

try_sum() {
  case $1 in
    e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855*) ;;
    *) return 1 ;;
  esac
}

# try_words PATH: ls prints nine words, or eight (toybox), the third and fourth of them numbers.
try_words() {
  # shellcheck disable=SC2046,SC2012 # the words are counted
  set -- $(ls -ldn -- "$1")
  case $# in 8 | 9) ;; *) return 1 ;; esac
  is_number "$3" && is_number "$4"
}

# tar_shows_links: tar prints a hard link's target in one of the two known forms. It reads an archive with
# one such link, `h` to `f`, compressed: toybox reads only what a pipe has at once.
tar_shows_links() {
  case $(hard_link_archive | gzip -c | tar -tvzf -) in
    *h' link to f' | *h' -> f') ;;
    *) return 1 ;;
  esac
}

hard_link_archive() {
  printf h && zeros 99
  printf '0000644 0000000 0000000 00000000000 00000000000 0006514 1f' && zeros 99
  printf ustar && zeros 1 && printf 00 && zeros 1271
}

zeros() {
  head -c "$1" /dev/zero
}
