# Beside: whether two names lead to one machine. Clones share the machine-id and the files in the root, but
# not a live process.

# read_session: sets SESSION to a process that lives as long as the connection, `pid:start`: the parent of
# this shell, or this shell if /proc hides the parent.
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
