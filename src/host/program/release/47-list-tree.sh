# The manifest of a folder: one line for every file, folder and link, with mode, size, sha256 and target. The
# form is that of src/artifact/tree/manifest-text.ts. Names may hold anything.

# So many names go to one sha256sum or stat, or so many bytes of them.
LIST_NAMES=4000
LIST_BYTES=65536
# A file whose time all files and folders get while they are listed; empty for none.
LIST_TIME=
# Whether files are read; without, their sums are left out.
LIST_SUMS=1

# list_tree FOLDER: prints it, without version.json, which is fleet's own. False if FOLDER cannot be entered. A
# file that this user cannot read has a line `# unread PATH` instead of its sum; what is no file, folder or
# link has `# other PATH`. Links are not followed. Few forks: names without a newline, backslash or
# carriage return go to the tools in batches; only the others are asked about one by one.
list_tree() (
  cd -P -- "$1" 2>/dev/null || return 1
  read_cr
  echo '# fleet manifest 1'
  list_whole 2>/dev/null | sort
)

list_whole() {
  LIST_ROOT=$PWD LIST_AT=''
  LIST_FILES='' LIST_FOLDERS='' LIST_LINKS='' LIST_SOME='' LIST_COUNT=0
  list_folder
  list_batch
}

# read_cr: sets CR. A text of the program holds none, and making one costs a fork.
CR=
read_cr() {
  CR=${CR:-$(printf '\r.')}
  CR=${CR%.}
}

# list_folder: the one that it is in, LIST_AT below the root. Each folder is entered: shells differ in patterns
# behind a folder with odd letters, and long paths are slow.
list_folder() {
  for list_name in * .[!.]* ..?*; do
    list_path=$LIST_AT$list_name list_enter=
    case $list_path in
      version.json) continue ;;
      - | *[\\"$NL$CR"]*) list_odd ;;
      *) list_plain ;;
    esac
    [ -n "$list_enter" ] || continue
    LIST_AT=$list_path/
    # What follows would be listed under wrong names if the way back fails.
    cd -P -- "./$list_name" && list_folder && { cd -P .. || exit; }
    LIST_AT=${LIST_AT%/}
    LIST_AT=${LIST_AT%"${LIST_AT##*/}"}
  done
}

# list_plain: adds list_path to the batch of its kind. Names of files are gathered a few at a time first: a shell
# copies a long text for each name that is added to it.
list_plain() {
  if [ -L "$list_name" ]; then
    LIST_LINKS=$LIST_LINKS$list_path$NL
  elif [ -f "$list_name" ]; then
    if [ -r "$list_name" ]; then
      LIST_SOME=$LIST_SOME$list_path$NL LIST_COUNT=$((LIST_COUNT + 1))
      [ ${#LIST_SOME} -ge 2048 ] || [ "$LIST_COUNT" -ge "$LIST_NAMES" ] || return 0
    else
      printf '# file %s %s\n' "$(stat -c '%a %s' -- "./$list_name")" "$list_path"
      printf '# unread %s\n' "$list_path"
    fi
  elif [ -d "$list_name" ]; then
    list_enter=1
    LIST_FOLDERS=$LIST_FOLDERS$list_path$NL
  else
    # A pattern that matched nothing is nothing.
    [ ! -e "$list_name" ] || printf '# other %s\n' "$list_path"
    return 0
  fi
  LIST_FILES=$LIST_FILES$LIST_SOME LIST_SOME=''
  [ "$LIST_COUNT" -lt "$LIST_NAMES" ] && [ $((${#LIST_FILES} + ${#LIST_FOLDERS} + ${#LIST_LINKS})) -lt "$LIST_BYTES" ] ||
    list_batch
}

# list_batch: the lines of all names that were gathered.
list_batch() {
  LIST_FILES=$LIST_FILES$LIST_SOME LIST_SOME=''
  (cd -P -- "$LIST_ROOT" && list_gathered)
  LIST_FILES='' LIST_FOLDERS='' LIST_LINKS='' LIST_COUNT=0
}

list_gathered() {
  set -f
  IFS=$NL
  # shellcheck disable=SC2086 # split at newlines, which are in no name here
  {
    [ -z "$LIST_TIME" ] || touch -c -r "$LIST_TIME" -- $LIST_FOLDERS $LIST_FILES
    [ -z "$LIST_FOLDERS" ] || stat -c '# folder %a %n' -- $LIST_FOLDERS
    [ -z "$LIST_FILES" ] || stat -c '# file %a %s %n' -- $LIST_FILES
    [ -z "$LIST_SUMS" ] || [ -z "$LIST_FILES" ] || sha256sum -- $LIST_FILES
    [ -z "$LIST_LINKS" ] || list_links $LIST_LINKS
  }
}

# list_links PATH...: by one readlink, if it takes several names and no target has a newline.
list_links() {
  list_targets=$(readlink -- "$@" && printf .) || list_targets=
  list_targets=${list_targets%"$NL".}
  case $NL$list_targets$NL in
    *"$NL$NL"*) list_targets= ;;
  esac
  # shellcheck disable=SC2086 # the same
  list_count $list_targets
  [ "$LIST_LINES" = $# ] || list_targets=
  for list_link; do
    if [ -n "$list_targets" ]; then
      list_target=${list_targets%%"$NL"*}
      list_targets=${list_targets#*"$NL"}
    else
      list_read_link "$list_link"
    fi
    list_link_line
  done
}

list_count() {
  LIST_LINES=$#
}

# list_read_link PATH
list_read_link() {
  list_target=$(readlink -- "./$1" && printf .)
  list_target=${list_target%"$NL".}
}

list_link_line() {
  case $list_link$list_target in
    *[\\"$NL$CR$TAB"]*)
      escape_name "$list_link" "$TAB"
      list_link=$ESCAPED
      escape_name "$list_target" "$TAB"
      printf '# \\link %s\t%s\n' "$list_link" "$ESCAPED"
      ;;
    *) printf '# link %s\t%s\n' "$list_link" "$list_target" ;;
  esac
}

# list_odd: a name that the tools would print in their own way, or take for stdin. Its tabs are escaped only
# in the line of a link.
list_odd() {
  if [ -L "$list_name" ]; then
    list_link=$list_path
    list_read_link "$list_name"
    list_link_line
    return
  fi
  [ -e "$list_name" ] || return 0
  [ -z "$LIST_TIME" ] || touch -c -r "$LIST_TIME" -- "$list_name"
  escape_name "$list_path" ''
  list_mark=
  [ "$ESCAPED" = "$list_path" ] || list_mark=\\
  if [ -f "$list_name" ]; then
    printf '# %sfile %s %s\n' "$list_mark" "$(stat -c '%a %s' -- "./$list_name")" "$ESCAPED"
    if [ -z "$LIST_SUMS" ] && [ -r "$list_name" ]; then return; fi
    if list_sum=$(sha256sum <"./$list_name"); then
      printf '%s%s  %s\n' "$list_mark" "${list_sum%% *}" "$ESCAPED"
    else
      printf '# %sunread %s\n' "$list_mark" "$ESCAPED"
    fi
  elif [ -d "$list_name" ]; then
    list_enter=1
    printf '# %sfolder %s %s\n' "$list_mark" "$(stat -c %a -- "./$list_name")" "$ESCAPED"
  else
    printf '# %sother %s\n' "$list_mark" "$ESCAPED"
  fi
}

# escape_name TEXT ALSO: sets ESCAPED, as sha256sum(1) escapes names. ALSO is a tab if tabs are escaped too.
escape_name() {
  ESCAPED=
  escape_rest=$1
  while :; do
    escape_head=${escape_rest%%[\\"$NL$CR$2"]*}
    [ "$escape_head" != "$escape_rest" ] || break
    escape_rest=${escape_rest#"$escape_head"}
    case $escape_rest in
      "$NL"*) ESCAPED=$ESCAPED$escape_head\\n ;;
      "$CR"*) ESCAPED=$ESCAPED$escape_head\\r ;;
      "$TAB"*) ESCAPED=$ESCAPED$escape_head\\t ;;
      *) ESCAPED=$ESCAPED$escape_head\\\\ ;;
    esac
    escape_rest=${escape_rest#?}
  done
  ESCAPED=$ESCAPED$escape_rest
}
