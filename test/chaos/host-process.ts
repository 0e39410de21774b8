import type { RealHost } from '../real/support/real-host.js';

/** What runs on a host, as systemd and the kernel say. */
export interface HostProcesses {
  readonly active: string;
  /** 0 where the unit has no process. */
  readonly mainPid: number;
  /** The folder that it runs in, with the kernel's ` (deleted)` where that is gone. */
  readonly cwd: string;
  /** The working folders of all processes that run below the app's root. */
  readonly folders: readonly string[];
  /** Dead-man timers that wait. */
  readonly timers: readonly string[];
}

/** Few processes: twenty hosts are asked at once, on the cores that they share. */
const SCRIPT = `
systemctl show -p ActiveState,MainPID shop.service
ls -l /proc/[0-9]*/cwd 2>/dev/null
for timer in /run/systemd/transient/fleet-*.timer /run/user/1000/systemd/transient/fleet-*.timer; do
  [ ! -e "$timer" ] || echo "Timer=\${timer##*/}"
done`;
const FOLDER = /\/proc\/(\d+)\/cwd -> (.*)$/;

/** Asks as root, from outside of ssh. */
export async function readProcesses(host: RealHost): Promise<HostProcesses> {
  const { stdout } = await host.run(SCRIPT);
  const lines = stdout.split('\n');
  const all = (key: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
  const folders = lines.flatMap((line) => {
    const [, pid, folder] = FOLDER.exec(line) ?? [];
    return pid === undefined || folder === undefined ? [] : [{ pid: Number(pid), folder }];
  });
  const mainPid = Number(all('MainPID')[0] ?? 0);
  return {
    active: all('ActiveState')[0] ?? '',
    mainPid,
    cwd: folders.find(({ pid }) => pid === mainPid)?.folder ?? '',
    folders: folders
      .map(({ folder }) => folder)
      .filter((folder) => folder.startsWith('/opt/shop/releases/')),
    timers: all('Timer'),
  };
}
