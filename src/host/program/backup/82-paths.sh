# The paths of a backup: below the root, given by fleet.yaml or by the backup that is to be restored.

# A path below the root that may be kept: not fleet's own, and nothing that every release has of its own.
is_kept_path() {
  is_inner_path "$1" || return 1
  case $1/ in
    .fleet/* | releases/* | current/* | .current-*) return 1 ;;
  esac
}

# name_paths args...: sets PATHS, one a line: `needed PATH` for those of the call, `any PATH` for further ones of the
# backup that it is about to restore, which may be absent.
name_paths() {
  PATHS=
  for arg; do
    case $arg in
      --) break ;;
      path=*) PATHS="${PATHS}needed ${arg#*=}$NL" ;;
    esac
  done
  [ -n "$A_backup" ] || return 0
  is_backup "$A_backup" || fail backup_unknown "there is no backup $A_backup on this host"
  read_list "$F/backups/$A_backup/list" || fail backup_unknown "the list of backup $A_backup cannot be read"
  while IFS= read -r listed_path; do
    listed_path=${listed_path#* }
    case $NL$PATHS in
      *"$NL"*' '"$listed_path$NL"*) ;;
      *) PATHS="${PATHS}any $listed_path$NL" ;;
    esac
  done <<END
${LISTED%"$NL"}
END
}

# read_list FILE: sets L_epoch, L_run and L_to of a backup, and LISTED, its other lines. False if it is
# not in its form.
read_list() {
  LISTED='' L_epoch=''
  [ -f "$1" ] && [ -r "$1" ] || return 1
  {
    read -r L_epoch L_run _ L_to _ || return 1
    while IFS= read -r list_line; do
      is_kept_path "${list_line#* }" || return 1
      LISTED=$LISTED$list_line$NL
    done
  } <"$1"
  is_epoch "$L_epoch" && is_name "$L_run"
}

# enter_path PATH: enters the folder that PATH is in, and sets PATH_NAME to its name there. False with PATH_WRONG, and
# PATH_ABSENT if the folder is not there. Links are not followed: who may write in shared/ could lead to any place.
# Only `shared` itself may be one.
enter_path() {
  PATH_NAME=$1 PATH_WRONG='' PATH_ABSENT=''
  cd -P -- "$R" 2>/dev/null || { PATH_WRONG="$R may not be entered" && return 1; }
  while :; do
    case $PATH_NAME in */*) ;; *) break ;; esac
    path_part=${PATH_NAME%%/*}
    PATH_NAME=${PATH_NAME#*/}
    path_here=$PWD/$path_part
    if [ ! -e "./$path_part" ]; then
      PATH_ABSENT=1 PATH_WRONG="$path_part does not exist"
      return 1
    fi
    cd -P -- "./$path_part" 2>/dev/null || { PATH_WRONG="$path_part may not be entered" && return 1; }
    if [ "$PWD" != "$path_here" ] && [ "$path_here" != "$R/shared" ]; then
      PATH_WRONG="$path_part is a link"
      return 1
    fi
  done
}

# is_path_there PATH: as enter_path, and it exists.
is_path_there() {
  enter_path "$1" || return 1
  if [ -L "./$PATH_NAME" ]; then
    PATH_WRONG='it is a link; name what it leads to'
    return 1
  fi
  [ -e "./$PATH_NAME" ] || { PATH_ABSENT=1 PATH_WRONG='it does not exist' && return 1; }
}

# copy_whole FROM TO: with modes, times, links and, where this user may, owners. As a clone where the file system can.
# False with COPY_ERROR.
copy_whole() {
  COPY_ERROR=$(cp -a --reflink=auto -- "$1" "$2" 2>&1) && return 0
  case $COPY_ERROR in *reflink*) ;; *) return 1 ;; esac
  # The option is not known to every cp, which then has copied nothing.
  [ ! -e "$2" ] && [ ! -L "$2" ] || return 1
  COPY_ERROR=$(cp -a -- "$1" "$2" 2>&1)
}
