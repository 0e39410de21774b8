import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { expect, test } from 'vitest';
import type { Plan } from '../../../src/model/runs/plan.js';
import type { FakeHost } from '../../host/support/fake-host.js';
import type { Ending } from '../bastion.js';
import { recover, resume, rollout } from '../commands.js';
import type { CrashMode } from '../scenario.js';
import { type Crash, RealController, type Style } from './real-controller.js';
import { copiesOf, templateFor } from './real-fleet.js';
import { RUN, verdictOn } from './real-verdict.js';

const HOSTS = 5;
const MODES: readonly CrashMode[] = ['unsent', 'applied', 'answer-lost'];
/** A call takes a tenth of a second here: some of the points, unless all are asked for. */
const POINTS = process.env.FLEET_CRASH_POINTS ?? '6';
const AT_ONCE = 3;
/** One may find a host that an older step has not come to yet. */
const MOST_RECOVERIES = 3;

type Aftermath = 'recover' | 'resume';

/** What is run, and in which style. */
interface Played {
  readonly kind: Plan['kind'];
  readonly style: Style;
}

const PLAYED: readonly Played[] = [
  { kind: 'deploy', style: 'plain' },
  { kind: 'rollback', style: 'plain' },
  { kind: 'deploy', style: 'hooked' },
];

test.each(
  PLAYED.flatMap((played) =>
    (['recover', 'resume'] as const).map((aftermath) => ({ ...played, aftermath })),
  ),
)(
  'real hosts are brought to their end by $aftermath after a $style $kind that is killed at any call',
  async ({ kind, style, aftermath }) => {
    const template = await templateFor(kind);
    try {
      const calls = await callsOf({ kind, style }, template);
      expect(calls).toBeGreaterThan(30);
      const limit = pLimit(AT_ONCE);
      const points = chosen(calls, aftermath);
      const found = await Promise.all(
        points.map((crash) => limit(() => play({ kind, style }, aftermath, { template, crash }))),
      );
      expect(found.flat()).toEqual([]);
    } finally {
      template.stop();
    }
  },
  process.env.FLEET_CRASH_POINTS === undefined ? 600_000 : 3_600_000,
);

test('a host that was left in its switch, and that no one has recovered, is found out', async () => {
  const template = await templateFor('deploy');
  const crash: Crash = { call: 3 * HOSTS + 1, mode: 'answer-lost' };
  const hosts = copiesOf(template, HOSTS);
  try {
    const killed = new RealController({ name: RUN, style: 'plain', crash }, hosts);
    await killed.do(rollout('deploy'));
    await killed.close();
    expect(verdictOn('deploy', hosts, { style: 'plain', isWhole: false })).toEqual(
      expect.arrayContaining(['h1: it is claimed by judged', 'h1: I7: its phase is verified']),
    );
  } finally {
    for (const host of [template, ...hosts]) host.stop();
  }
}, 60_000);

test('a hook that ran twice or not at all, and a link without its backup, are found out', async () => {
  const template = await templateFor('deploy');
  const hosts = copiesOf(template, HOSTS);
  const [first] = hosts;
  if (first === undefined) throw new Error('there are hosts');
  const judged = { style: 'hooked', isWhole: true } as const;
  try {
    const controller = new RealController({ name: RUN, style: 'hooked' }, hosts);
    await controller.do(rollout('deploy'));
    await controller.close();
    expect(verdictOn('deploy', hosts, judged)).toEqual([]);
    const { txn = '' } = first.state();
    const log = join(first.dir, 'hooks.log');
    const [once, ...others] = linesOf(log).filter((line) => line.startsWith('before_activate-3 '));
    expect(others).toEqual([]);
    rmSync(join(first.root, '.fleet/backups', txn), { recursive: true });
    rmSync(join(first.root, '.fleet/hooks', RUN, `before_activate-6.${txn}`));
    writeFileSync(log, `${once}\n${once}\n`);
    expect(verdictOn('deploy', hosts, judged)).toEqual([
      'hook before_activate-3 ran twice',
      'hook before_activate-5.wave1 was skipped',
      'hook after_confirm-10 was skipped',
      `h1: ${txn} has no backup`,
      `h1: hook before_activate-6 of ${txn} was skipped`,
    ]);
  } finally {
    for (const host of [template, ...hosts]) host.stop();
  }
}, 60_000);

const linesOf = (file: string): readonly string[] => readFileSync(file, 'utf8').trim().split('\n');

/** Of a run that nothing befalls; the first five only read. */
async function callsOf({ kind, style }: Played, template: FakeHost): Promise<number> {
  const hosts = copiesOf(template, HOSTS);
  try {
    const controller = new RealController({ name: RUN, style }, hosts);
    expect(stateOf(await controller.do(rollout(kind)))).toBe('succeeded');
    await controller.close();
    expect(verdictOn(kind, hosts, { style, isWhole: true })).toEqual([]);
    return controller.calls;
  } finally {
    for (const host of hosts) host.stop();
  }
}

/**
 * Spread evenly over all calls that change something, with each way to be killed in turn. Those before a resume are
 * in the middle between those before a recovery: what follows differs, and the run until then does not.
 */
function chosen(calls: number, aftermath: Aftermath): readonly Crash[] {
  const all = Array.from({ length: calls - HOSTS }, (_, index) => index + HOSTS + 1).flatMap(
    (call) => MODES.map((mode) => ({ call, mode })),
  );
  if (POINTS === 'all') return all;
  const offset = aftermath === 'recover' ? 0.25 : 0.75;
  const wanted = Math.min(Number(POINTS), all.length);
  return Array.from({ length: wanted }, (_, index) => {
    const point = all[Math.floor(((index + offset) * all.length) / wanted)];
    if (point === undefined) throw new RangeError('no such point');
    return point;
  });
}

interface Trial {
  readonly template: FakeHost;
  readonly crash: Crash;
}

/** One run that is killed, and what comes after it; what was wrong then. */
async function play(
  { kind, style }: Played,
  aftermath: Aftermath,
  { template, crash }: Trial,
): Promise<readonly string[]> {
  const hosts = copiesOf(template, HOSTS);
  try {
    const killed = new RealController({ name: RUN, style, crash }, hosts);
    await killed.do(rollout(kind));
    let ended = await goOn(aftermath, hosts, { killed, style });
    await killed.close();
    // A claim that was under way may have come between the recovery and the plan of what is left.
    if (ended === 'refused') ended = await goOn(aftermath, hosts, { killed, style });
    const wanted = aftermath === 'resume' ? 'succeeded' : 'recovered';
    const wrong = ended === wanted ? [] : [`it ends ${ended}`];
    await recoverAll(hosts);
    const isWhole = ended === 'succeeded';
    return [...wrong, ...verdictOn(kind, hosts, { style, isWhole })].map(
      (sentence) => `${style} ${kind}, call ${crash.call} ${crash.mode}, ${aftermath}: ${sentence}`,
    );
  } finally {
    for (const host of hosts) host.stop();
  }
}

/** At once, while steps of the killed controller may still be under way. */
async function goOn(
  aftermath: Aftermath,
  hosts: readonly FakeHost[],
  { killed, style }: { readonly killed: RealController; readonly style: Style },
): Promise<string> {
  const next = new RealController({ name: RUN, style }, hosts);
  const ending = await next.do(
    aftermath === 'resume' ? resume({ plan: killed.plan, events: killed.journal }) : recover,
  );
  await next.close();
  return stateOf(ending);
}

async function recoverAll(hosts: readonly FakeHost[]): Promise<void> {
  for (let tries = 0; tries < MOST_RECOVERIES && hosts.some(isHeld); tries += 1) {
    const controller = new RealController({ name: `recovery${tries}`, style: 'plain' }, hosts);
    await controller.do(recover);
    await controller.close();
  }
}

const isHeld = (host: FakeHost): boolean => Boolean(host.state().run);

function stateOf(ending: Ending | null): string {
  if (ending === null) return 'killed';
  return ending.kind === 'concluded' ? ending.conclusion.state : ending.kind;
}
