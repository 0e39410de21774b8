# Main: one call from the arguments, or one after the other from stdin.

# serve [ID step VERB...]: takes calls from stdin. The first may come as arguments, which saves the round
# trip that opens the channel. Each call runs in a subshell, so that it leaves no lock, variable or open
# file to the next. A call is `call <id> <count>` and then so many arguments, one a line; an incomplete one
# is not started. `send` instead of `call` means that its payload follows. If such a call fails it is the
# last, since the rest of its payload may still come.
serve() {
  # On a descriptor of its own, else the shell's message about a killed step goes to the caller.
  exec 3>&2 2>/dev/null
  # The same for all calls.
  read_uid
  read_boot
  serve_word=call
  [ $# -eq 0 ] || serve_call "$@"
  while read -r serve_word serve_id serve_count; do
    case $serve_word in call | send) ;; *) exit 64 ;; esac
    is_number "$serve_id" && is_number "$serve_count" || exit 64
    set -- "$serve_id"
    while [ $# -le "$serve_count" ]; do
      IFS= read -r serve_line || exit 0
      set -- "$@" "$serve_line"
    done
    serve_call "$@" || [ "$serve_word" = call ] || exit 0
  done
  exit 0
}

serve_call() {
  serve_id=$1
  shift
  # The step prints its own end with its last lines: one packet instead of three.
  (
    trap 'end_call $?' EXIT
    [ "$serve_word" = send ] || exec </dev/null
    main "$@"
  ) 2>&3 3>&-
  serve_exit=$?
  [ "$serve_exit" -le 128 ] || end_call "SIG$(kill -l "$serve_exit")" 2>&3
  return "$serve_exit"
}

# end_call EXIT: ends this call's output on stdout and stderr. A step ended by a signal has its name instead
# of a number. The last line may have had no newline.
end_call() {
  emit "$NL|end|$serve_id|$1"
  tell
  printf '%s\n' "$NL|end|$serve_id|$1" >&2 || true
}

# main step VERB...: each verb in turn; the first that fails ends the call.
main() {
  S_phase=idle
  [ "${1:-}" = step ] && [ $# -ge 2 ] || fail usage "usage: step <verb> root=<root> key=value..."
  shift
  # Only stage reads the payload; no other tool may read it by mistake.
  exec 8<&0 </dev/null
  main_root=
  while [ $# -gt 0 ]; do
    VERB=$1
    shift
    take_args "$@"
    [ "${main_root:-$A_root}" = "$A_root" ] || fail usage "one call, one root"
    main_root=$A_root
    [ -n "$LOCKED" ] || open_root
    do_verb "$@"
    while [ $# -gt 0 ] && [ "$1" != -- ]; do shift; done
    [ $# -eq 0 ] || shift
  done
  exit 0
}

do_verb() {
  case $VERB in
    facts) verb_facts "$@" ;;
    status) verb_status "$@" ;;
    manifest) verb_manifest ;;
    claim) verb_claim ;;
    adopt) verb_adopt ;;
    renew) verb_renew ;;
    compare) verb_compare ;;
    stage) verb_stage "$@" ;;
    units) verb_units "$@" ;;
    check_units) verb_check_units "$@" ;;
    hook) verb_hook "$@" ;;
    arm) verb_arm "$@" ;;
    activate) verb_activate ;;
    verify) verb_verify "$@" ;;
    probe) verb_probe "$@" ;;
    confirm) verb_confirm ;;
    revert) verb_revert "$@" ;;
    unclaim) verb_unclaim ;;
    backup) verb_backup "$@" ;;
    restore) verb_restore "$@" ;;
    prune) verb_prune "$@" ;;
    guard) verb_guard ;;
    install_guard) verb_install_guard ;;
    remove_guard) verb_remove_guard ;;
    log_exec) verb_log_exec ;;
    inspect) verb_inspect ;;
    digest) verb_digest ;;
    register) verb_register ;;
    relink) verb_relink ;;
    *) fail usage "unknown verb" ;;
  esac
}

# Only on the command line that began the session: no call can send it.
if [ "${1:-}" = owned ]; then
  OWNED=${PWD%/.fleet/bin}
  shift
fi
if [ "${1:-}" = serve ]; then
  shift
  serve "$@"
fi
trap tell EXIT
main "$@"
