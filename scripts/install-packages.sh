#!/usr/bin/env bash
# Installs Debian packages: install-packages.sh PACKAGE…
# Does nothing, quickly, when all are there. Needs root to install. Starts no service.
set -euo pipefail

policy=/usr/sbin/policy-rc.d

main() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} > 0)) || return 0
  if ((EUID != 0)); then
    echo "install-packages: missing, and only root can install them: ${missing[*]}" >&2
    return 1
  fi
  forbid_service_starts
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends "${missing[@]}" </dev/null
}

missing_packages() {
  local package status
  declare -A installed=()
  # dpkg-query fails when it has never heard of one of them, and still prints the others.
  while read -r package status; do
    [[ $status != installed ]] || installed[$package]=yes
  done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    [[ -n ${installed[$package]:-} ]] || echo "$package"
  done
}

# Debian asks policy-rc.d before a package starts its daemon; 101 means "not allowed".
forbid_service_starts() {
  local kept=$policy.before-fleet-setup
  # A kept file is there only if an earlier run was killed: it is the original.
  if [[ ! -e $kept && -e $policy ]]; then
    mv "$policy" "$kept"
  fi
  trap restore_policy EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
}

restore_policy() {
  rm -f "$policy"
  [[ ! -e $policy.before-fleet-setup ]] || mv "$policy.before-fleet-setup" "$policy"
}

main "$@"
