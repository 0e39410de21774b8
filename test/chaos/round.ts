import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { EXIT } from '../../src/errors/codes.js';
import type { Bastion, Running } from '../e2e/support/bastion.js';
import { judgeBackups, judgeRestore, writeData } from './backups.js';
import { type HostReading, judgeHost, judgeRecovered, type Violation } from './checker.js';
import {
  type ControllerEnd,
  chaosConfig,
  deployArgs,
  makeRelease,
  reportOf,
  rollbackArgs,
} from './controllers.js';
import { type Disturbance, disturb, recoverFrom } from './disturbance.js';
import { type Reverts, revertsIn } from './figures.js';
import type { ChaosHost } from './fleet-setup.js';
import { plantForeign } from './foreign.js';
import { type HookEvidence, judgeHooks } from './hook-check.js';
import { readHookLines, readHookRecords } from './hooks.js';
import { mend } from './host-faults.js';
import { readProcesses } from './host-process.js';
import { isUnfinished, readHostLog, readHostState, type Transition } from './host-state.js';
import { currentRelease, readCurrent, readHostTree } from './host-tree.js';
import { readJournals } from './journals.js';
import type { Flaw } from './releases.js';
import { resumeRuns } from './resume.js';
import type { FaultKind, Job, Scenario } from './scenario.js';
import { CONFIRM_DEADLINE_MS, MARGIN_MS } from './times.js';
import { excuseFor, type Trial } from './watch.js';
import type { World } from './world.js';

/** What came of one run. */
export interface RoundResult {
  readonly scenario: Scenario;
  readonly ms: number;
  readonly ends: readonly ControllerEnd[];
  readonly injected: readonly FaultKind[];
  readonly missed: readonly FaultKind[];
  readonly reverts: Reverts;
  /** Hosts that were left down, as recover or status tells. */
  readonly down: readonly string[];
  readonly trials: readonly Trial[];
  readonly violations: readonly Violation[];
}

/** One run: a job, what is done to it, and two judgements: before anyone helps, and after. */
export async function playRound(world: World, scenario: Scenario): Promise<RoundResult> {
  const began = performance.now();
  const logs = world.hosts.map(({ root }) => readHostLog(root).lines.length);
  const disturbance: Disturbance = {
    injected: [],
    missed: [],
    ends: [],
    violations: [],
    takenOver: false,
  };
  const word = `s${world.seed}-${scenario.number}`;
  await writeData(world.hosts, word);
  await plantForeign(world, scenario);
  await setVeto(world, scenario);
  await play(world, scenario, disturbance);
  await Promise.all(touched(world, scenario).map(mend));
  await settle(world, began);
  const before = await readAll(world, began);
  const violations = before.flatMap((reading) => judgeHost(reading, world.known));
  violations.push(...judgeSuccess(disturbance.ends, before));

  const own = (scenario.rescuer === 'own') !== disturbance.takenOver;
  const rescuer = own ? world.bastions.own : world.bastions.other;
  if (own && scenario.resume !== null) {
    await resumeRuns({ bastion: rescuer, how: scenario.resume, disturbance });
  }
  const recovery = await recoverFrom(rescuer, 'recover', disturbance);
  const down = await reviveUnits(world, began);
  violations.push(...judgeRecovery(recovery, down));
  const after = await readAll(world, began);
  violations.push(...after.flatMap((reading) => judgeHost(reading, world.known)));
  violations.push(...after.flatMap((reading) => judgeRecovered(reading, world.known)));
  const fresh = new Map(
    world.hosts.map(({ name, root }, index) => [name, readHostLog(root).lines.slice(logs[index])]),
  );
  violations.push(...judgeBackups(world.hosts, fresh, word), ...judgeHooks(evidenceOf(world)));
  violations.push(...(await restoreOne(world, scenario, fresh)));
  const seen = world.watch.take();
  return {
    scenario,
    ms: performance.now() - began,
    ends: disturbance.ends,
    injected: disturbance.injected,
    missed: disturbance.missed,
    reverts: revertsIn([...fresh.values()]),
    down,
    trials: seen.trials,
    violations: unique([...disturbance.violations, ...seen.violations, ...violations]),
  };
}

/** The hook of one host says no, until it is mended. */
async function setVeto(world: World, { veto }: Scenario): Promise<void> {
  await world.hosts.find(({ name }) => name === veto)?.host.run('touch /home/deploy/veto');
}

const evidenceOf = ({ hosts, bastions }: World): HookEvidence => ({
  journals: readJournals(Object.values(bastions)),
  lines: readHookLines(hosts, Object.values(bastions)),
  records: readHookRecords(hosts),
  logs: new Map(hosts.map(({ name, root }) => [name, readHostLog(root).lines])),
});

/** The backup of what the host was activated with last in this round. */
async function restoreOne(
  { hosts, bastions }: World,
  { restore }: Scenario,
  fresh: ReadonlyMap<string, readonly Transition[]>,
): Promise<readonly Violation[]> {
  const host = hosts.find(({ name }) => name === restore);
  const run = fresh.get(restore ?? '')?.findLast(({ after }) => after === 'linked')?.run;
  if (host === undefined || run === undefined) return [];
  if (readHostState(host.root)?.phase !== 'idle') return [];
  return judgeRestore(bastions.own, host, run);
}

async function play(world: World, scenario: Scenario, disturbance: Disturbance): Promise<void> {
  const { own, other } = world.bastions;
  for (const bastion of [own, other]) bastion.configure(chaosConfig(scenario.policy));
  const id = `s${world.seed}-${scenario.number}`;
  const start = (bastion: Bastion, job: Job, release: { id: string; flaw: Flaw }): Running => {
    if (job === 'rollback') return bastion.start(rollbackArgs(scenario, candidates(world)));
    world.known.set(release.id, makeRelease(bastion, release.id, release.flaw));
    return bastion.start(deployArgs(release.id));
  };
  await disturb(scenario.faults, {
    world,
    running: start(own, scenario.job, { id, flaw: scenario.flaw }),
    role: scenario.job,
    startSecond: (job) => start(other, job, { id: `${id}-second`, flaw: 'none' }),
    disturbance,
  });
}

/** Releases that every host has as healthy, and that some host is not on. */
function candidates({ hosts, known }: World): readonly string[] {
  const trees = hosts.map(({ root }) => readHostTree(root));
  return [...known.keys()].filter(
    (id) =>
      trees.every(({ releases }) => releases.get(id)?.standing === 'healthy') &&
      trees.some(({ current }) => currentRelease(current) !== id),
  );
}

function touched(world: World, { faults, veto }: Scenario): readonly ChaosHost[] {
  const names = new Set(faults.flatMap((fault) => ('hosts' in fault ? fault.hosts : [])));
  if (veto !== null) names.add(veto);
  return world.hosts.filter(({ name }) => names.has(name));
}

/** Waits until every switch has had its time, or has nothing left to do. */
async function settle(world: World, since: number): Promise<void> {
  const deadline = performance.now() + CONFIRM_DEADLINE_MS + MARGIN_MS;
  const isOpen = (host: ChaosHost): boolean =>
    isUnfinished(
      readHostState(host.root),
      currentRelease(readCurrent(host.root)),
      readHostLog(host.root),
    ) && excuseFor(host, world.ledger, since) === null;
  while (performance.now() < deadline && world.hosts.some(isOpen)) await sleep(100);
}

function readAll(world: World, since: number): Promise<readonly HostReading[]> {
  const limit = pLimit(4);
  return limit.map(world.hosts, async (host) => ({
    name: host.name,
    tree: readHostTree(host.root),
    processes: await readProcesses(host.host),
    // A torn line stays in the log, so every full disk so far counts.
    wasFull: world.ledger.happened(host.name, 'full-disk', 0),
    excuse: excuseFor(host, world.ledger, since),
  }));
}

/** I9: a run that says it succeeded, and was the last, has left every host idle on its release. */
function judgeSuccess(
  ends: readonly ControllerEnd[],
  readings: readonly HostReading[],
): readonly Violation[] {
  const runs = ends.filter(
    ({ role }) => role !== 'takeover' && role !== 'recover' && !role.startsWith('resume'),
  );
  const report = runs.length === 1 && runs[0] !== undefined ? reportOf(runs[0]) : null;
  if (report?.state !== 'succeeded') return [];
  const done = report.hosts.filter(({ state }) => state === 'done').map(({ host }) => host);
  return readings
    .filter(({ name }) => done.includes(name))
    .filter(
      ({ tree }) => tree.state?.phase !== 'idle' || currentRelease(tree.current) !== report.release,
    )
    .map(({ name }) => ({
      invariant: 'I9',
      host: name,
      what: `is not idle on ${report.release}, and the run says that it succeeded`,
    }));
}

/** I11: recovery ends, and says that it has not mended what it has not. */
function judgeRecovery({ code }: ControllerEnd, down: readonly string[]): readonly Violation[] {
  if (code === EXIT.ok || (code === EXIT.incomplete && down.length > 0)) return [];
  return [{ invariant: 'I11', host: down.join(' '), what: `recover ended with ${code}` }];
}

/**
 * Starts the units that a fault has killed in idle, as a person would. Answers with the hosts that
 * fleet itself has given up.
 */
async function reviveUnits(world: World, since: number): Promise<readonly string[]> {
  const phase = ({ root }: ChaosHost): string => readHostState(root)?.phase ?? '';
  const killed = world.hosts.filter(
    (host) =>
      phase(host) === 'idle' &&
      (['unit-killed', 'sick'] as const).some((event) =>
        world.ledger.happened(host.name, event, since),
      ),
  );
  const script =
    'systemctl is-active -q shop || { systemctl reset-failed shop; systemctl start shop; }; true';
  await Promise.all(killed.map(({ host }) => host.run(script)));
  return world.hosts.filter((host) => phase(host) === 'down').map(({ name }) => name);
}

function unique(violations: readonly Violation[]): readonly Violation[] {
  return [...new Map(violations.map((each) => [JSON.stringify(each), each])).values()];
}
