# Why a command that was called by sudo failed, by what it said.

# telling_line TEXT: sets TELLING to the line of what a command said by sudo that tells why it failed.
# Sudo says at every call that it cannot resolve the host's name, or where a file of rules is wrong; what
# systemd says comes after that, and what sudo says last is why it did not call it at all.
telling_line() {
  TELLING='' telling_other=
  while IFS= read -r telling; do
    case $telling in
      '' | *'unable to resolve host'*) ;;
      'Job for '* | 'Failed to '* | 'Unit '* | 'A dependency '* | 'Access denied'*)
        TELLING=$telling
        break
        ;;
      sudo*:*) TELLING=$telling ;;
      *) telling_other=${telling_other:-$telling} ;;
    esac
  done <<EOF
$1
EOF
  TELLING=${TELLING:-${telling_other:-${1%%"$NL"*}}}
}

# sudo_refusal TEXT: sets RIGHT to why sudo refuses, by its own words; unknown where they are none of
# those that it is known by.
sudo_refusal() {
  case $1 in
    *'must have a tty'*) RIGHT='tty' ;;
    *'password is required'* | *'authentication is required'* | *'terminal is required'*) RIGHT=password ;;
    *'not in the sudoers'* | *'may not run sudo'* | *'not allowed to'* | *"I'm sorry"*) RIGHT=denied ;;
    *'command not found'*) RIGHT=no_command ;;
    *) RIGHT=unknown ;;
  esac
}

# sudo_code TEXT: sets SERVICE_CODE where sudo refused to call a command at all.
sudo_code() {
  sudo_refusal "$1"
  case $RIGHT in
    password) SERVICE_CODE=sudo_password ;;
    denied) SERVICE_CODE=sudo_denied ;;
    tty) SERVICE_CODE=sudo_tty ;;
    no_command) SERVICE_CODE=sudo_path ;;
  esac
}
