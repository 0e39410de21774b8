import { createHookRunner } from '../../src/engine/hooks/hook-runner.js';
import { createHooks } from '../../src/engine/hooks/hook-sequence.js';
import { type HookRecord, readHooks } from '../../src/engine/hooks/hooks-begun.js';
import { type SettledHook, settleHooks, withSettled } from '../../src/engine/hooks/settle-hooks.js';
import { proposeDeploy, proposeRollback } from '../../src/engine/plan/plan-run.js';
import { draftResumed, wasAskedFor } from '../../src/engine/plan/resume.js';
import { gatherFacts } from '../../src/engine/reading/gather-facts.js';
import type { HostReading } from '../../src/engine/reading/host-reading.js';
import { type Recovered, recoverFleet, unfinishedHosts } from '../../src/engine/recover/recover.js';
import { artifactsOf } from '../../src/engine/run/calls/artifact-source.js';
import { type Caller, createCaller } from '../../src/engine/run/calls/caller.js';
import { Lease } from '../../src/engine/run/calls/lease.js';
import { createEffects } from '../../src/engine/run/effects.js';
import { createHeartbeat } from '../../src/engine/run/heartbeat.js';
import { runPlan } from '../../src/engine/run/run.js';
import { FleetError } from '../../src/errors/fleet-error.js';
import type { FleetEvent } from '../../src/events/event.js';
import type { RunId } from '../../src/model/names.js';
import type { Plan } from '../../src/model/runs/plan.js';
import { type Bastion, type Ending, FORKS } from './bastion.js';
import { unitFilesFor } from './fleet.js';

/** A command of fleet, wired as `src/cli` wires it. */
export type Command = (bastion: Bastion) => Promise<Ending>;

/** `fleet deploy` and `fleet rollback`: what dead runs have left is settled first. */
export const rollout =
  (kind: Plan['kind']): Command =>
  async (bastion) => {
    let surveys = await surveyOf(bastion);
    const left = unfinishedHosts(surveys);
    if (left.length > 0 && !left.some((host) => mayBeAlive(bastion, host))) {
      await recoverSurveyed(bastion, surveys);
      surveys = await surveyOf(bastion);
    }
    return execute(bastion, planOf(bastion, kind, surveys));
  };

/** `fleet plan`, and `--dry-run`: facts are read, and nothing else is done. */
export const planOnly =
  (kind: Plan['kind']): Command =>
  async (bastion) => {
    planOf(bastion, kind, await surveyOf(bastion));
    return { kind: 'planned' };
  };

/** `fleet recover`: refuses where a run may be alive. */
export const recover: Command = async (bastion) => {
  const surveys = await surveyOf(bastion);
  refuseAlive(bastion, surveys);
  const hosts = await recoverSurveyed(bastion, surveys);
  const unread = surveys.flatMap((each): readonly Recovered[] =>
    each.kind === 'read' ? [] : [unreadHost(each)],
  );
  return { kind: 'recovered', hosts: [...hosts, ...unread] };
};

/** What a run has left on its bastion. */
export interface Journal {
  readonly plan: Plan | null;
  readonly events: readonly FleetEvent[];
}

/** `fleet resume` of a run whose controller is gone, from its journal. */
export const resume =
  ({ plan, events }: Journal): Command =>
  async (bastion) => {
    if (plan === null) return recover(bastion);
    const read = async () =>
      (await surveyOf(bastion)).filter(({ host }) =>
        plan.hosts.some((planned) => planned.host.name === host.name),
      );
    const records = readHooks(events, plan.app.hooks);
    const settled = decide(bastion, plan.run, records);
    const found = await read();
    refuseAlive(bastion, found);
    await recoverSurveyed(bastion, found);
    const surveys = await read();
    const agreedTo = wasAskedFor({ events });
    const operator = 'ada@bastion';
    return execute(
      bastion,
      draftResumed({
        plan,
        surveys,
        agreedTo,
        operator,
        diskBytes: 400_000,
        hooks: withSettled(records, settled),
      }),
      settled,
    );
  };

/** What a person says of interrupted hooks, who looks at what they have done. */
function decide({ hookIsDone }: Bastion, run: RunId, records: readonly HookRecord[]) {
  const open = records.filter(({ state }) => state === 'unknown').map(({ turn }) => turn);
  const done = open.filter(hookIsDone);
  return settleHooks(run, records, { done, again: open.filter((turn) => !hookIsDone(turn)) });
}

/** What a run would do, from what its hosts have said. */
export function planOf(
  bastion: Bastion,
  kind: Plan['kind'],
  surveys: readonly HostReading[],
): Plan {
  const proposal = {
    run: bastion.run,
    app: bastion.app,
    group: 'all',
    operator: 'ada@bastion',
    now: bastion.clock.now(),
    surveys,
    units: unitFilesFor(bastion.app, bastion.hosts),
  };
  const proposed =
    kind === 'deploy'
      ? proposeDeploy(proposal, bastion.prepared, false)
      : proposeRollback(proposal, null, false);
  return proposed.plan;
}

async function execute(
  bastion: Bastion,
  plan: Plan,
  settled: readonly SettledHook[] = [],
): Promise<Ending> {
  const { bus, clock, prepared } = bastion;
  bastion.keep(plan);
  const lease = new Lease(clock, plan.app.policy.leaseMs);
  const call = callerOf(bastion, lease);
  const warn = (message: string) => bus.emit({ type: 'warning', message });
  const run = createHookRunner({ plan, call, bus, clock, local: bastion.local, lease });
  const hooks = createHooks({ plan, run, warn });
  for (const hook of settled) {
    bus.emit({ type: 'hook-settled', run: plan.run, ...hook, by: 'ada@bastion' });
  }
  const conclusion = await runPlan({
    plan,
    bus,
    clock,
    carryOut: createEffects({ plan, archive: prepared, call, clock, warn, hooks }),
    atOnce: FORKS,
    onPause: bastion.onPause,
    heartbeat: createHeartbeat({
      plan,
      bus,
      clock,
      lease,
      call,
      hasLock: () => bastion.hasLock,
    }),
    control: (tell) => bastion.onControl(tell),
    interrupt: bastion.interrupts.signal,
    detach: bastion.detaches.signal,
  });
  return { kind: 'concluded', conclusion };
}

function recoverSurveyed(
  bastion: Bastion,
  surveys: readonly HostReading[],
): Promise<readonly Recovered[]> {
  const { app, isDead } = bastion;
  return recoverFleet({
    app,
    surveys,
    isDead,
    run: bastion.recoveryRun,
    owner: 'ada@bastion',
    call: callerOf(bastion),
    signal: bastion.detaches.signal,
  });
}

type Undecided = ReturnType<typeof unfinishedHosts>[number];

/** Whose run may be alive: this bastion does not know it as dead, and its lease has not run out. */
function mayBeAlive({ isDead }: Bastion, { facts }: Undecided): boolean {
  if (facts.run === null || isDead(facts.run)) return false;
  return facts.lease === null || facts.lease > 0;
}

function refuseAlive(bastion: Bastion, surveys: readonly HostReading[]): void {
  if (!unfinishedHosts(surveys).some((host) => mayBeAlive(bastion, host))) return;
  throw new FleetError('locked', 'the run that holds these hosts may be alive');
}

function unreadHost({ host, failure }: Extract<HostReading, { kind: 'failed' }>): Recovered {
  const detail = failure.message;
  return { host: host.name, state: 'unknown', run: null, current: null, detail };
}

/** What every host says of itself. */
export function surveyOf(bastion: Bastion): Promise<readonly HostReading[]> {
  const { app, hosts, clients, bus, limit, interrupts, clock } = bastion;
  const { signal } = interrupts;
  return gatherFacts({ app, hosts, clients, bus, limit, now: clock.now, signal });
}

function callerOf(bastion: Bastion, lease?: Lease): Caller {
  const { clients, bus, clock, limit, random, prepared } = bastion;
  return createCaller({
    clients,
    bus,
    clock,
    limit,
    lease,
    random,
    artifacts: artifactsOf(prepared),
  });
}
