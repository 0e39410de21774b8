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
  drop_spools
}

extract() {
  tar_spool -x -C "$TREE" --no-same-owner --no-same-permissions --delay-directory-restore
}

# Replaces the subshell that it is called in.
tar_spool() {
  case $A_format in
    gzip) exec tar "$@" -zf "$SPOOL" ;;
    none) exec tar "$@" -f "$SPOOL" ;;
    zstd) zstd -dcq -- "$SPOOL" | tar "$@" -f - ;;
  esac
}
