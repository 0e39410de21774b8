#!/usr/bin/env bash
# ClusterShell: `clush --copy`, which is an scp a host, and one command. Usage as ssh-loop.sh.
# The fan-out is all hosts, not the 64 that it has by default; no output is gathered.
set -euo pipefail

hosts=$1
config=$2
release=$3
archive=$4
call=(clush -q -S --hostfile "$hosts" -f 256 -o "-F $config")

link="cd /opt/shop && ln -s releases/$release .next && mv -T .next current &&
  sudo -n systemctl restart shop.service && systemctl is-active -q shop.service"
if [[ $archive != /dev/null ]]; then
  "${call[@]}" --copy "$archive" --dest "/opt/shop/.upload.tgz"
  folder=/opt/shop/releases/$release
  link="mkdir -p $folder && tar xzf /opt/shop/.upload.tgz -C $folder && rm /opt/shop/.upload.tgz && $link"
fi
"${call[@]}" -n "$link"
