# What sudo would run without a password, judged from its own list of rules.
#
# `sudo -l COMMAND` does not tell: it also lists what is allowed with a password, and asks for none once
# one rule has NOPASSWD. `sudo -ll` shows the rules in the order in which sudo reads them, in one format
# from 1.9.5 to sudo-rs; the last match decides. Rules that cannot be judged here are asked of sudo; if its
# answer is not clear, the right is unknown. `-k`: a cached password does not count, since it has expired
# when the dead-man timer fires.

RULES_READ=

# read_rules: sets RULES, a line a command of a rule: TAG SURE COMMAND. TAG is yes (no password), password
# or unknown; SURE is 0 if it is unclear whether the rule is about root. Sets SUDO_PATH, the folders that
# sudo searches, empty if unknown. False if sudo does not list: SUDO_SAID.
read_rules() {
  if [ -n "$RULES_READ" ]; then
    [ -z "$SUDO_SAID" ]
    return
  fi
  RULES_READ=1 RULES='' SUDO_PATH='' SUDO_SAID='' rules_default=password
  rules_settings='' rules_odd='' rules_exempt=''
  if ! rules_text=$(sudo -k -n -ll 2>/dev/null </dev/null 8<&- 9>&-); then
    telling_line "$(sudo -k -n -ll 2>&1 </dev/null 8<&- 9>&-)"
    SUDO_SAID=${TELLING:-sudo does not list what this user may do}
    return 1
  fi
  read_rules_text "$rules_text"
}

read_rules_text() {
  rules_part=none
  while IFS= read -r rules_line; do
    case $rules_line in
      '') ;;
      'Matching Defaults entries '*) rules_part=settings ;;
      'Runas and Command-specific defaults '*)
        judge_settings
        rules_part=special
        ;;
      'Sudoers entry:'* | 'LDAP Role:'* | 'SSSD Role:'*)
        judge_settings
        rules_part=rule rule_tag=$rules_default rule_sure=1 rule_for=root
        ;;
      [!' '"$TAB"]*) rules_part=none ;;
      *) read_rules_line ;;
    esac
  done <<EOF
$1
EOF
}

read_rules_line() {
  case $rules_part:$rules_line in
    settings:*) rules_settings="$rules_settings ${rules_line#    }" ;;
    special:*authenticate* | special:*' requiretty'*) rules_odd=$rules_odd${rules_line#    }$NL ;;
    rule:"$TAB"*) [ "$rule_for" = other ] || RULES="$RULES$rule_tag $rule_sure ${rules_line#"$TAB"}$NL" ;;
    rule:'    RunAsUsers: '*) read_rule_users "${rules_line#*: }" ;;
    rule:'    Options: '*) read_rule_options ", ${rules_line#*: }," ;;
    rule:'    RunAsGroups: '* | rule:'    Commands:'*) ;;
    # Conditions such as a time or a role cannot be judged.
    rule:*) rule_sure=0 ;;
  esac
}

# read_rule_users LIST: whether the rule is about root. Groups, netgroups, unresolved aliases and exceptions
# are not looked up.
read_rule_users() {
  rule_for=other
  set -f
  for rule_user in $1; do
    case ${rule_user%,} in
      ALL | root | '#0') rule_for=root ;;
      [a-z]*) ;;
      *) rule_for=root rule_sure=0 ;;
    esac
  done
  set +f
}

read_rule_options() {
  case $1 in
    *', !authenticate,'*) rule_tag=yes ;;
    *', authenticate,'*) rule_tag=password ;;
  esac
}

# judge_settings: for a rule that does not say whether it needs a password.
judge_settings() {
  settings_other='' settings_verify=''
  set -f
  for setting in $rules_settings; do
    case ${setting%,} in
      authenticate) rules_default=password ;;
      '!authenticate') rules_default=yes ;;
      exempt_group=* | noninteractive_auth) settings_other=1 ;;
      verifypw=*) settings_verify=1 ;;
      runas_default=root) ;;
      runas_default=*) rules_odd="$rules_odd$setting$NL" ;;
      secure_path=*) SUDO_PATH=${setting#*=} SUDO_PATH=${SUDO_PATH%,} ;;
      '!secure_path') SUDO_PATH= ;;
    esac
  done
  set +f
  rules_settings=
  [ -n "$settings_other" ] || return 0
  # Some users are never asked; or something else than a password is enough.
  rules_exempt=unknown
  [ -n "$settings_verify" ] || rules_exempt=password
  [ -n "$settings_verify" ] || ! sudo -k -n -v >/dev/null 2>&1 </dev/null || rules_exempt=yes
}

# judge_right COMMAND ARGUMENT...: sets RIGHT to what sudo would do: yes, password, denied, unknown,
# overruled if a later rule needs a password although an earlier one does not, no_command if sudo would not
# find it; and if it does not list, to the reason: unlisted, tty, denied or unknown.
judge_right() {
  right_hidden=
  if ! read_rules; then
    sudo_refusal "$SUDO_SAID"
    # Only the listing may need a password (listpw).
    [ "$RIGHT" != password ] || RIGHT=unlisted
    return
  fi
  find_as_sudo "$1" || right_hidden=1
  right_name=$1 right_args=
  shift
  right_args=$*
  RIGHT=denied right_doubts='' right_granted=
  while read -r rule_tag rule_sure rule_command; do
    [ -n "$rule_command" ] || continue
    case $rule_command in '!'*) rule_command=${rule_command#!} rule_tag=denied ;; esac
    match_rule
    case $?:$rule_sure in
      1:*) ;;
      0:1)
        RIGHT=$rule_tag right_doubts=
        [ "$RIGHT" != yes ] || right_granted=1
        ;;
      *) right_doubts="$right_doubts $rule_tag" ;;
    esac
  done <<EOF
$RULES
EOF
  if [ -n "$right_doubts" ] || [ -z "$SUDO_PATH" ]; then ask_right "$right_name" "$@"; fi
  if [ -n "$right_hidden" ]; then
    [ "$RIGHT" = yes ] || right_hidden=
    RIGHT=no_command
    return
  fi
  [ "$RIGHT" != password ] || RIGHT=${rules_exempt:-password}
  case $RIGHT:$right_granted in password:1 | denied:1) RIGHT=overruled ;; esac
  case $RIGHT in yes | password) ! is_odd "$right_name" || RIGHT=unknown ;; esac
}

# is_odd NAME: Defaults for single commands, or for runas users, come before what a rule says.
is_odd() {
  while read -r odd_line; do
    case $RIGHT:${odd_line#* } in
      *: | yes:'!authenticate' | password:requiretty) continue ;;
    esac
    case $odd_line in
      *"/$1"* | *[*?^]*) return 0 ;;
      'Defaults!/'*) ;;
      *) return 0 ;;
    esac
  done <<EOF
$rules_odd
EOF
  return 1
}

# ask_right COMMAND ARGUMENT...: asks sudo about one command. Since 1.9.15 it shows the matching rule.
ask_right() {
  if ! right_text=$(sudo -k -n -ll "$@" 2>/dev/null </dev/null 8<&- 9>&-); then
    RIGHT=denied
    return
  fi
  case $right_text in
    'Sudoers entry:'* | *'Role:'*)
      ask_rules=$RULES RULES=
      read_rules_text "$right_text"
      RIGHT=${RULES%% *}
      RULES=$ask_rules
      [ -n "$RIGHT" ] || RIGHT=unknown
      return
      ;;
  esac
  # It is allowed. With or without a password, if all rules that may match agree.
  for right_doubt in $right_doubts; do
    case $RIGHT:$right_doubt in
      *:denied) ;;
      denied:*) RIGHT=$right_doubt ;;
      "$right_doubt":*) ;;
      *) RIGHT=unknown ;;
    esac
  done
  [ "$RIGHT" != denied ] || RIGHT=unknown
}

# find_as_sudo NAME: sets FOUND to the program that sudo would run for NAME; false with this user's own
# program if sudo finds none.
find_as_sudo() {
  FOUND=
  if [ -z "$SUDO_PATH" ]; then
    FOUND=$(command -v "$1")
    return
  fi
  set -f
  IFS=:
  for found_folder in $SUDO_PATH; do
    found_folder=${found_folder%\\}
    if [ -x "$found_folder/$1" ]; then
      FOUND=$found_folder/$1
      break
    fi
  done
  IFS=" $TAB$NL"
  set +f
  [ -z "$FOUND" ] || return 0
  FOUND=$(command -v "$1")
  return 1
}
