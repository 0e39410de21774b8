#!/usr/bin/env bash
# Checks every shell text of the tree: the host program as one whole POSIX sh file, the rest each.
set -euo pipefail
cd "$(dirname "$0")/.."

program=$(mktemp --suffix=.sh)
trap 'rm -f "$program"' EXIT
cat src/host/program/*.sh >"$program"
shellcheck -s sh "$program"
git ls-files '*.sh' .ci/run ':!src/host/program/*.sh' | xargs -r shellcheck
