# Another tar than GNU tar: bsdtar, busybox, toybox. They do not support all options, follow hard links out
# of the folder, and keep setuid bits for root.

# extract_carefully: lists first, and unpacks nothing if a hard link would leave the release.
extract_carefully() {
  tar_shows_links || { echo "the tar of this host does not show hard links in a known form: install GNU tar" && return 1; }
  tar_listed=$(tar_spool -tv) || return
  case $tar_listed in
    *' -> '* | *' link to '*) refuse_odd_links || return ;;
  esac
  (tar_spool -x -o -C "$TREE") && chmod -R ug-s,go-w,a-t -- "$TREE"
}

# refuse_odd_links: a hard link is listed as `f link to h` (toybox and bsdtar) or `f -> h` (busybox); ours
# are neither absolute nor do they climb. Targets of symbolic links are checked once unpacked. The names
# alone are listed too: a name with a newline must not pass for the line of such a link.
refuse_odd_links() {
  case $NL$(tar_spool -t) in
    *"$NL"l[r-][w-][xsS-][r-][w-][xsS-][r-][w-][xtT-]*) echo 'removing leading: a name like a line of the list' && return 1 ;;
  esac
  while IFS= read -r tar_line; do
    case $tar_line/ in
      l[r-][w-][xsS-][r-][w-][xsS-][r-][w-][xtT-]*) ;;
      *' -> /'* | *' -> ../'* | *' -> '*/../* | *' link to /'* | *' link to ../'* | *' link to '*/../*)
        echo 'removing leading / or .. from hard link' && return 1
        ;;
    esac
  done <<END
$tar_listed
END
}
