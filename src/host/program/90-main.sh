# Main: each verb in turn; the first that fails ends the call.

main() {
  S_phase=idle
  [ "${1:-}" = step ] && [ $# -ge 2 ] || fail usage "usage: step <verb> root=<root> key=value…"
  shift
  # The payload is for stage alone; no other tool is to read it by mistake.
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
    status) verb_status ;;
    claim) verb_claim ;;
    adopt) verb_adopt ;;
    renew) verb_renew ;;
    stage) verb_stage "$@" ;;
    arm) verb_arm "$@" ;;
    activate) verb_activate ;;
    verify) verb_verify "$@" ;;
    probe) verb_probe "$@" ;;
    confirm) verb_confirm ;;
    revert) verb_revert "$@" ;;
    release) verb_release ;;
    prune) verb_prune "$@" ;;
    guard) verb_guard ;;
    install_guard) verb_install_guard ;;
    remove_guard) verb_remove_guard ;;
    *) fail usage "unknown verb" ;;
  esac
}

main "$@"
