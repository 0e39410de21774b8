#!/usr/bin/env bash
# Checks every shell text of the tree: the host program as one whole POSIX sh file, the rest each.
set -euo pipefail
cd "$(dirname "$0")/.."

program=$(mktemp --suffix=.sh)
trap 'rm -f "$program"' EXIT
# In the order of their names, as src/host/program.ts joins them.
find src/host/program -name '*.sh' -printf '%f %p\n' | sort | cut -d ' ' -f 2 | xargs cat >"$program"
shellcheck -s sh "$program"
git ls-files '*.sh' .ci/run ':!src/host/program/**' | xargs -r shellcheck
