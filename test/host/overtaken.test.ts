import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/host/protocol/protocol.js';
import {
  adoptStep,
  armStep,
  type Ownership,
  revertStep,
  unclaimStep,
  verifyStep,
} from '../../src/host/steps/steps.js';
import { asRunId } from '../../src/model/names.js';
import { activationSteps, claim, deploy, ownership, revert, WATCH } from './support/deploy.js';
import type { FakeHost } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';
import { hostsAfter } from './support/templates.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const by = ownership(2);
const heir: Ownership = { epoch: 3, run: asRunId('run3'), txn: by.txn };
const takeOver = adoptStep(heir, { owner: 'bob', leaseMs: 60_000, over: by.run, force: true });
/** Long enough for something to come between. */
const slow = { ...WATCH, minHealthyMs: 1500, healthyDeadlineMs: 20_000 };

const withOne = hostsAfter(async (template) => {
  await deploy(template, ownership(1), { from: null, to: one });
});

let host: FakeHost;
beforeEach(async () => {
  host = await withOne();
  await host.run([claim(by, one.id)]);
  await host.run([two.stage(by)], two.payload);
});
afterEach(() => host.stop());

const [arm, activate, verify] = activationSteps(by, one.id, two.id) as [Step, Step, Step];
const stateFile = (): string => join(host.root, '.fleet/state');
const serves = (id: string) => () => host.cwd('shop.service')?.endsWith(id) === true;

describe('a step that waits', () => {
  test('for health is fenced where its host was taken over meanwhile', async () => {
    await host.run([arm, activate]);
    const watching = host.run([verifyStep(by, slow)]);
    await delay(300);
    expect(codeOf(await host.run([takeOver]))).toBe('ok');
    expect(codeOf(await watching)).toBe('fenced');
    expect(host.state()).toMatchObject({ phase: 'restarted', run: 'run3', epoch: '3' });
  });

  test('for health is refused where its switch was faster', async () => {
    await host.run([arm, activate]);
    const watching = host.run([verifyStep(by, slow)]);
    await delay(300);
    appendFileSync(stateFile(), 'phase=reverting\n');
    expect(codeOf(await watching)).toBe('wrong_phase');
    expect(host.state()).toMatchObject({ phase: 'reverting' });
  });

  test('for the way back is fenced where its host was taken over meanwhile', async () => {
    await host.run([arm, activate, verify]);
    const goingBack = host.run([revertStep(by, NOW, slow)]);
    await expect.poll(serves(one.id), { timeout: 5000 }).toBe(true);
    expect(codeOf(await host.run([takeOver]))).toBe('ok');
    expect(codeOf(await goingBack)).toBe('fenced');
    expect(host.state()).toMatchObject({ phase: 'reverting', run: 'run3' });
  });

  test('for the way back settles nothing that was settled meanwhile', async () => {
    await host.run([arm, activate, verify]);
    const goingBack = host.run([revertStep(by, NOW, slow)]);
    await expect.poll(serves(one.id), { timeout: 5000 }).toBe(true);
    appendFileSync(stateFile(), 'phase=down\n');
    expect(codeOf(await goingBack)).toBe('wrong_phase');
    expect(host.state()).toMatchObject({ phase: 'down' });
  });

  describe('for the rest of its payload', () => {
    const three = fakeRelease(3);
    const releases = (): readonly string[] => readdirSync(join(host.root, 'releases'));
    const spools = (): readonly string[] =>
      readdirSync(join(host.root, '.fleet')).filter((name) => name.startsWith('spool'));

    /** Sends the first bytes of a release; `rest` sends the others. */
    async function beginStaging() {
      const payload = new Readable({ read: () => undefined });
      const sent = three.payload.length - three.archive.bytes + 10;
      payload.push(three.payload.subarray(0, sent));
      const ended = host.client.run([three.stage(by)], { timeoutMs: 30_000, payload });
      const before = spools().length;
      await expect.poll(spools).toHaveLength(before + 1);
      return {
        payload,
        rest() {
          payload.push(three.payload.subarray(sent));
          payload.push(null);
          return ended;
        },
        ended,
      };
    }

    test('publishes nothing where its host was taken over', async () => {
      const staging = await beginStaging();
      expect(codeOf(await host.run([takeOver]))).toBe('ok');
      expect(codeOf(await staging.rest())).toBe('fenced');
      expect(releases()).not.toContain(three.id);
    });

    test('is fenced where another run has swept what it had received', async () => {
      const staging = await beginStaging();
      expect(codeOf(await host.run([unclaimStep(by)]))).toBe('ok');
      expect(codeOf(await host.run([claim(ownership(3), one.id)]))).toBe('ok');
      expect(spools()).toEqual([]);
      expect(codeOf(await staging.rest())).toBe('fenced');
      expect(releases()).not.toContain(three.id);
    });

    test('finds the release there where it was lost, and its twin was quicker', async () => {
      const lost = await beginStaging();
      expect(codeOf(await host.run([three.stage(by)], three.payload))).toBe('ok');
      expect(codeOf(await lost.rest())).toBe('ok');
      expect(releases()).toEqual([one.id, two.id, three.id].sort());
      expect(spools()).toEqual([]);
    });

    test('does not spoil its twin by what it leaves when it was cut off', async () => {
      const lost = await beginStaging();
      const twin = await beginStaging();
      lost.payload.destroy(new Error('the disk is gone'));
      expect(await lost.ended).toMatchObject({ kind: 'lost' });
      expect(codeOf(await twin.rest())).toBe('ok');
      expect(releases()).toContain(three.id);
      await expect.poll(spools).toEqual([]);
    });
  });
});

describe('a switch that fires', () => {
  /** What systemd starts when the time has come. */
  function fire(txn: string): string {
    const [program = ''] = readdirSync(join(host.root, '.fleet/bin'));
    const path = join(host.root, '.fleet/bin', program);
    const args = [path, 'step', 'revert', `root=${host.root}`, `txn=${txn}`, 'guard=1'];
    return spawnSync('sh', args, { env: host.env, encoding: 'utf8' }).stdout;
  }

  test('late, for a transaction that is over, leaves the one that is open alone', async () => {
    await host.run([arm, activate, verify]);
    expect(fire('run1-web1')).toContain('"code":"wrong_phase"');
    expect(host.current()).toBe(`releases/${two.id}`);
    expect(host.state()).toMatchObject({ phase: 'verified', txn: by.txn });
  });

  describe('while something else has the lock', () => {
    let holder: ReturnType<typeof spawn>;
    beforeEach(async () => {
      await host.run([arm, activate]);
      host.tool('flock', '#!/bin/sh\nexec /usr/bin/flock -w 0.3 9\n');
      const lock = join(host.root, '.fleet/lock');
      holder = spawn('/usr/bin/flock', ['-o', lock, 'sh', '-c', 'echo locked; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      if (holder.stdout !== null) await once(holder.stdout, 'data');
    });
    afterEach(() => void holder.kill('SIGKILL'));

    const startOf = (pid: number | undefined): string =>
      readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? '';
    const alive = (): boolean => holder.exitCode === null && holder.signalCode === null;

    function nameHolder(start: string): void {
      writeFileSync(join(host.root, '.fleet/holder'), `${holder.pid} ${start}\n`);
    }

    test('ends the step that is named as its holder, and rolls the host back', async () => {
      nameHolder(startOf(holder.pid));
      expect(fire(by.txn)).toContain('"ok":true');
      expect(host.current()).toBe(`releases/${one.id}`);
      await expect.poll(alive).toBe(false);
    });

    test('ends no process that has come to the number of a step', () => {
      nameHolder('1');
      expect(fire(by.txn)).toContain('"code":"locked"');
      expect(alive()).toBe(true);
    });

    test('is the only one that does so', async () => {
      nameHolder(startOf(holder.pid));
      expect(codeOf(await host.run([revert(by)]))).toBe('locked');
      expect(alive()).toBe(true);
    });
  });

  test('is waited for by no one once it has gone: its process is known by more than a number', async () => {
    const move = {
      from: one.id,
      to: two.id,
      version: '{}',
      deadMan: 'process',
      withinMs: 60_000,
    } as const;
    await host.run([armStep(by, move, WATCH)]);
    const bystander = spawn('sleep', ['60'], { detached: true });
    appendFileSync(stateFile(), `switch=process:${bystander.pid}:1\n`);
    expect(codeOf(await host.run([activate]))).toBe('not_armed');
    expect(codeOf(await host.run([revert(by)]))).toBe('ok');
    await delay(200);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    bystander.kill('SIGKILL');
  });
});
