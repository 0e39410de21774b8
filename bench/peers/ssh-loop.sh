#!/usr/bin/env bash
# The bare loop that fleet is measured against: one ssh a host, nothing checked but the exit code.
# Usage: ssh-loop.sh HOSTS SSH_CONFIG RELEASE ARCHIVE [SSH-OPTION…]
# ARCHIVE is /dev/null where the release is on the hosts already.
set -uo pipefail

hosts=$1
config=$2
release=$3
archive=$4
shift 4
# All at once, as far as that is quicker: each ssh takes some MB.
at_once=100

link="cd /opt/shop && ln -s releases/$release .next && mv -T .next current &&
  sudo -n systemctl restart shop.service && systemctl is-active -q shop.service"
unpack="mkdir -p /opt/shop/releases/$release && tar xzf - -C /opt/shop/releases/$release &&"
[[ $archive != /dev/null ]] || unpack=

failed=0
running=0
while read -r address; do
  if ((running == at_once)); then
    wait -n || failed=$((failed + 1))
    running=$((running - 1))
  fi
  ssh -F "$config" "$@" "$address" "$unpack $link" <"$archive" &
  running=$((running + 1))
done <"$hosts"
for ((; running > 0; running--)); do
  wait -n || failed=$((failed + 1))
done
[[ $failed -eq 0 ]] || echo "$failed hosts failed" >&2
exit $((failed > 0))
