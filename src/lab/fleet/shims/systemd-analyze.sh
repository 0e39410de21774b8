#!/bin/sh
# systemd-analyze of a practice host. Of `verify` it knows sections, lines without `=`, and services without
# a program, in the words of systemd.
file=''
for word; do case $word in -*) ;; *) file=$word ;; esac; done
name=${file##*/} path=$file
[ -r "$path" ] || path=${file%@*}@.${file##*.}
[ -r "$path" ] || { echo "Failed to prepare filename $file: No such file or directory" >&2 && exit 1; }
at=0 section='' starts='' long=''
while IFS= read -r line || [ -n "$line" ]; do
  at=$((at + 1))
  if [ -z "$long" ]; then
    case $line in
      '' | '#'* | ';'*) continue ;;
      '['*']')
        section=${line#?} section=${section%?}
        case $section in
          Unit | Service | Install | Socket | Timer | Path | X-*) ;;
          *) echo "$path:$at: Unknown section '$section'. Ignoring." >&2 ;;
        esac
        continue
        ;;
      *=*) [ "$section" != Service ] || case $line in ExecStart*=?*) starts=1 ;; esac ;;
      *) echo "$path:$at: Missing '=', ignoring line." >&2 ;;
    esac
  fi
  case $line in *\\) long=1 ;; *) long='' ;; esac
done <"$path"
case $name in *.service) ;; *) exit 0 ;; esac
[ -z "$starts" ] || exit 0
echo "$name: Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing." >&2
echo "Unit $name has a bad unit file setting." >&2
exit 1
