import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claim, deploy, ownership } from './support/deploy.js';
import { createFakeHost, type FakeHost } from './support/fake-host.js';
import { type FakeRelease, fakeRelease } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';

/** Only root may mount a small disk. */
const isRoot = process.getuid?.() === 0;
const one = fakeRelease(1);
/** Larger than it says, so that the disk is found full only when it is unpacked. */
const large = fakeRelease(2, { app: 'x'.repeat(90_000_000) });
const noise = fakeRelease(3, { app: randomBytes(600_000).toString('base64') });
const by = ownership(2);
const BLOCK = Buffer.alloc(4096);

let host: FakeHost;
beforeEach(async () => {
  if (!isRoot) return;
  host = createFakeHost();
  mkdirSync(host.root);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=80m,mode=755', 'tmpfs', host.root]);
  host.unit('shop.service', { cwd: join(host.root, 'current') });
  expect(codeOf(await deploy(host, ownership(1), { from: null, to: one }))).toBe('ok');
  expect(codeOf(await host.run([claim(by, one.id)]))).toBe('ok');
});
afterEach(() => {
  if (!isRoot) return;
  execFileSync('umount', ['-l', host.root]);
  host.stop();
});

const filler = (): string => join(host.root, 'filler');

/** Leaves no block free. What is free cannot be asked before: the host may be writing meanwhile. */
function fill(): void {
  const file = openSync(filler(), 'w');
  try {
    for (;;) writeSync(file, BLOCK);
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    closeSync(file);
  }
}

/** Nothing of the release is there, and the host is as it was. */
function expectUntouched(): void {
  const { root } = host;
  const left = ['releases', '.fleet', '.fleet/releases'].flatMap((folder) =>
    readdirSync(join(root, folder)),
  );
  expect(left.filter((name) => /^(spool|manifest|marker)-|^\.tmp-/.test(name))).toEqual([]);
  expect(readdirSync(join(root, 'releases'))).toEqual([one.id]);
  expect(host.current()).toBe(`releases/${one.id}`);
  expect(host.state()).toMatchObject({ phase: 'claimed' });
}

async function expectStaged(release: FakeRelease): Promise<void> {
  rmSync(filler(), { force: true });
  expect(codeOf(await host.run([release.stage(by)], release.payload))).toBe('ok');
}

describe.runIf(isRoot)('a disk that becomes full', () => {
  test('while a release is received', async () => {
    const payload = new Readable({ read: () => undefined });
    const begun = noise.payload.length - noise.archive.bytes + 200_000;
    payload.push(noise.payload.subarray(0, begun));
    const ended = host.client.run([noise.stage(by)], { timeoutMs: 30_000, payload });
    const spools = () =>
      readdirSync(join(host.root, '.fleet')).filter((name) => name.startsWith('spool'));
    await expect.poll(spools).toHaveLength(1);
    fill();
    payload.push(noise.payload.subarray(begun));
    payload.push(null);
    expect(await ended).toMatchObject({ failure: { code: 'disk_full' } });
    expectUntouched();
    await expectStaged(noise);
  });

  test('while a release is unpacked', async () => {
    const outcome = await host.run([large.stage(by)], large.payload);
    expect(outcome).toMatchObject({
      failure: { code: 'disk_full', message: 'tar failed: no space left on the device' },
    });
    expectUntouched();
    await expectStaged(noise);
  });

  test.each([
    ['before version.json is written', 'rm', `/usr/bin/rm "$@"; code=$?`],
    ['before what is written is on disk', 'sync', `code=0; echo 'sync: No space left' >&2; exit 1`],
  ])('%s', async (_, tool, script) => {
    const text = `#!/bin/sh\n${script}\nhead -c 90000000 /dev/zero >${filler()} 2>/dev/null\nexit $code\n`;
    host.tool(tool, text);
    const outcome = await host.run([noise.stage(by)], noise.payload);
    expect(codeOf(outcome)).toMatch(/^(disk_full|step_failed)$/);
    host.tool(tool, `#!/bin/sh\nexec /usr/bin/${tool} "$@"\n`);
    expectUntouched();
    await expectStaged(noise);
  });

  test('before an upload is begun', async () => {
    fill();
    const outcome = await host.run([noise.stage(by)], noise.payload);
    expect(outcome).toMatchObject({
      failure: {
        code: 'disk_full',
        message: expect.stringMatching(/have 0 KiB free .* need \d+ KiB/),
      },
    });
    expectUntouched();
    await expectStaged(noise);
  });

  test('of inodes', async () => {
    execFileSync('mount', ['-o', 'remount,nr_inodes=60', host.root]);
    const many = fakeRelease(
      4,
      Object.fromEntries(Array.from({ length: 90 }, (_, n) => [`f${n}`, 'x'])),
    );
    expect(await host.run([many.stage(by)], many.payload)).toMatchObject({
      failure: { code: 'disk_full', message: expect.stringContaining('no inodes left (df -i)') },
    });
    expectUntouched();
  });
});
