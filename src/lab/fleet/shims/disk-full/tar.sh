#!/bin/sh
# tar of a practice host whose disk is full: fails as GNU tar does where it would write.
case " $* " in
  *' -x'* | *' x'* | *--extract*)
    echo 'tar: Cannot write: No space left on device' >&2
    echo 'tar: Exiting with failure status due to previous errors' >&2
    exit 2
    ;;
esac
PATH=/usr/local/bin:/usr/bin:/bin exec tar "$@"
