import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stepWords } from '../../src/host/command.js';
import type { Step } from '../../src/host/protocol/protocol.js';
import { readFacts, readPartial } from '../../src/host/reply/facts.js';
import { claimStep, factsStep, type Ownership, unclaimStep } from '../../src/host/steps/steps.js';
import { claim, ownership } from './support/deploy.js';
import { ALL_SHELLS, createFakeHost, type FakeHost, SERVICE } from './support/fake-host.js';
import { type FakeRelease, fakeRelease } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';

/** It does not shrink when it is packed. */
const noise = randomBytes(100_000).toString('base64');
const one = fakeRelease(1, { app: 'release 1', noise });
const two = fakeRelease(2);
const size = one.archive.bytes;
const half = Math.floor(size / 2);
/** The manifest comes first. */
const head = one.payload.subarray(0, one.payload.length - size);
const packed = one.payload.subarray(head.length);
/** What is sent if the host has that many bytes. */
const restFrom = (received: number): Buffer => Buffer.concat([head, packed.subarray(received)]);

let host: FakeHost;
afterEach(() => host.stop());

const claimFor = (by: Ownership, release: FakeRelease): Step =>
  claimStep(by, { owner: 'ann', leaseMs: 60_000, expect: null, archive: release.archive.sha256 });

/** Sends the rest of a release from that byte on. */
function stageRest(release: FakeRelease, by: Ownership, received: number): Step {
  const { verb, args } = release.stage(by);
  const rest = String(release.archive.bytes - received);
  return { verb, args: [...args, ['offset', String(received)], ['rest', rest]] };
}

const spools = (): readonly string[] =>
  readdirSync(join(host.root, '.fleet')).filter((name) => name.startsWith('spool'));
const spoolPath = (): string => join(host.root, '.fleet', spools()[0] ?? 'none');
const sizes = (): readonly number[] =>
  spools().map((name) => statSync(join(host.root, '.fleet', name)).size);
const releases = (): readonly string[] => readdirSync(join(host.root, 'releases'));

/** The connection ends after the first half. */
function cutOff(by: Ownership): void {
  const [program = ''] = readdirSync(join(host.root, '.fleet/bin'));
  const words = stepWords(host.root, [one.stage(by)]);
  const input = one.payload.subarray(0, head.length + half);
  const { env } = host;
  const ended = spawnSync('sh', [join(host.root, '.fleet/bin', program), ...words], { input, env });
  expect(ended.stdout.toString()).toContain(`received ${half} of ${size} bytes`);
  expect(spools()).toHaveLength(1);
}

describe.each(ALL_SHELLS)('an upload that was cut off (%s)', (shell) => {
  beforeEach(async () => {
    host = createFakeHost(shell);
    await host.run([claimFor(ownership(1), one)]);
    cutOff(ownership(1));
  });

  test('goes on where it ended, in the same run', async () => {
    const by = ownership(1);
    const asked = await host.run([{ verb: 'status', args: [] }]);
    expect(readPartial(asked.events)).toEqual([{ sha256: one.archive.sha256, bytes: half }]);
    const outcome = await host.run([stageRest(one, by, half)], restFrom(half));
    expect(codeOf(outcome)).toBe('ok');
    expect(releases()).toEqual([one.id]);
    expect(spools()).toEqual([]);
  });

  test('goes on in the next run of the same content', async () => {
    await host.run([unclaimStep(ownership(1))]);
    const facts = await host.run([factsStep(SERVICE, [], { releases: true })]);
    expect(readFacts(facts.events)?.partial).toEqual([{ sha256: one.archive.sha256, bytes: half }]);
    const by = ownership(2);
    for (const time of ['first', 'again']) {
      const claimed = await host.run([claimFor(by, one)]);
      expect(readPartial(claimed.events), time).toEqual([
        { sha256: one.archive.sha256, bytes: half },
      ]);
    }
    const outcome = await host.run([stageRest(one, by, half)], restFrom(half));
    expect(codeOf(outcome)).toBe('ok');
    expect(spools()).toEqual([]);
  });

  test('goes on from a complete archive without a byte', async () => {
    writeFileSync(spoolPath(), packed);
    const outcome = await host.run([stageRest(one, ownership(1), size)], restFrom(size));
    expect(codeOf(outcome)).toBe('ok');
  });

  test('is refused if what is there is less than the bastion goes on after, and is kept', async () => {
    const more = half + 1;
    const outcome = await host.run([stageRest(one, ownership(1), more)], restFrom(more));
    expect(codeOf(outcome)).toBe('digest_mismatch');
    expect(spools()).toHaveLength(1);
    expect(statSync(spoolPath()).size).toBe(half);
    expect(releases()).toEqual([]);
  });

  test('goes on from less than is there', async () => {
    const less = half - 10;
    const outcome = await host.run([stageRest(one, ownership(1), less)], restFrom(less));
    expect(codeOf(outcome)).toBe('ok');
    expect(spools()).toEqual([]);
  });

  test('and damaged meanwhile is found, dropped, and sent whole', async () => {
    const damaged = readFileSync(spoolPath());
    damaged.writeUInt8(damaged.readUInt8(30) ^ 1, 30);
    writeFileSync(spoolPath(), damaged);
    const by = ownership(1);
    const outcome = await host.run([stageRest(one, by, half)], restFrom(half));
    expect(codeOf(outcome)).toBe('digest_mismatch');
    expect(spools()).toEqual([]);
    expect(codeOf(await host.run([one.stage(by)], one.payload))).toBe('ok');
  });

  test('is deleted by the next run of other content, and by a rollback', async () => {
    await host.run([unclaimStep(ownership(1))]);
    await host.run([claimFor(ownership(2), two)]);
    expect(spools()).toEqual([]);
    cutOff(ownership(2));
    await host.run([unclaimStep(ownership(2))]);
    await host.run([claim(ownership(3), null)]);
    expect(spools()).toEqual([]);
  });
});

describe('an upload whose lost twin still receives', () => {
  const by = ownership(1);
  beforeEach(async () => {
    host = createFakeHost();
    await host.run([claimFor(by, one)]);
  });

  async function lostTwin(bytes: number) {
    const payload = new Readable({ read: () => undefined });
    payload.push(one.payload.subarray(0, head.length + bytes));
    const ended = host.client.run([one.stage(by)], { timeoutMs: 30_000, payload });
    // head writes whole buffers.
    await expect.poll(sizes).toEqual([expect.toSatisfy((each) => each > bytes - 10_000)]);
    return {
      push: (from: number, to: number) => payload.push(packed.subarray(from, to)),
      end: () => {
        payload.push(null);
        return ended;
      },
    };
  }

  test('begins with a copy of what the twin has, so that neither spoils the other', async () => {
    const twin = await lostTwin(half);
    const [lost] = spools();
    const payload = new Readable({ read: () => undefined });
    payload.push(head);
    const from = sizes()[0] ?? 0;
    const ended = host.client.run([stageRest(one, by, from)], { timeoutMs: 30_000, payload });
    await expect.poll(() => spools()[0]).not.toBe(lost);
    // What the twin receives late goes into its own file, which has no name any more.
    twin.push(half, half + 20_000);
    payload.push(packed.subarray(from));
    payload.push(null);
    expect(codeOf(await ended)).toBe('ok');
    expect(releases()).toEqual([one.id]);
    expect(codeOf(await twin.end())).toBe('ok');
    await expect.poll(spools).toEqual([]);
  });

  test('sends the whole if the twin is left alone, and the faster one publishes', async () => {
    const twin = await lostTwin(half);
    expect(codeOf(await host.run([one.stage(by)], one.payload))).toBe('ok');
    twin.push(half, size);
    expect(codeOf(await twin.end())).toBe('ok');
    expect(releases()).toEqual([one.id]);
    expect(spools()).toEqual([]);
  });
});

test('links and foreign names among the spools are neither reported nor followed', async () => {
  host = createFakeHost();
  await host.run([claimFor(ownership(1), one)]);
  const fleet = join(host.root, '.fleet');
  appendFileSync(join(fleet, 'spool-1-old'), 'an older fleet made it');
  appendFileSync(join(fleet, `spool-${'g'.repeat(64)}-1-x`), 'no checksum');
  const asked = await host.run([{ verb: 'status', args: [] }]);
  expect(readPartial(asked.events)).toEqual([]);
});
