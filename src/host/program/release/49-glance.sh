# A glance at one release: whether it is as it was when its contents were last verified, if that can be told without
# reading them. It comes with facts, so that the plan of a rollback need not ask again.

# glance: of release id=, or of the one that this host ran before. Says nothing if only its contents can tell.
glance() {
  GLANCE_ID=$A_id
  [ -n "$GLANCE_ID" ] || likely_before || return 0
  judge_drift "$GLANCE_ID" seen
  [ "$DRIFT_BY" = content ] || emit_judged "$GLANCE_ID"
}

# likely_before: sets GLANCE_ID to what this host ran before, by its own record. False if that is not plain. The
# bastion chooses the target of a rollback; if it is another one, it asks for that.
likely_before() {
  read_current
  likely_ids=$S_ran,
  case $CUR:$S_kind in
    "$S_from":*) ;;
    "$S_to":rollback)
      likely_ids=,$likely_ids
      likely_ids=${likely_ids#*",$S_to,"}
      ;;
    "$S_to":*) likely_ids=$S_from,$likely_ids ;;
    *) return 1 ;;
  esac
  while [ -n "$likely_ids" ]; do
    GLANCE_ID=${likely_ids%%,*}
    likely_ids=${likely_ids#*,}
    [ "$GLANCE_ID" != / ] || return 1
    is_name "$GLANCE_ID" && [ "$GLANCE_ID" != "$CUR" ] && is_complete "$GLANCE_ID" || continue
    [ "$M_standing" != healthy ] || return 0
  done
  return 1
}
