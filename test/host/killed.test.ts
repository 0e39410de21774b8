import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Step } from '../../src/host/protocol/protocol.js';
import { backupStep } from '../../src/host/steps/backup-steps.js';
import { confirmStep, pruneSteps, unclaimStep } from '../../src/host/steps/steps.js';
import { NO_BACKUP } from '../../src/model/releases/backup.js';
import { activationSteps, claim, deploy, ownership, revert } from './support/deploy.js';
import { createFakeHost, type FakeHost } from './support/fake-host.js';
import { type FakeRelease, fakeRelease, NOW } from './support/fake-release.js';
import { trap } from './support/traps.js';

const TOOLS =
  'cat chmod cp date dd df du gzip head ln ls mkdir mkfifo mv readlink rm sha256sum sync tar flock'.split(
    ' ',
  );

let host: FakeHost;
afterEach(() => host.stop());

const one = fakeRelease(1);
const two = fakeRelease(2);
const by = ownership(2);

function setTraps(): void {
  const folder = join(host.dir, 'traps');
  mkdirSync(folder);
  const reals = TOOLS.map((tool) => ['/usr/bin', '/bin'].map((bin) => join(bin, tool)));
  const fakes = ['systemctl', 'systemd-run'].map((tool) => [join(host.dir, 'bin', tool)]);
  for (const candidates of [...reals, ...fakes]) {
    const real = candidates.find(existsSync);
    if (real === undefined) throw new Error(`not here: ${candidates}`);
    writeFileSync(join(folder, basename(real)), trap(real), { mode: 0o755 });
  }
}

function armTrap(at: number, when: 'before' | 'after'): void {
  writeFileSync(join(host.dir, 'count'), `${at} ${when}\n`);
}

function disarm(): void {
  rmSync(join(host.dir, 'traps'), { recursive: true });
}

/** I1: current is absent, or resolves to a release that is whole. */
function expectCurrentComplete(): void {
  const link = join(host.root, 'current');
  if (!existsSync(link)) return;
  expect(readlinkSync(link)).toMatch(/^releases\/2026/);
  expect(readFileSync(join(link, 'app'), 'utf8')).toMatch(/^release/);
  expect(() => JSON.parse(readFileSync(join(link, 'version.json'), 'utf8'))).not.toThrow();
}

/** Everything on the host that has to be the same, however often a step was killed. */
function endState(): unknown {
  const { phase, run, epoch, txn, from, to } = host.state();
  const markers = join(host.root, '.fleet/releases');
  return {
    state: { phase, run, epoch, txn, from, to },
    current: host.current(),
    cwd: host.cwd('shop.service')?.replace(host.dir, ''),
    releases: readdirSync(join(host.root, 'releases'), { recursive: true }).sort(),
    versions: readdirSync(markers)
      .filter((id) => existsSync(join(host.root, 'releases', id)))
      .map((id) => readFileSync(join(host.root, 'releases', id, 'version.json'), 'utf8')),
    markers: readdirSync(markers).map((id) => readFileSync(join(markers, id), 'utf8')),
    fleet: readdirSync(join(host.root, '.fleet'))
      .filter((name) => name !== 'state.tmp')
      .sort(),
  };
}

interface Scenario {
  readonly name: string;
  readonly before: readonly (readonly Step[])[];
  readonly steps: readonly Step[];
  readonly payload?: FakeRelease;
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'claim', before: [], steps: [claim(by, one.id)] },
  {
    name: 'stage',
    before: [[claim(by, one.id)]],
    steps: [two.stage(by, [{ path: 'log', kind: 'folder' }])],
    payload: two,
  },
  {
    name: 'switch, confirm, prune and release',
    before: [[claim(by, one.id)], [two.stage(by)]],
    steps: [
      ...activationSteps(by, one.id, two.id),
      confirmStep(by, NOW),
      ...pruneSteps(by, [one.id]),
      unclaimStep(by),
    ],
  },
  {
    name: 'backup',
    before: [[claim(by, one.id)], [two.stage(by, [{ path: 'log', kind: 'folder' }])]],
    steps: [
      backupStep(
        by,
        { app: 'shop', host: 'web1', kind: 'deploy', from: one.id, to: two.id },
        { backup: { ...NO_BACKUP, paths: ['shared'], command: 'echo x >"$FLEET_BACKUP/x"' } },
      ),
    ],
  },
  {
    name: 'revert and release',
    before: [[claim(by, one.id)], [two.stage(by)], activationSteps(by, one.id, two.id)],
    steps: [revert(by), unclaimStep(by)],
  },
];

/** A host that has come to where the scenario begins; others start as copies of its root. */
async function begin(scenario: Scenario): Promise<void> {
  host = createFakeHost();
  host.unit('shop.service', { cwd: join(host.root, 'current') });
  mkdirSync(join(host.root, 'shared/log'), { recursive: true });
  await deploy(host, ownership(1), { from: null, to: one });
  for (const steps of scenario.before) {
    const stages = steps.some(({ verb }) => verb === 'stage');
    await host.run(steps, stages ? two.payload : undefined);
  }
}

function startCopyOf(template: string): void {
  host = createFakeHost();
  host.unit('shop.service', { cwd: join(host.root, 'current') });
  execFileSync('cp', ['-a', template, host.root]);
}

describe.each(SCENARIOS)('$name, killed at any command', (scenario) => {
  const send = () => host.run(scenario.steps, scenario.payload?.payload);

  test.each(['before', 'after'] as const)(
    '%s it, is finished by the same call',
    async (when) => {
      await begin(scenario);
      const template = host;
      startCopyOf(template.root);
      expect(await send()).toMatchObject({ kind: 'ok' });
      const whole = endState();
      host.stop();
      let kills = 0;
      for (let at = 1; ; at++) {
        startCopyOf(template.root);
        setTraps();
        armTrap(at, when);
        const outcome = await send();
        expectCurrentComplete();
        disarm();
        if (outcome.kind === 'ok') break;
        kills++;
        expect(outcome).toMatchObject({ kind: 'lost', failure: { exit: 'SIGKILL' } });
        const again = await send();
        expect(again, `killed ${when} command ${at}: ${JSON.stringify(again)}`).toMatchObject({
          kind: 'ok',
        });
        expectCurrentComplete();
        expect(endState(), `killed ${when} command ${at}`).toEqual(whole);
        host.stop();
      }
      template.stop();
      expect(kills).toBeGreaterThan(3);
    },
    120_000,
  );
});
