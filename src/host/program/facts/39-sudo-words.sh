# Why a command run by sudo failed, by its output.

# telling_line TEXT: sets TELLING to the line that tells why a command run by sudo failed. At every call,
# sudo may first warn about the host's name or a broken rule file; then comes the output of systemd, or
# sudo's own last word on why it refused.
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

# sudo_refusal TEXT: sets RIGHT to why sudo refuses, by its output; unknown if that is not recognised.
sudo_refusal() {
  case $1 in
    *'must have a tty'*) RIGHT='tty' ;;
    *'password is required'* | *'authentication is required'* | *'terminal is required'*) RIGHT=password ;;
    *'not in the sudoers'* | *'may not run sudo'* | *'not allowed to'* | *"I'm sorry"*) RIGHT=denied ;;
    *'command not found'*) RIGHT=no_command ;;
    *) RIGHT=unknown ;;
  esac
}

# sudo_code TEXT: sets SERVICE_CODE if sudo refused to run a command at all.
sudo_code() {
  sudo_refusal "$1"
  case $RIGHT in
    password) SERVICE_CODE=sudo_password ;;
    denied) SERVICE_CODE=sudo_denied ;;
    tty) SERVICE_CODE=sudo_tty ;;
    no_command) SERVICE_CODE=sudo_path ;;
  esac
}
