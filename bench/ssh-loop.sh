#!/usr/bin/env bash
# The bare loop that fleet is measured against: every host at once, one ssh each, nothing checked
# but the exit code. Usage: ssh-loop.sh HOSTS KEY KNOWN_HOSTS RELEASE ARCHIVE [SSH-OPTION…]
# ARCHIVE is /dev/null where the release is on the hosts already.
set -uo pipefail

hosts=$1
key=$2
known=$3
release=$4
archive=$5
shift 5

link="cd /opt/shop && ln -s releases/$release .next && mv -T .next current &&
  sudo -n systemctl restart shop.service && systemctl is-active -q shop.service"
unpack="mkdir -p /opt/shop/releases/$release && tar xzf - -C /opt/shop/releases/$release &&"
[[ $archive != /dev/null ]] || unpack=

while read -r address; do
  ssh -i "$key" -o UserKnownHostsFile="$known" -o BatchMode=yes -o StrictHostKeyChecking=yes \
    "$@" "deploy@$address" "$unpack $link" <"$archive" &
done <"$hosts"

failed=0
for job in $(jobs -p); do
  wait "$job" || failed=$((failed + 1))
done
[[ $failed -eq 0 ]] || echo "$failed hosts failed" >&2
exit $((failed > 0))
