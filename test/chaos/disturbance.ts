import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../../src/errors/codes.js';
import type { Bastion, Ended, Running } from '../e2e/support/bastion.js';
import type { Violation } from './checker.js';
import { type ControllerEnd, endOf, type Role } from './controllers.js';
import { inflict } from './host-faults.js';
import { readHostState } from './host-state.js';
import type { Fault, FaultKind, Job } from './scenario.js';
import { LEASE_MS } from './times.js';
import type { World } from './world.js';

/** What was done to a run, and by whom. */
export interface Disturbance {
  readonly injected: FaultKind[];
  /** Faults whose moment came when the run was over already. */
  readonly missed: FaultKind[];
  readonly ends: ControllerEnd[];
  readonly violations: Violation[];
  /** A second controller took over: what is left is its to recover. */
  takenOver: boolean;
}

export interface Disturbed {
  readonly world: World;
  readonly running: Running;
  readonly role: Job;
  /** Starts the job of the second controller, from the other bastion. */
  readonly startSecond: (job: Job) => Running;
  readonly disturbance: Disturbance;
}

/** Does to a run what the scenario says; resolves when all of it is mended and the run is over. */
export async function disturb(faults: readonly Fault[], run: Disturbed): Promise<void> {
  await Promise.all([...faults.map((fault) => carryOut(fault, run)), end(run)]);
}

async function carryOut(fault: Fault, run: Disturbed): Promise<void> {
  const { world, running, disturbance } = run;
  await sleep(fault.at * world.typicalMs);
  // What befalls hosts after their controller was killed is for their switches to cope with.
  const wasKilled = running.child.signalCode !== null;
  const isOver =
    running.child.exitCode !== null || (wasKilled && fault.kind.endsWith('controller'));
  (isOver ? disturbance.missed : disturbance.injected).push(fault.kind);
  switch (fault.kind) {
    case 'kill-controller':
      running.child.kill('SIGKILL');
      return;
    case 'freeze-controller':
      if (!isOver) await takeOver(fault.next, run);
      return;
    default:
      if (isOver) return;
      await Promise.all(
        world.hosts
          .filter(({ name }) => fault.hosts.includes(name))
          .map((host) => inflict(fault, host, world.ledger)),
      );
  }
}

/** Waits for the first controller, whatever is done to it meanwhile. */
async function end(run: Disturbed): Promise<void> {
  const { running, role, disturbance } = run;
  const ended = endOf(role, running, await running.ended);
  disturbance.ends.push(ended);
  const killed = disturbance.injected.includes('kill-controller');
  if (ended.code === null && !killed) {
    disturbance.violations.push({ invariant: 'I11', host: '', what: `the ${role} did not end` });
  }
}

/**
 * Stops the first controller past its lease, as a bastion that hangs does, lets another clear away
 * its claims and do a job of its own, and wakes the first, which must then change nothing.
 */
async function takeOver(next: Job, run: Disturbed): Promise<void> {
  const { world, running, disturbance } = run;
  running.child.kill('SIGSTOP');
  disturbance.takenOver = true;
  try {
    // What is under way on the hosts may still give a claim back.
    await sleep(LEASE_MS + 1_000);
    const held = world.hosts.filter(({ root }) => (readHostState(root)?.run ?? '') !== '');
    await recoverFrom(world.bastions.other, 'takeover', disturbance);
    const second = run.startSecond(next);
    disturbance.ends.push(endOf(`${next} after takeover`, second, await second.ended));
    running.child.kill('SIGCONT');
    const { code } = await running.ended;
    if (held.length > 0 && code !== EXIT.locked) {
      const what = `the controller that woke past its lease ended with ${code}, not 7`;
      disturbance.violations.push({ invariant: 'I3', host: '', what });
    }
  } finally {
    running.child.kill('SIGCONT');
  }
}

/** As often as a lease that still runs makes it refuse, within reason. */
export async function recoverFrom(
  bastion: Bastion,
  role: Extract<Role, 'recover' | 'takeover'>,
  { ends, violations }: Pick<Disturbance, 'ends' | 'violations'>,
): Promise<ControllerEnd> {
  for (let attempt = 1; ; attempt++) {
    const running = bastion.start(['recover', '-g', 'web', '--yes', '--json']);
    const ended: Ended = await running.ended;
    const last = endOf(role, running, ended);
    if (last.code !== EXIT.locked || attempt === 5) {
      ends.push(last);
      if (last.code === null)
        violations.push({ invariant: 'I11', host: '', what: 'recover hangs' });
      return last;
    }
    await sleep(LEASE_MS / 3);
  }
}
