# Beside: whether two names lead to one machine. A machine-id does not tell, for clones share it, and what
# fleet keeps in the root is cloned too; a process that lives right now is not.

# read_session: sets SESSION to a process that lives as long as the connection, `pid:start`: what has
# started this shell, or, where that hides itself, this shell.
read_session() {
  SESSION=
  for session_pid in "$PPID" $$; do
    if process_start "$session_pid"; then
      SESSION=$session_pid:$START
      return
    fi
  done
}

# emit_beside args...: which of the processes of `beside=` live here.
emit_beside() {
  for arg; do
    case $arg in
      --) break ;;
      beside=*)
        beside_start=${arg##*:} beside_pid=${arg#*=}
        ! process_start "${beside_pid%:*}" || [ "$START" != "$beside_start" ] ||
          emit "{\"event\":\"beside\",\"session\":\"${arg#*=}\"}"
        ;;
    esac
  done
}
