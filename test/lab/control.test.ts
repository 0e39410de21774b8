import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTimeOf } from '../../src/files/process-identity.js';
import { labDown, labFault, labStatus, labUp } from '../../src/lab/control/control.js';
import { findLeftovers } from '../../src/lab/leftovers.js';
import { runOn } from './support/client.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-lab-'));
});
afterEach(async () => {
  await labDown(dir);
  rmSync(dir, { recursive: true, force: true });
});

const SERVICE = `mkdir -p shop/current/bin && printf '#!/bin/sh\\nexec sleep 1000\\n' >shop/current/bin/start &&
  chmod +x shop/current/bin/start && systemctl start shop`;

/** What the client needs of a lab that runs in another process. */
type Up = Awaited<ReturnType<typeof labUp>>;
const run = (up: Up, host: string, command: string) =>
  runOn({ ...up, fault: async () => {}, look: () => [], stop: async () => {} }, host, command);

test('a lab goes up in the background, takes faults, and leaves nothing when it goes down', async () => {
  const up = await labUp({ dir, hosts: 2 });
  expect(up.hosts.map((host) => host.name)).toEqual(['web01', 'web02']);
  expect(readFileSync(up.inventoryFile, 'utf8')).toContain(`port: ${up.hosts[0]?.port}`);
  expect((await run(up, 'web01', SERVICE)).code).toBe(0);
  expect(readFileSync(join(up.hosts[0]?.home ?? '', 'shop/shared/.env'), 'utf8')).toBe(
    `SHOP_PORT=${up.hosts[0]?.appPort}\n`,
  );

  const faulty = await labFault(dir, { host: 'web02', kind: 'sudo-password', on: true });
  expect(faulty.hosts[1]?.faults).toEqual(['sudo-password']);
  await expect(labFault(dir, { host: 'web99', kind: 'down', on: true })).rejects.toThrow(/web99/);
  expect((await labStatus(dir))?.hosts[0]?.units[0]).toMatchObject({ active: 'active' });

  const down = await labDown(dir);
  expect(down).toEqual({ wasUp: true, leftovers: 0 });
  expect(startTimeOf(up.pid)).toBeNull();
  expect(findLeftovers(up.dir)).toEqual([]);
  expect(await labStatus(dir)).toBeNull();
});

test('a second lab in the same folder is refused', async () => {
  await labUp({ dir, hosts: 1 });
  await expect(labUp({ dir, hosts: 1 })).rejects.toThrow(/already running/);
});

test('what a killed lab left is found and ended, by down and by the next up', async () => {
  const up = await labUp({ dir, hosts: 1 });
  await run(up, 'web01', SERVICE);
  process.kill(up.pid, 'SIGKILL');
  while (startTimeOf(up.pid) !== null) await new Promise((done) => setTimeout(done, 10));
  expect(findLeftovers(up.dir)).toHaveLength(1);
  expect(await labDown(dir)).toEqual({ wasUp: false, leftovers: 1 });

  const again = await labUp({ dir, hosts: 1 });
  await run(again, 'web01', SERVICE);
  process.kill(again.pid, 'SIGKILL');
  while (startTimeOf(again.pid) !== null) await new Promise((done) => setTimeout(done, 10));
  const third = await labUp({ dir, hosts: 1 });
  expect(findLeftovers(third.dir)).toEqual([]);
});

test('a folder with someone else’s files is refused and left alone', async () => {
  const file = join(dir, 'thesis.txt');
  writeFileSync(file, 'words');
  await expect(labUp({ dir, hosts: 1 })).rejects.toThrow(/not empty/);
  expect(existsSync(file)).toBe(true);
});

test('faults without a lab are refused with what to type', async () => {
  await expect(labFault(dir, { host: 'web01', kind: 'down', on: true })).rejects.toMatchObject({
    code: 'usage',
    hint: 'start one with: fleet lab up',
  });
});
