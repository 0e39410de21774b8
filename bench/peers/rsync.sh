#!/usr/bin/env bash
# What a deploy by rsync is: one ssh a host, files that are the same become hard links to those of the release before.
# Usage: rsync.sh HOSTS SSH_CONFIG RELEASE FOLDER BASE [switch]
# With `switch`, a second ssh a host moves the link and restarts the unit.
set -uo pipefail

hosts=$1
config=$2
release=$3
folder=$4
base=$5
what=${6:-}

link="cd /opt/shop && ln -s releases/$release .next && mv -T .next current &&
  sudo -n systemctl restart shop.service && systemctl is-active -q shop.service"

one() {
  # --whole-file: on a fast line its own delta of a file costs more than it saves.
  rsync -a --whole-file --link-dest="../$base" -e "ssh -F $config" "$folder/" "$1:/opt/shop/releases/$release/" </dev/null &&
    { [[ $what != switch ]] || ssh -n -F "$config" "$1" "$link"; }
}

failed=0
jobs=0
while read -r address; do
  one "$address" &
  jobs=$((jobs + 1))
done <"$hosts"
for ((; jobs > 0; jobs--)); do
  wait -n || failed=$((failed + 1))
done
[[ $failed -eq 0 ]] || echo "$failed hosts failed" >&2
exit $((failed > 0))
