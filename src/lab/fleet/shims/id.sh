#!/bin/sh
# id of a practice host: its user is deploy and not root, whoever runs the lab.
case $* in
  -u | -ru | -g | -rg | '-u deploy') echo 1000 ;;
  -un | '-u -n' | '-n -u' | -gn) echo deploy ;;
  '') echo 'uid=1000(deploy) gid=1000(deploy) groups=1000(deploy)' ;;
  *) exec /usr/bin/id "$@" ;;
esac
