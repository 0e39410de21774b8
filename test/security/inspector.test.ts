import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { labDown, labUp } from '../../src/lab/control/control.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { builtFleet, endOf, says } from './support/built-fleet.js';

const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
const fleet = builtFleet();

/** The TCP ports on which a process listens, by the sockets that it has. */
function portsOf(pid: number): readonly number[] {
  const sockets = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => socketOf(pid, fd)));
  return ['tcp', 'tcp6'].flatMap((table) => {
    const rows = readFileSync(`/proc/net/${table}`, 'latin1').trim().split('\n').slice(1);
    return rows.flatMap((row) => {
      const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
      const port = Number.parseInt(local.split(':').at(-1) ?? '', 16);
      return state === '0A' && sockets.has(inode) ? [port] : [];
    });
  });
}

function socketOf(pid: number, fd: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? '';
  } catch {
    return '';
  }
}

/** Sends the signal, and looks for as long as an inspector took to be seen: a tenth of it would do. */
async function signalled(pid: number): Promise<readonly number[]> {
  const seen = new Set<number>();
  for (let i = 0; i < 20; i += 1) {
    try {
      process.kill(pid, 'SIGUSR1');
      await new Promise((resolve) => setTimeout(resolve, 10));
      for (const port of portsOf(pid)) seen.add(port);
    } catch {
      // It has come to its end meanwhile.
      break;
    }
  }
  return [...seen];
}

describe.runIf(process.platform === 'linux')('SIGUSR1', () => {
  test('opens no inspector while a deploy runs, and the deploy goes on', async () => {
    const args = ['deploy', ...fleet.on(practice.lab), '--yes', '--output', 'plain', '-v'];
    const child = fleet.start([...args, '--from', fleet.newRelease()]);
    const ended = endOf(child);
    const switching = says(child, /switching/);
    await says(child, /preflight/);
    expect(await signalled(child.pid ?? 0)).toEqual([]);
    await switching;
    expect(await signalled(child.pid ?? 0)).toEqual([]);
    expect(await ended).toMatchObject({ code: 0, signal: null });
  }, 30_000);

  test('opens no inspector while fleet waits for a host that never answers', async () => {
    const child = await waiting();
    expect(await signalled(child.pid ?? 0)).toEqual([]);
    child.kill('SIGINT');
    expect(await endOf(child)).toMatchObject({ signal: null });
  }, 30_000);

  test('that comes while Node itself starts ends the process, or what it opened is shut', async () => {
    for (let started = 0; started < 3; ) {
      const child = await waiting((pid) => process.kill(pid, 'SIGUSR1')).catch(() => null);
      if (child === null) continue;
      started += 1;
      await expect.poll(() => portsOf(child.pid ?? 0), { timeout: 5000 }).toEqual([]);
      child.kill('SIGINT');
      await endOf(child);
    }
  }, 60_000);

  /** A `fleet status` that has begun to connect to a host which never answers. */
  async function waiting(meanwhile?: (pid: number) => void): Promise<ChildProcess> {
    await practice.lab.fault('web01', 'hang', true);
    const child = fleet.start(['status', ...fleet.on(practice.lab), '-vvv']);
    const timer = setInterval(() => meanwhile?.(child.pid ?? 0), 7);
    try {
      await says(child, /web0[12]: /);
      return child;
    } finally {
      clearInterval(timer);
    }
  }

  test('opens no inspector in the practice fleet behind fleet lab up', async () => {
    const dir = join(fleet.dir, 'lab');
    const { pid } = await labUp({ dir, hosts: 1 });
    try {
      const before = portsOf(pid);
      expect(new Set(await signalled(pid))).toEqual(new Set(before));
      expect(before).not.toContain(9229);
    } finally {
      await labDown(dir);
    }
  }, 30_000);

  test('is left to a person who asks for the inspector', async () => {
    const env = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };
    const { code, stderr } = await fleet.run(['--version'], { env });
    expect([code, stderr]).toEqual([0, expect.stringContaining('Debugger listening')]);
  });
});
