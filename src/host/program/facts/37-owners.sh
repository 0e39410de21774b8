# Owners: who else could change the root, the path to it, or fleet's files there. They could make the login
# user run their program, so this is checked as sshd's StrictModes checks a home.

# refuse_unsafe: before anything here is changed.
refuse_unsafe() {
  read_unsafe
  [ -z "$UNSAFE" ] || fail root_unsafe "$UNSAFE_FIRST: that user could have this login run a program"
}

# read_unsafe: sets UNSAFE to what is unsafe in the root, the folders above it and fleet's files in it, as
# JSON, and UNSAFE_FIRST to the first of it in words. Links are followed one at a time, as the kernel does,
# since whoever may write beside a link chooses its target. One fork, and one more for each link; none in a
# session that began with all of it owned.
read_unsafe() {
  UNSAFE='' UNSAFE_FIRST='' UNSAFE_COUNT=0 GROUP_KNOWN=''
  ! is_owned || return 0
  read_uid
  owner_way=$NL
  # shellcheck disable=SC2088 # the tilde is text here
  case $A_root in '~/'*) follow_way "$R" ;; *) follow_way "$A_root" ;; esac
  owner_root=$owner_at owner_releases=$R/releases
  if [ -L "$R/releases" ]; then
    follow_way "$R/releases"
    owner_releases=$owner_at
  fi
  set -- /
  while IFS= read -r owner_path; do
    [ -z "$owner_path" ] || set -- "$@" "$owner_path"
  done <<END
$owner_way
END
  for owner_path in "$R/releases" "$F" "$F"/* "$F"/bin/* "$F"/releases/*; do
    [ "$owner_releases" = "$R/releases" ] || [ "$owner_path" != "$R/releases" ] || continue
    # A leftover of a killed step; the next step deletes it.
    [ "$owner_path" != "$F/current" ] || continue
    if [ -e "$owner_path" ] || [ -L "$owner_path" ]; then set -- "$@" "$owner_path"; fi
  done
  judge_owners "$@"
  [ "$owner_root" = "$R" ] || [ ! -e "$R" ] || refuse_to_judge "$R"
  # One that leads to no folder was judged as a link.
  [ "$owner_releases" = "$D" ] || [ "$D" = "$R/releases" ] || refuse_to_judge "$R/releases"
}

# follow_way PATH: adds to owner_way each folder and link on the way there, one a line, and sets owner_at
# to its end; empty if a name contains a newline.
follow_way() {
  owner_rest=$1 owner_at='' owner_hops=0
  while [ -n "$owner_rest" ]; do
    owner_part=${owner_rest%%/*}
    owner_rest=${owner_rest#"$owner_part"}
    owner_rest=${owner_rest#/}
    case $owner_part in
      '' | .) continue ;;
      ..) owner_at=${owner_at%/*} && continue ;;
    esac
    owner_path=$owner_at/$owner_part
    case $owner_part in *"$NL"*) owner_at='' && return ;; esac
    if [ -L "$owner_path" ]; then
      owner_hops=$((owner_hops + 1))
      [ "$owner_hops" -le 40 ] || break
      owner_target=$(readlink "$owner_path")
      owner_rest=$owner_target/$owner_rest
      case $owner_target in /*) owner_at='' ;; esac
    else
      [ -e "$owner_path" ] || break
      owner_at=$owner_path
    fi
    owner_way=$owner_way$owner_path$NL
  done
}

# is_owned: the command that began this session saw that only the login user and root can change any of
# it. That was for the root OWNED, on a path without links.
is_owned() {
  # shellcheck disable=SC2088 # the tilde is text here
  case $OWNED:$A_root in "$R:$R" | "$R:~/"*) ;; *) return 1 ;; esac
  for owner_path in "$R" "$R/releases" "$F"; do
    [ -O "$owner_path" ] && [ ! -L "$owner_path" ] || return 1
  done
}

# judge_owners PATH...: paths that are gone when ls looks are skipped.
judge_owners() {
  # shellcheck disable=SC2012 # only mode, owner and group, in the form that POSIX defines
  owner_lines=$(ls -ldn -- "$@" 2>/dev/null)
  # The root folder always exists; if ls prints nothing, nothing is known.
  [ -n "$owner_lines" ] || refuse_to_judge "$R"
  while read -r owner_mode owner_rest owner_uid owner_gid owner_path; do
    owner_path=/${owner_path#*/}
    case $owner_mode in
      '') continue ;;
      l*) owner_path=${owner_path%% -> *} ;;
    esac
    judge_owner
  done <<END
$owner_lines
END
}

# refuse_to_judge PATH: it has an odd name, or is behind too many links.
refuse_to_judge() {
  owner_path=$1 owner_uid=0 owner_gid=0 owner_mode='?---------'
  add_unsafe link 'cannot be followed'
}

judge_owner() {
  if ! is_number "$owner_uid" || ! is_number "$owner_gid"; then
    refuse_to_judge "$owner_path"
    return
  fi
  owner_own=
  case $owner_path in
    "$R/releases") [ "$D" != "$R/releases" ] || owner_own=own ;;
    "$R"/* | "$R" | "$D") owner_own=own ;;
  esac
  case $owner_uid in
    0 | "$MY_UID") ;;
    *)
      add_unsafe owner "belongs to uid $owner_uid"
      return
      ;;
  esac
  case $owner_own:$owner_mode in
    own:l*) add_unsafe link 'is a link' ;;
    # In a sticky folder no one else can replace our files.
    :l* | :d????????[tT]*) ;;
    own:????????w* | :????????w*) add_unsafe writable 'may be written by every user' ;;
    own:?????w* | :?????w*)
      is_private_group || add_unsafe writable "may be written by group $owner_gid"
      ;;
  esac
}

# add_unsafe WHAT WORDS: for the path that is judged. Eight are enough to see what is wrong.
add_unsafe() {
  UNSAFE_COUNT=$((UNSAFE_COUNT + 1))
  [ "$UNSAFE_COUNT" -le 8 ] || return 0
  [ -n "$UNSAFE_FIRST" ] || UNSAFE_FIRST="$owner_path $2"
  json "$owner_path"
  UNSAFE=$UNSAFE${UNSAFE:+,}"{\"path\":$JSON,\"what\":\"$1\",\"uid\":$owner_uid,\"gid\":$owner_gid"
  UNSAFE=$UNSAFE",\"mode\":\"${owner_mode%"${owner_mode#??????????}"}\"}"
}

# is_private_group: only the login user and root can be in the group that may write: it has the login's
# name, as useradd makes it, or is a system group without members. Users of a network directory are not
# seen, hence the name. An ACL may let in others.
is_private_group() {
  case $owner_mode in ??????????+*) return 1 ;; esac
  [ "$GROUP_KNOWN" != "$owner_gid:yes" ] || return 0
  group_login=
  while IFS=: read -r user_name _ user_uid user_gid _; do
    case $user_uid:$user_gid in
      "$MY_UID":*) group_login=${group_login:-$user_name} ;;
      0:*) ;;
      *:"$owner_gid") return 1 ;;
    esac
  done </etc/passwd
  [ -n "$group_login" ] || group_login=$(id -un)
  read_group
  case $group_members in
    '' | "$group_login" | root | "$group_login,root" | "root,$group_login") ;;
    *) return 1 ;;
  esac
  [ "$group_name" = "$group_login" ] || [ ${#owner_gid} -le 2 ] || return 1
  GROUP_KNOWN=$owner_gid:yes
}

# read_group: sets group_name and group_members.
read_group() {
  while IFS=: read -r group_name _ group_gid group_members; do
    [ "$group_gid" != "$owner_gid" ] || return 0
  done </etc/group
  IFS=: read -r group_name _ group_gid group_members <<END
$(getent group "$owner_gid" 2>/dev/null)
END
  [ -n "$group_name" ] || group_members=unknown
}
