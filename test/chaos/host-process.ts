import type { RealHost } from '../lab/real-host.js';

/** What runs on a host, as systemd and the kernel say. */
export interface HostProcesses {
  readonly active: string;
  /** 0 where the unit has no process. */
  readonly mainPid: number;
  /** The folder that it runs in, with the kernel's ` (deleted)` where that is gone. */
  readonly cwd: string;
  /** The working folders of all processes that run below the app's root. */
  readonly folders: readonly string[];
  /** Timers of dead-man's switches that wait. */
  readonly timers: readonly string[];
}

const SCRIPT = `
systemctl show -p ActiveState,MainPID shop.service
pid=$(systemctl show -p MainPID --value shop.service)
[ "$pid" = 0 ] || echo "Cwd=$(readlink "/proc/$pid/cwd")"
for link in /proc/[0-9]*/cwd; do
  case $(readlink "$link") in /opt/shop/releases/*) echo "Folder=$(readlink "$link")" ;; esac
done
for timer in /run/systemd/transient/fleet-*.timer /run/user/1000/systemd/transient/fleet-*.timer; do
  [ ! -e "$timer" ] || echo "Timer=\${timer##*/}"
done`;

/** Asks as root, from outside of ssh. */
export async function readProcesses(host: RealHost): Promise<HostProcesses> {
  const { stdout } = await host.run(SCRIPT);
  const all = (key: string): readonly string[] =>
    stdout
      .split('\n')
      .filter((line) => line.startsWith(`${key}=`))
      .map((line) => line.slice(key.length + 1));
  const first = (key: string): string => all(key)[0] ?? '';
  return {
    active: first('ActiveState'),
    mainPid: Number(first('MainPID')),
    cwd: first('Cwd'),
    folders: all('Folder'),
    timers: all('Timer'),
  };
}
