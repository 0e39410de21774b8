import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Host } from '../../../src/model/hosts/host.js';
import { hasSshd, startSshd } from '../support/real-sshd.js';
import { hostAt, startTcp, temporaryFolder } from '../support/ssh-server.js';

const HOLDER = fileURLToPath(new URL('../support/openssh-holder.ts', import.meta.url));

describe.skipIf(!hasSshd)('a controller that is killed', () => {
  test('leaves no ssh behind, nor its folder, wherever its connections were', async () => {
    const { host } = await startSshd();
    const hanging = hostAt(await startTcp(() => {}), { connectTimeoutMs: 60_000 });
    const folder = temporaryFolder();
    const controller = await hold([host, hanging], folder);
    const children = childrenOf(controller.pid ?? 0);
    const clients = children.filter((pid) => commandOf(pid).startsWith('ssh '));
    onTestFinished(() => clients.forEach(endIfThere));
    expect(clients).toHaveLength(2);
    expect(readdirSync(folder)).toHaveLength(1);
    controller.kill('SIGKILL');
    await vi.waitFor(
      () => {
        expect(children.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
        expect(readdirSync(folder)).toEqual([]);
      },
      { timeout: 10_000 },
    );
  });
});

/** Resolves when the first of the hosts is connected. */
async function hold(hosts: readonly Host[], runtime: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', HOLDER, JSON.stringify(hosts)], {
    env: { ...process.env, XDG_RUNTIME_DIR: runtime },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = await once(child.stdout, 'data');
  expect(String(said)).toBe('connected\n');
  return child;
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

const commandOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');

/** Where the test fails, no one else would. */
function endIfThere(pid: number): void {
  if (existsSync(`/proc/${pid}`) && commandOf(pid).startsWith('ssh ')) process.kill(pid);
}
