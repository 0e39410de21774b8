# Whether a release that a host leaves is bad, or was only interrupted.

# found_by_run: the run that rolls back found it bad. The dead-man timer, the boot guard and a recovery only
# end what was interrupted.
found_by_run() {
  case $A_guard:$A_mode in 0:back) S_found=bad ;; esac
}

# judge_left: a release that no one found bad keeps its standing.
judge_left() {
  [ "$S_found" != bad ] || mark "$S_to" bad
}
