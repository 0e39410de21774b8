#!/bin/sh
# sudo of a practice host: runs the command, unless the host has the fault that asks for a password.
host=${0%/bin/*}
list=''
while [ $# -gt 0 ]; do
  case $1 in
    --) shift && break ;;
    -u | -g) shift ;;
    -l | -ll | --list) list=1 ;;
    -v | -*) ;;
    *=*) export "${1?}" ;;
    *) break ;;
  esac
  shift
done
if [ -e "$host/faults/sudo-password" ]; then
  echo 'sudo: a password is required' >&2
  exit 1
fi
if [ -n "$list" ]; then
  if [ $# -eq 0 ]; then
    printf '%s\n' "User deploy may run the following commands on ${host##*/}:" '' 'Sudoers entry:' \
      '    RunAsUsers: ALL' '    Options: !authenticate' '    Commands:' '	ALL'
  else
    command -v -- "$1"
  fi
  exit
fi
[ $# -eq 0 ] || exec "$@"
