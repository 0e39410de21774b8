import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHostClient } from '../../src/host/client.js';
import { loadHostProgram } from '../../src/host/program.js';
import { readFacts } from '../../src/host/reply/facts.js';
import {
  armStep,
  confirmStep,
  factsStep,
  revertStep,
  unclaimStep,
  verifyStep,
} from '../../src/host/steps/steps.js';
import type { DeadMan } from '../../src/model/runs/dead-man.js';
import { activationSteps, claim, deploy, ownership, WATCH } from './support/deploy.js';
import { type FakeHost, SERVICE, SHELLS } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { localConnection } from './support/local-connection.js';
import { hostsAfter } from './support/templates.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const by = ownership(2);

let host: FakeHost;
afterEach(() => host.stop());

const withOne = hostsAfter(async (template) => {
  await deploy(template, ownership(1), { from: null, to: one });
});

/** A host on `one`, claimed by run 2, which has `two` staged there. */
async function begin(shell?: (typeof SHELLS)[number]): Promise<void> {
  host = await withOne(shell);
  await host.run([claim(by, one.id)]);
  await host.run([two.stage(by)], two.payload);
}

function switching(deadMan: DeadMan, withinMs: number) {
  const [, ...rest] = activationSteps(by, one.id, two.id);
  return [
    armStep(by, { from: one.id, to: two.id, version: '{}', deadMan, withinMs }, WATCH),
    ...rest,
  ];
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !what(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(what(), JSON.stringify([host.state(), waiting()])).toBe(true);
}

/** Processes that wait as the switch of the open transaction, by their command line. */
function waiting(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readText(`/proc/${pid}/cmdline`))
    .filter((line) => line.includes(`txn=${by.txn}\0guard=1`) && line.includes(host.dir));
}

/** Ends the program of this host, as a killed session does; its switch lives on. */
function killSteps(): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const line = readText(`/proc/${pid}/cmdline`);
    const step = line.includes(`root=${host.root}`) && !line.includes('guard=1');
    if (step && Number(pid) !== process.pid) process.kill(Number(pid), 'SIGKILL');
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

const codeOf = async (steps: Parameters<FakeHost['run']>[0]) => {
  const outcome = await host.run(steps);
  return outcome.kind === 'failed' ? outcome.failure.code : outcome.kind;
};

describe.each(SHELLS)('a host that hears nothing more, in %s', (shell) => {
  test.each(['system', 'user', 'process'] as const)(
    'rolls itself back in time, by a timer of the %s',
    async (tier) => {
      await begin(shell);
      expect(await codeOf(switching(tier, 1500))).toBe('ok');
      expect(host.current()).toBe(`releases/${two.id}`);
      await until(() => host.state().phase === 'idle');
      await until(() => host.state().switch === '');
      expect(host.current()).toBe(`releases/${one.id}`);
      expect(host.cwd('shop.service')).toBe(join(host.root, 'releases', one.id));
      expect(readText(join(host.root, '.fleet/releases', two.id))).toMatch(/^staged /);
      expect(await codeOf([confirmStep(by, NOW)])).toBe('wrong_phase');
      expect(await codeOf([revertStep(by, NOW, WATCH), unclaimStep(by)])).toBe('ok');
      const next = ownership(3);
      expect(await codeOf([claim(next, one.id)])).toBe('ok');
    },
  );
});

describe('a switch', () => {
  beforeEach(() => begin());

  test('that is a process goes when it is confirmed', async () => {
    expect(await codeOf(switching('process', 60_000))).toBe('ok');
    expect(waiting().length).toBeGreaterThan(0);
    expect(await codeOf([confirmStep(by, NOW)])).toBe('ok');
    await until(() => waiting().length === 0);
    expect(host.state()).toMatchObject({ phase: 'idle', switch: '' });
  });

  test('that is a timer elapses after it was confirmed, and changes nothing', async () => {
    expect(await codeOf(switching('system', 2500))).toBe('ok');
    expect(await codeOf([confirmStep(by, NOW)])).toBe('ok');
    const before = host.state();
    await until(() => waiting().length === 0);
    expect(host.state()).toEqual(before);
    expect(host.current()).toBe(`releases/${two.id}`);
  });

  test('guards the way back of a host that was confirmed', async () => {
    expect(await codeOf(switching('process', 60_000))).toBe('ok');
    expect(await codeOf([confirmStep(by, NOW)])).toBe('ok');
    const slow = { ...WATCH, minHealthyMs: 600, healthyDeadlineMs: 60_000 };
    const arming = { deadMan: 'process', withinMs: 1500 } as const;
    const cut = host.run([revertStep(by, NOW, { ...slow, minHealthyMs: 30_000 }, arming)]);
    await until(() => host.cwd('shop.service')?.endsWith(one.id) === true);
    killSteps();
    expect(await cut).toMatchObject({ kind: 'lost' });
    expect(host.state().phase).toBe('reverting');
    writeFileSync(
      join(host.root, '.fleet', 'recipe'),
      readText(join(host.root, '.fleet', 'recipe')).replace('30000', '300'),
    );
    await until(() => host.state().phase === 'idle');
    expect(host.current()).toBe(`releases/${one.id}`);
  });

  test('finds nothing to do when its transaction was confirmed in the last moment', async () => {
    await host.run(switching('system', 1200));
    await host.run([confirmStep(by, NOW)]);
    await host.run([unclaimStep(by)]);
    const program = join(
      host.root,
      '.fleet/bin',
      readdirSync(join(host.root, '.fleet/bin'))[0] ?? '',
    );
    const { spawnSync } = await import('node:child_process');
    const args = [program, 'step', 'revert', `root=${host.root}`, `txn=${by.txn}`, 'guard=1'];
    expect(spawnSync('sh', args, { env: host.env, encoding: 'utf8' }).stdout).toContain(
      '"repeated":true',
    );
    expect(host.current()).toBe(`releases/${two.id}`);
  });

  test('that has gone keeps the link from moving', async () => {
    const [arm, activate] = switching('system', 60_000);
    if (arm === undefined || activate === undefined) throw new Error('there are steps');
    await host.run([arm]);
    const timers = join(host.dir, 'units/.timers');
    const timer = `fleet-${by.txn}.timer`;
    process.kill(-Number(readText(join(timers, timer))), 'SIGKILL');
    expect(await codeOf([activate])).toBe('not_armed');
    expect(host.current()).toBe(`releases/${one.id}`);
    expect(await codeOf([revertStep(by, NOW, WATCH)])).toBe('ok');
    expect(host.state().phase).toBe('idle');
  });

  test('whose time is over keeps the link from moving', async () => {
    const [arm, activate] = switching('system', 60_000);
    if (arm === undefined || activate === undefined) throw new Error('there are steps');
    await host.run([arm]);
    appendFileSync(join(host.root, '.fleet/state'), 'deadline=1\n');
    expect(await codeOf([activate])).toBe('not_armed');
    expect(host.current()).toBe(`releases/${one.id}`);
  });

  test('that cannot be started leaves the host as it was', async () => {
    writeFileSync(join(host.dir, 'no-systemd-run'), '');
    expect(await codeOf(switching('system', 60_000))).toBe('dead_man_unavailable');
    expect(host.state().phase).toBe('staged');
    expect(host.current()).toBe(`releases/${one.id}`);
    expect(await codeOf([unclaimStep(by)])).toBe('ok');
  });

  test('is reported in facts, with the time that is left', async () => {
    await host.run(switching('system', 60_000));
    const facts = await factsOf({ releases: false, tiers: true });
    expect(facts).toMatchObject({ switch: 'system', rebooted: false });
    expect(facts?.deadline).toBeGreaterThan(50);
    expect(facts?.lease).toBeGreaterThan(50);
  });

  test('of the kind that the last one was of is taken to be there, but for a doctor', async () => {
    await host.run(switching('system', 60_000));
    takeRights();
    const asked = { releases: false, tiers: true };
    expect((await factsOf(asked))?.deadMan).toEqual(['system']);
    expect((await factsOf({ ...asked, doctor: true }))?.deadMan).not.toContain('system');
  });

  test('that another program armed is not taken to be there: it may have asked sudo otherwise', async () => {
    await host.run(switching('system', 60_000));
    appendFileSync(join(host.root, '.fleet/state'), `program=${'f'.repeat(64)}\n`);
    takeRights();
    expect((await factsOf({ releases: false, tiers: true }))?.deadMan).not.toContain('system');
  });

  test('that could not be armed is not taken to be there the next time', async () => {
    host.tool('systemd-run', '#!/bin/sh\nexit 1\n');
    expect(await codeOf(switching('system', 60_000))).toBe('dead_man_unavailable');
    takeRights();
    expect((await factsOf({ releases: false, tiers: true }))?.deadMan).not.toContain('system');
  });
});

/** From here on the host sees another user, whom sudo allows nothing. */
function takeRights(): void {
  host.tool('id', '#!/bin/sh\necho 1000\n');
  host.tool('sudo', '#!/bin/sh\nexit 1\n');
}

/** Read over a connection of its own: a channel knows its user from its beginning. */
async function factsOf(options: Parameters<typeof factsStep>[2]) {
  const client = createHostClient({
    connect: localConnection({ env: host.env }),
    root: host.root,
    program: loadHostProgram(),
  });
  const steps = [factsStep(SERVICE, [], options)];
  return readFacts((await client.run(steps, { timeoutMs: 10_000 })).events);
}

describe('a host that was booted in the middle of a switch', () => {
  beforeEach(async () => {
    await begin();
    await host.run(switching('system', 60_000));
    appendFileSync(join(host.root, '.fleet/state'), 'boot=an-earlier-one\n');
  });

  test('goes only back: its transaction is neither verified nor confirmed', async () => {
    expect(await codeOf([confirmStep(by, NOW)])).toBe('rebooted');
    appendFileSync(join(host.root, '.fleet/state'), 'phase=restarted\n');
    expect(await codeOf([verifyStep(by, WATCH)])).toBe('rebooted');
    expect(await codeOf([revertStep(by, NOW, WATCH)])).toBe('ok');
    expect(host.current()).toBe(`releases/${one.id}`);
  });

  test('is neither armed nor switched on', async () => {
    appendFileSync(join(host.root, '.fleet/state'), 'phase=armed\n');
    const [arm, activate] = switching('system', 60_000);
    if (arm === undefined || activate === undefined) throw new Error('there are steps');
    expect(await codeOf([arm])).toBe('rebooted');
    expect(await codeOf([activate])).toBe('rebooted');
  });

  test('is rolled back by the guard, by link alone, before its units start', async () => {
    const before = host.actions().length;
    expect(await codeOf([{ verb: 'guard', args: [] }])).toBe('ok');
    expect(host.current()).toBe(`releases/${one.id}`);
    expect(host.state()).toMatchObject({ phase: 'idle', run: 'run2' });
    expect(host.actions().length).toBe(before);
    expect(readText(join(host.root, '.fleet/releases', two.id))).toMatch(/^staged /);
  });
});

test('the guard leaves a host alone whose transaction is of this boot', async () => {
  await begin();
  await host.run(switching('system', 60_000));
  expect(await codeOf([{ verb: 'guard', args: [] }])).toBe('ok');
  expect(host.current()).toBe(`releases/${two.id}`);
  expect(existsSync(join(host.root, '.fleet', 'recipe'))).toBe(true);
});
