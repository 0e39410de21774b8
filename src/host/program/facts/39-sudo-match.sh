# Whether a rule of sudo applies to one command, matched as sudo does it.

# match_rule: whether rule_command applies to FOUND with right_args: 0 yes, 1 no, 2 unknown.
match_rule() {
  [ "$rule_command" != ALL ] || return 0
  rule_path=${rule_command%% *}
  case $rule_path in
    '^'*) match_pattern "$FOUND" "$rule_path" || return ;;
    sha*:*) return 2 ;;
    /*[\\*?[]* | /*/) match_folder "$rule_path" || return ;;
    /*) same_program "$rule_path" || return ;;
    *) return 1 ;;
  esac
  if [ "$rule_path" = "$rule_command" ]; then
    # An early sudo-rs does not show that a rule allows no arguments.
    is_classic || return 2
    return 0
  fi
  match_arguments "${rule_command#* }"
}

# If /bin is a link to /usr/bin, sudo takes one for the other. For another path with the same last name it
# checks that it is the same file.
same_program() {
  [ "$1" != "$FOUND" ] || return 0
  [ "${1##*/}" = "${FOUND##*/}" ] || return 1
  case ${1%/*}:${FOUND%/*} in
    /bin:/usr/bin | /usr/bin:/bin) [ ! -L /bin ] || return 0 ;;
  esac
  [ -e "$1" ] || return 1
  return 2
}

# match_folder PATH: a folder means all files in it, or a pattern of names in one folder. Sudo-rs has other
# patterns.
match_folder() {
  match_name=${1##*/}
  is_classic || return 2
  case ${1%/*} in *[\\*?[]*) return 2 ;; esac
  case $match_name in *\\*) return 2 ;; esac
  # shellcheck disable=SC2254 # a pattern
  case ${FOUND##*/} in
    ${match_name:-*}) same_program "${1%/*}/${FOUND##*/}" ;;
    *) return 1 ;;
  esac
}

# match_arguments PATTERN: as fnmatch(3) without flags, which is how `case` matches. Sudo's list escapes
# what is special in sudoers by a backslash; sudo-rs has other wildcards.
match_arguments() {
  case $1 in
    '""' | '\"\"') return 1 ;;
    '^'*'$')
      has_patterns
      case $? in
        0)
          match_pattern "$right_args" "$1"
          return
          ;;
        2) return 2 ;;
      esac
      ;;
  esac
  match_glob=$1
  for match_char in ',' : =; do
    while :; do
      case $match_glob in
        *"\\$match_char"*) match_glob=${match_glob%%"\\$match_char"*}$match_char${match_glob#*"\\$match_char"} ;;
        *) break ;;
      esac
    done
  done
  [ "$match_glob" != "$right_args" ] || return 0
  case $match_glob in
    *\\*) return 2 ;;
    *[*?[]*) is_classic || return 2 ;;
    *) return 1 ;;
  esac
  # shellcheck disable=SC2254 # a pattern
  case $right_args in $match_glob) return 0 ;; esac
  return 1
}

# has_patterns: whether this sudo supports regular expressions, as it does since 1.9.10: 0, 1, or 2 if
# unknown.
has_patterns() {
  [ -n "$PATTERNS" ] || read_patterns
  return "$PATTERNS"
}

# is_classic: this is the sudo whose rules are matched here, not sudo-rs.
is_classic() {
  [ -n "$PATTERNS" ] || read_patterns
  [ "$PATTERNS" != 2 ]
}

PATTERNS=
read_patterns() {
  PATTERNS=2
  patterns_version=$(sudo -V 2>/dev/null </dev/null)
  case $patterns_version in
    'Sudo version 1.9.'[1-9][0-9]*) PATTERNS=0 ;;
    'Sudo version 1.'[0-9].*) PATTERNS=1 ;;
    'Sudo version '[1-9].*) PATTERNS=0 ;;
  esac
}

# match_pattern TEXT EXPRESSION: regular expressions are those of grep -E.
match_pattern() {
  command -v grep >/dev/null || return 2
  printf '%s\n' "$1" | grep -Eq -e "$2" 2>/dev/null
}
