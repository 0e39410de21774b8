# What systemd on this host takes: each host is asked, since an older systemd refuses what a newer one takes.

# verb_check_units unit_file=NAME unit_line=TEXT...: whether systemd here takes these files. They are in a folder
# of their own, below /tmp, while systemd-analyze reads them; nothing is installed or kept.
verb_check_units() {
  read_state
  user_bus
  if command -v systemd-analyze >/dev/null && units_new=$(mktemp -d /tmp/fleet-units.XXXXXX 2>/dev/null); then
    ! write_unit_files "$@" || each_unit_file emit_unit_check
    rm -f -- "$units_new"/*
    rmdir -- "$units_new"
  fi
  succeed
}

emit_unit_check() {
  check_unit "$1"
  json "$1" && check_text="\"unit\":$JSON"
  json_or_null "$UNIT_REFUSED"
  emit "{\"event\":\"unit_check\",$check_text,\"refused\":$JSON,\"ignored\":[$UNIT_IGNORED]}"
}

# refuse_unfit_units: before the files of a release are kept. What is installed already is not asked about.
refuse_unfit_units() {
  ! command -v systemd-analyze >/dev/null || each_unit_file refuse_unfit_unit
}

refuse_unfit_unit() {
  same_text "$units_new/$1" "$UNIT_FOLDER/$1" || check_unit "$1"
  [ -z "$UNIT_REFUSED" ] || fail unit_unfit "systemd there does not take $1: $UNIT_REFUSED"
}

# each_unit_file FUNCTION: for the names of those in units_new.
each_unit_file() {
  UNIT_REFUSED=''
  for each_file in "$units_new"/*; do "$1" "${each_file##*/}"; done
}

# check_unit NAME: sets UNIT_REFUSED to why systemd does not take this file, or would leave out a part of it, and
# UNIT_IGNORED to settings that only a newer systemd knows. Programs that come only with the release, and other
# units, do not count. A template is checked by an instance.
check_unit() {
  UNIT_REFUSED='' UNIT_IGNORED='' check_cause='' check_fatal='' check_failed='' check_as=$1
  case $1 in *@.*) check_as=${1%@.*}@x.${1##*.} ;; esac
  check_said=$(systemd-analyze "--$A_scope" --man=no verify "$units_new/$check_as" 2>&1 </dev/null 8<&- 9>&-) ||
    check_failed=1
  while IFS= read -r check_line; do
    check_line=${check_line#"$units_new/"}
    case $check_line in
      *' is not executable: '*) ;;
      "$1":[0-9]* | "$check_as":[0-9]*) check_setting "$check_line" ;;
      "$1: "* | "$check_as: "* | "Unit $1 "* | "Unit $check_as "* | 'Failed to '*" $check_as/start: "*)
        check_fatal=${check_fatal:-$check_line}
        ;;
    esac
  done <<END
$check_said
END
  if [ -n "$UNIT_REFUSED" ] || [ -z "$check_failed" ] || [ -z "$check_fatal" ]; then return; fi
  UNIT_REFUSED=${check_cause:-$check_fatal}
}

# check_setting LINE: about one line of the file.
check_setting() {
  case $1 in
    *'Unknown section'*) UNIT_REFUSED=${UNIT_REFUSED:-$1} ;;
    *'Unknown '* | *'system call'* | *' removed '*)
      json "$1"
      UNIT_IGNORED=$UNIT_IGNORED${UNIT_IGNORED:+,}$JSON
      ;;
    *gnoring*) UNIT_REFUSED=${UNIT_REFUSED:-$1} ;;
    # Forms that systemd still takes.
    *obsolete* | *deprecated* | *'please use'* | *legacy*) ;;
    *) check_cause=${check_cause:-$1} ;;
  esac
}
