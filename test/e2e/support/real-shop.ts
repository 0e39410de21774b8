import type { RealHost } from '../../real/support/real-host.js';

/** What a host runs, as seen without ssh. */
export interface Sight {
  /** The text of the link `current`; empty without a link. */
  readonly link: string;
  /** When the link was made, to the nanosecond. */
  readonly linkedAt: string;
  /** version.json of the current release. */
  readonly version: Readonly<Record<string, unknown>> | null;
  readonly active: string;
  readonly mainPid: number;
  readonly invocation: string;
  /** The folder that the unit's process runs in. */
  readonly cwd: string;
}

/** Reads the file system and systemd of a host, as root, without fleet. */
export async function lookAt(host: RealHost, unit = 'shop.service'): Promise<Sight> {
  const { stdout } = await host.run(`
    cd /opt/shop
    readlink current || echo
    stat -c %z current 2>/dev/null || echo
    cat current/version.json 2>/dev/null || echo null
    systemctl show -p ActiveState,MainPID,InvocationID ${unit}
    pid=$(systemctl show -p MainPID --value ${unit})
    readlink /proc/$pid/cwd || echo`);
  const lines = stdout.split('\n');
  const of = (key: string): string =>
    lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
  return {
    link: lines[0] ?? '',
    linkedAt: lines[1] ?? '',
    version: JSON.parse(lines[2] ?? 'null'),
    active: of('ActiveState'),
    mainPid: Number(of('MainPID')),
    invocation: of('InvocationID'),
    cwd: lines.at(-2) ?? '',
  };
}

export function lookAtAll(hosts: readonly RealHost[]): Promise<readonly Sight[]> {
  return Promise.all(hosts.map((host) => lookAt(host)));
}

/** Resets hosts as if fleet had never been there. */
export async function wipe(hosts: readonly RealHost[]): Promise<void> {
  const script =
    'systemctl stop shop.service; systemctl reset-failed; rm -f /var/sick; cd /opt/shop && rm -rf -- * .fleet';
  await Promise.all(hosts.map((host) => host.run(script)));
}
