#!/usr/bin/env bash
# Installs what the benchmark alone needs: the peers, GNU time for the size of the largest process,
# and the converter of the plots. Does nothing, quickly, when all are there.
set -euo pipefail

packages=(ansible-core ansible-mitogen clustershell librsvg2-bin rsync ruby-sshkit time)
exec bash "$(dirname "$0")/install-packages.sh" "${packages[@]}"
