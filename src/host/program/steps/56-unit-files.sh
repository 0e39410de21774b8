# Unit files: a release may have some, as the bastion rendered them for this host. `units` leaves them in
# .fleet/units/.next; activate moves them to .fleet/units/<id>, so that a release that is deployed again keeps its
# own until then, and installs those of `to`. A rollback installs what was there before: .fleet/units/.back has that
# since arm. What must be done is seen by comparing the three, so that each step may be repeated.

# verb_units unit_file=NAME unit_line=TEXT...: brings the unit files of a release; installs nothing yet.
verb_units() {
  need id "$A_id"
  lock
  fence
  case $S_phase in
    claimed | staged) own ;;
    *)
      own_txn
      repeated
      return
      ;;
  esac
  user_bus
  find_unit_folder || fail step_failed "systemd names no folder for units of the $A_scope"
  units_new=$F/units/.new-$A_txn
  remove .fleet/units ".new-$A_txn"
  mkdir -p -- "$units_new" || fail_write "$units_new"
  write_unit_files "$@" || fail_write "$units_file"
  refuse_unfit_units
  printf '%s\n' "$A_txn" "$A_id" >"$units_new/.of" || fail_write "$units_new"
  flush "$units_new"/* "$units_new/.of" "$units_new" || fail_write "$units_new"
  remove .fleet/units .next
  mv -- "$units_new" "$F/units/.next" && flush "$F/units" || fail_write "$F/units/.next"
  succeed
}

# write_unit_files args...: into units_new; false, with units_file, if one cannot be written.
write_unit_files() {
  units_file=
  for arg; do
    case $arg in
      --) break ;;
      unit_file=*)
        units_file=$units_new/${arg#*=}
        : >"$units_file" || return 1
        ;;
      unit_line=*)
        [ -n "$units_file" ] || fail usage 'unit_line before unit_file'
        printf '%s\n' "${arg#*=}" >>"$units_file" || return 1
        ;;
    esac
  done
  [ -n "$units_file" ] || fail usage 'unit_file is missing'
}

# has_next TXN ID: whether unit files were brought for this release in this transaction.
has_next() {
  [ -r "$F/units/.next/.of" ] && { read -r next_txn && read -r next_id; } <"$F/units/.next/.of" &&
    [ "$next_txn:$next_id" = "$1:$2" ]
}

# take_next: from here on they are those of `to`.
take_next() {
  has_next "$S_txn" "$S_to" || return 0
  remove .fleet/units "$S_to"
  mv -- "$F/units/.next" "$F/units/$S_to" && flush "$F/units" || fail_write "$F/units/$S_to"
}

# keep_unit_files: before the transaction is recorded, copies what activate would replace. The release that
# was there before fleet had unit files gets these as its own.
keep_unit_files() {
  keep_of=$F/units/$A_to
  ! has_next "$A_txn" "$A_to" || keep_of=$F/units/.next
  [ -d "$keep_of" ] || { remove .fleet/units .back && return 0; }
  user_bus
  find_unit_folder || fail step_failed "systemd names no folder for units of the $A_scope"
  remove .fleet/units .back
  mkdir -- "$F/units/.back" || fail_write "$F/units/.back"
  keep_any='' keep_lacks=''
  for keep_file in "$keep_of"/*; do
    keep_name=${keep_file##*/}
    keep_there=$UNIT_FOLDER/$keep_name
    [ ! -L "$keep_there" ] || fail step_failed "$keep_there is a link, which fleet does not replace"
    [ -e "$keep_there" ] || { keep_lacks=1 && continue; }
    cp -- "$keep_there" "$F/units/.back/$keep_name" || fail_write "$F/units/.back"
    keep_any=1
  done
  keep_known=
  [ -z "$keep_lacks" ] || find_known_units
  printf '%s\n' "$A_txn" "$A_scope" "$UNIT_FOLDER" "$A_units" "$keep_known" >"$F/units/.back/.of" ||
    fail_write "$F/units/.back"
  flush "$F/units/.back/.of" "$F/units/.back" "$F/units" || fail_write "$F/units/.back"
  [ -n "$keep_any" ] || return 0
  flush "$F/units/.back"/* || fail_write "$F/units/.back"
  if [ -z "$A_from" ] || [ -e "$F/units/$A_from" ]; then return; fi
  copy_back "$A_from" || fail_write "$F/units/$A_from"
}

# find_known_units: sets keep_known to the units that systemd has, also without a file in UNIT_FOLDER: a package
# has its units in another folder. These are not new, and are neither enabled nor stopped.
find_known_units() {
  for keep_unit in $A_units; do
    case $(systemctl_read show -p LoadState "$keep_unit" </dev/null 2>/dev/null) in
      '' | *LoadState=not-found*) ;;
      *) keep_known="$keep_known $keep_unit" ;;
    esac
  done
}

# copy_back ID: what was installed are the unit files of this release; false if it cannot be written.
copy_back() {
  remove .fleet/units ".new-$A_txn"
  remove .fleet/units "$1"
  mkdir -- "$F/units/.new-$A_txn" && cp -- "$F/units/.back"/* "$F/units/.new-$A_txn/" &&
    mv -- "$F/units/.new-$A_txn" "$F/units/$1"
}

# open_back: whether this transaction has unit files. Sets A_scope, UNIT_FOLDER, BACK_UNITS, and BACK_KNOWN, which
# an older fleet has not written.
open_back() {
  [ -r "$F/units/.back/.of" ] || return 1
  {
    read -r back_txn && read -r back_scope && IFS= read -r UNIT_FOLDER && read -r BACK_UNITS || return 1
    read -r BACK_KNOWN || true
  } <"$F/units/.back/.of"
  [ "$back_txn" = "$S_txn" ] || return 1
  case $back_scope in system | user) A_scope=$back_scope ;; *) return 1 ;; esac
  user_bus
}

# install_units: the unit files of `to`, before the units are asked. A reload is repeated, since a killed
# step may not have come to it.
install_units() {
  take_next
  install_any=
  for install_file in "$F/units/$S_to"/*; do
    install_name=${install_file##*/}
    ! same_text "$install_file" "$F/units/.back/$install_name" || continue
    install_any=1
    same_text "$install_file" "$UNIT_FOLDER/$install_name" || put_unit "$install_name" "$install_file" ||
      fail step_failed "cannot write $UNIT_FOLDER/$install_name: $UNIT_ERROR"
  done
  [ -z "$install_any" ] || unit_systemctl daemon-reload || fail step_failed "$UNIT_ERROR"
  each_new_unit enable_unit
}

# enable_unit UNIT FILE: a unit that fleet brings starts at boot, if its file says when.
enable_unit() {
  case $(cat "$F/units/$S_to/$2") in
    *'[Install]'*) unit_systemctl enable "$1" || fail step_failed "$UNIT_ERROR" ;;
  esac
}

# each_new_unit FUNCTION: for the units that were not there before, and their file.
each_new_unit() {
  for new_unit in $BACK_UNITS; do
    case " $BACK_KNOWN " in *" $new_unit "*) continue ;; esac
    new_file=$new_unit
    if [ ! -e "$F/units/$S_to/$new_file" ]; then
      case $new_unit in *@*) new_file=${new_unit%%@*}@.${new_unit##*.} ;; esac
    fi
    [ -e "$F/units/$S_to/$new_file" ] && [ ! -e "$F/units/.back/$new_file" ] || continue
    "$1" "$new_unit" "$new_file" || return 1
  done
}

# restore_units: the unit files as they were. A unit that was not there before is stopped and leaves the
# list of what is restarted and watched. Sets UNITS_RESTORED if there was anything; false with UNIT_ERROR.
restore_units() {
  UNITS_RESTORED=
  open_back || return 0
  for restore_file in "$F/units/$S_to"/*; do
    restore_name=${restore_file##*/} restore_from=$F/units/.back/${restore_file##*/}
    if same_text "$restore_file" "$restore_from" && same_text "$UNIT_FOLDER/$restore_name" "$restore_from"; then
      continue
    fi
    UNITS_RESTORED=1
    [ ! -e "$restore_from" ] || same_text "$UNIT_FOLDER/$restore_name" "$restore_from" ||
      put_unit "$restore_name" "$restore_from" || return 1
  done
  [ -n "$UNITS_RESTORED" ] || { own_again && return; }
  each_new_unit end_unit || return 1
  for restore_file in "$F/units/$S_to"/*; do
    restore_name=${restore_file##*/}
    if [ -e "$F/units/.back/$restore_name" ] || [ ! -e "$UNIT_FOLDER/$restore_name" ]; then continue; fi
    by_root rm -f "$UNIT_FOLDER/$restore_name" || { UNIT_ERROR="cannot delete $UNIT_FOLDER/$restore_name" && return 1; }
  done
  unit_systemctl daemon-reload && own_again
}

# own_again: a release that was deployed again, with other unit files, has its own again.
own_again() {
  [ "$S_from" = "$S_to" ] || return 0
  set -- "$F/units/.back"/*
  [ -e "$1" ] || return 0
  copy_back "$S_to" || { UNIT_ERROR="cannot write $F/units/$S_to" && return 1; }
}

# end_unit UNIT FILE
end_unit() {
  if [ -e "$UNIT_FOLDER/$2" ]; then
    unit_systemctl stop "$1" || return 1
    # systemd would list a failed unit on, without its file.
    unit_systemctl reset-failed "$1" || true
    unit_systemctl disable "$1" || return 1
  fi
  end_units=
  for end_other in $A_units; do
    [ "$end_other" = "$1" ] || end_units="$end_units $end_other"
  done
  A_units=$end_units
}

# put_unit NAME FILE: by a rename, so that a power cut leaves one of the two whole. systemd does not read the
# other name.
put_unit() {
  put_to=$UNIT_FOLDER/$1
  [ "$A_scope" = system ] || mkdir -p -- "$UNIT_FOLDER"
  UNIT_ERROR=$({ by_root tee "$put_to.fleet" <"$2" >/dev/null && flush "$put_to.fleet" &&
    by_root mv -f "$put_to.fleet" "$put_to" && flush "$UNIT_FOLDER"; } 2>&1)
}

# unit_systemctl WORDS...: false with UNIT_ERROR.
unit_systemctl() {
  UNIT_ERROR=$(exec 9>&- && systemctl_act "$@" 2>&1 </dev/null) && return 0
  telling_line "$UNIT_ERROR"
  UNIT_ERROR="systemctl $* failed: $TELLING"
  return 1
}
