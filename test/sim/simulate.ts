import type { RunState } from '../../src/model/runs/run.js';
import type { Ending } from './bastion.js';
import { type Command, planOnly, recover, resume, rollout } from './commands.js';
import type { Controller } from './controller.js';
import { fateOf } from './fate.js';
import type { Breakage, HostModel } from './host-model/host.js';
import { isOpen } from './host-model/program.js';
import type { Violation } from './invariants.js';
import type { Fault, Scenario } from './scenario.js';
import { isOver, World } from './world.js';

/** Everything is over by then: faults last minutes, deadlines little longer. */
const LIMIT_MS = 6 * 3_600_000;
/** A person who looks at a recovery that failed, and tries again later. */
const RETRY_PAUSE_MS = 60_000;
const MOST_TRIES = 12;

export interface SimOptions {
  readonly broken?: ReadonlySet<Breakage> | undefined;
  readonly trace?: ((line: string) => void) | undefined;
}

/** What came of a simulated run. */
export interface SimResult {
  readonly violation: Violation | null;
  readonly ending: Ending | null;
  readonly counts: { readonly calls: number; readonly transitions: number };
  /** Calls of what went on after the first controller: a recovery, or the resumed run. */
  readonly successorCalls: number;
  readonly virtualMs: number;
}

/** Plays a scenario to its end: the run, its faults, the recovery, and every deadline. */
export async function simulate(scenario: Scenario, options: SimOptions = {}): Promise<SimResult> {
  const world = new World(scenario, { ...options, fateOf });
  const first = world.controller('run1');
  world.scheduler.at(0, () => launch(world, first, commandOf(scenario)));
  for (const fault of scenario.faults) schedule(world, first, fault);
  const over = (): boolean => world.violation !== null;
  const settled = (): boolean => over() || world.controllers.every(isOver);
  const faultsOver = Math.max(0, ...scenario.faults.map(endOf));
  await until(world, settled, 'the run does not end');
  await world.scheduler.run(over, Math.max(faultsOver, world.scheduler.now));
  await until(world, settled, 'a controller does not end');
  world.violations.push(...traces(world));
  await goOn(world, first, settled);
  await recoverAll(world, over);
  await world.scheduler.run(over, world.lastDeadline);
  world.violations.push(...badEndings(world));
  return {
    violation: world.violation,
    ending: first.ending,
    counts: world.counts,
    successorCalls: world.successor?.process.calls ?? 0,
    virtualMs: world.scheduler.now,
  };
}

const commandOf = ({ kind, dryRun }: Scenario): Command =>
  dryRun ? planOnly(kind) : rollout(kind);

/** I10: where no one but a dry run was there, no disk was written to. */
function traces(world: World): readonly Violation[] {
  if (!world.scenario.dryRun || world.controllers.length > 1) return [];
  const written = [...world.hosts.values()].filter(({ writes }) => writes > 0);
  const at = world.scheduler.now;
  return written.map(({ name }) => {
    return { invariant: 'I10', message: `${name}: a dry run has left a trace`, at };
  });
}

function launch(world: World, controller: Controller, command: Command): void {
  controller.start(command);
  world.scheduler.wake();
}

/** Ends that have left something to do, as `fleet resume` sees it. */
const RESUMABLE: ReadonlySet<RunState> = new Set<RunState>([
  'paused',
  'stopped_mixed',
  'aborted_clean',
  'rollback_incomplete',
  'fenced',
]);

/** Resumes a run whose controller is gone, or which has ended early, where that is wanted. */
async function goOn(world: World, first: Controller, settled: () => boolean): Promise<void> {
  const { ending } = first;
  const early = ending?.kind === 'concluded' && RESUMABLE.has(ending.conclusion.state);
  if (world.scenario.aftermath !== 'resume' || (ending !== null && !early)) return;
  const events = [...first.journal];
  let { plan } = first;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const controller = successor(world, first.run);
    const wait = tries === 0 ? 1000 : RETRY_PAUSE_MS;
    world.scheduler.after(wait, () => launch(world, controller, resume({ plan, events })));
    await until(world, settled, 'a resumed run does not end');
    if (world.violation !== null || !isToBeTriedAgain(controller)) return;
    events.push(...controller.journal);
    plan = controller.plan ?? plan;
  }
}

/** Killed, or before the claim of the one that was killed has run out. */
function isToBeTriedAgain({ ending }: Controller): boolean {
  return ending === null || (ending.kind === 'refused' && ending.error.code === 'locked');
}

/** A process that goes on where another has left off; the first of them may be killed, too. */
function successor(world: World, run: string): Controller {
  const controller = world.controller(run);
  world.successor ??= controller;
  return controller;
}

async function until(world: World, done: () => boolean, message: string): Promise<void> {
  const how = await world.scheduler.run(done, LIMIT_MS);
  if (how === 'done' || world.violation !== null) return;
  world.violations.push({ invariant: 'end', message, at: world.scheduler.now });
}

/** A person recovers until nothing is unfinished; that must come to an end. */
async function recoverAll(world: World, over: () => boolean): Promise<void> {
  for (let tries = 0; !over() && [...world.hosts.values()].some(isLeft); tries += 1) {
    if (tries === MOST_TRIES) {
      const left = [...world.hosts.values()].filter(isLeft);
      const names = left.map(({ name, disk }) => `${name} (${disk.state.phase})`).join(', ');
      const message = `recovery does not end: ${names}`;
      world.violations.push({ invariant: 'I11', message, at: world.scheduler.now });
      return;
    }
    const controller = successor(world, `recover${tries}`);
    const at = world.scheduler.now + (tries === 0 ? 1000 : RETRY_PAUSE_MS);
    world.scheduler.at(at, () => launch(world, controller, recover));
    const done = () => over() || isOver(controller);
    await until(world, done, 'a recovery does not end');
  }
}

/** Claimed or unfinished: `recover` has something to do there. */
function isLeft({ disk: { state } }: HostModel): boolean {
  return state.run !== null || isOpen(state);
}

/** The engine rejects for bugs only. */
function badEndings(world: World): readonly Violation[] {
  const at = world.scheduler.now;
  return world.controllers.flatMap(({ ending }): readonly Violation[] => {
    if (ending?.kind !== 'failed') return [];
    const { error } = ending;
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [{ invariant: 'engine', message, at }];
  });
}

function schedule(world: World, first: Controller, fault: Fault): void {
  if (!('at' in fault)) return;
  world.scheduler.at(fault.at, () => strike(world, first, fault));
}

function strike(
  world: World,
  first: Controller,
  fault: Extract<Fault, { readonly at: number }>,
): void {
  const { scheduler, network } = world;
  switch (fault.kind) {
    case 'reboot':
      return world.hostAt(fault.host).reboot(fault.downMs, fault.power ? 'power' : 'clean');
    case 'outage':
      return network.cutOff(world.hostAt(fault.host).name, fault.ms);
    case 'disk-full':
      return fillDisk(world, world.hostAt(fault.host), fault.ms);
    case 'hang':
      world.hostAt(fault.host).hangMs = fault.ms;
      return;
    case 'unit-dies': {
      const host = world.hostAt(fault.host);
      for (const unit of host.units.values()) host.die(unit);
      return;
    }
    case 'clock': {
      const jumps = fault.host < 0 ? first.process : world.hostAt(fault.host);
      jumps.wallOffsetMs += fault.ms;
      return;
    }
    case 'interrupt':
      return first.interrupt();
    case 'stop':
      first.process.stop();
      scheduler.after(fault.ms, () => first.process.resume());
      return;
    case 'kill':
      return first.process.kill();
    case 'pause':
      first.tell('pause');
      scheduler.after(fault.ms, () => first.tell('resume'));
      return;
    case 'abort':
      return first.tell('abort');
    case 'lock-lost':
      first.hasLock = false;
      return;
    case 'second': {
      const command = fault.what === 'recover' ? recover : rollout(fault.what);
      const name = `second${world.controllers.length}`;
      return launch(world, world.controller(name, 'other'), command);
    }
  }
}

function fillDisk(world: World, host: HostModel, ms: number): void {
  host.diskFull = true;
  host.diskWasFull = true;
  world.scheduler.after(ms, () => {
    host.diskFull = false;
  });
}

/** When a fault has passed. */
function endOf(fault: Fault): number {
  switch (fault.kind) {
    case 'reboot':
      return fault.at + fault.downMs;
    case 'outage':
    case 'disk-full':
    case 'stop':
    case 'pause':
      return fault.at + fault.ms;
    default:
      return 'at' in fault ? fault.at : 0;
  }
}
