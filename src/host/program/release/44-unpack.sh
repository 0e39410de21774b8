# Unpacking what was received, into a folder beside the releases.

unpack() {
  fresh_tmp || give_up_stage unpack_failed "cannot make $D/$TMP_NAME" ''
  TREE=$D/$TMP_NAME
  [ -z "$A_base" ] || { copy_base && clear_base; }
  unpack_error=$(extract 2>&1)
  unpack_exit=$?
  # Other tars name the option that they do not support, in other words.
  case $unpack_exit:$unpack_error in
    0:*) ;;
    *delay-directory-restore* | *no-same-*)
      unpack_error=$(extract_carefully 2>&1)
      unpack_exit=$?
      ;;
  esac
  # tar strips names that leave the folder and says so; fleet's archives have none.
  case $unpack_error in
    *emoving\ leading*) give_up_stage archive_unsafe "a member or link leaves the release" "$unpack_error" ;;
  esac
  [ "$unpack_exit" -eq 0 ] || give_up_stage unpack_failed "tar failed" "$unpack_error"
  [ -z "$A_base" ] || stamp_tree
  drop_spools
}

extract() {
  tar_spool -x -C "$TREE" --no-same-owner --no-same-permissions --delay-directory-restore
}

# The one member that tar_spool is about; empty for all.
TAR_MEMBER=

# Replaces the subshell that it is called in.
# shellcheck disable=SC2086 # fleet's own name, without blanks
tar_spool() {
  case $A_format in
    gzip) exec tar "$@" -zf "$SPOOL" $TAR_MEMBER ;;
    none) exec tar "$@" -f "$SPOOL" $TAR_MEMBER ;;
    zstd) zstd -dcq -- "$SPOOL" | tar "$@" -f - $TAR_MEMBER ;;
  esac
}
