import type { HostSurvey } from '../../src/engine/admit.js';
import { createEffects } from '../../src/engine/effects.js';
import { createHeartbeat } from '../../src/engine/heartbeat.js';
import { Lease } from '../../src/engine/lease.js';
import { proposeDeploy, proposeRollback } from '../../src/engine/propose.js';
import { type Recovered, recoverFleet, undecidedOf } from '../../src/engine/recover.js';
import { draftResumed, wasAskedFor } from '../../src/engine/resume.js';
import { runPlan } from '../../src/engine/run.js';
import { FleetError } from '../../src/errors/fleet-error.js';
import type { FleetEvent } from '../../src/events/event.js';
import type { Plan } from '../../src/model/plan.js';
import { type Controller, type Ending, FORKS } from './controller.js';
import { PREPARED } from './fleet.js';

/** A command of fleet, wired as `src/cli` wires it. */
export type Command = (controller: Controller) => Promise<Ending>;

/** `fleet deploy` and `fleet rollback`: what dead runs have left is decided first. */
export const rollout =
  (kind: Plan['kind']): Command =>
  async (controller) => {
    let surveys = await controller.survey();
    const undecided = undecidedOf(surveys);
    if (undecided.length > 0 && !undecided.some((host) => mayBeAlive(controller, host))) {
      await recoverSurveyed(controller, surveys);
      surveys = await controller.survey();
    }
    return execute(controller, planOf(controller, kind, surveys));
  };

/** `fleet plan`, and `--dry-run`: facts are read, and nothing else is done. */
export const planOnly =
  (kind: Plan['kind']): Command =>
  async (controller) => {
    planOf(controller, kind, await controller.survey());
    return { kind: 'planned' };
  };

/** `fleet recover`: refuses where a run may be alive. */
export const recover: Command = async (controller) => {
  const surveys = await controller.survey();
  refuseAlive(controller, surveys);
  const hosts = await recoverSurveyed(controller, surveys);
  const unread = surveys.flatMap((each): readonly Recovered[] =>
    each.kind === 'read' ? [] : [unreadHost(each)],
  );
  return { kind: 'recovered', hosts: [...hosts, ...unread] };
};

/** `fleet resume` of a run whose controller is gone, from its journal. */
export const resume =
  (journal: readonly FleetEvent[]): Command =>
  async (controller) => {
    const started = journal.findLast((event) => event.type === 'run-started');
    if (started === undefined) return recover(controller);
    const { plan } = started;
    const read = async () =>
      (await controller.survey()).filter(({ host }) =>
        plan.hosts.some((planned) => planned.host.name === host.name),
      );
    const found = await read();
    refuseAlive(controller, found);
    await recoverSurveyed(controller, found);
    const surveys = await read();
    const agreedTo = wasAskedFor({ events: journal, plan, ended: false, damagedLines: 0 });
    const operator = 'ada@bastion';
    return execute(
      controller,
      draftResumed({ plan, surveys, agreedTo, operator, diskBytes: 400_000 }),
    );
  };

/** What a run would do, from what its hosts have said. */
export function planOf(
  controller: Controller,
  kind: Plan['kind'],
  surveys: readonly HostSurvey[],
): Plan {
  const proposal = {
    run: controller.run,
    app: controller.app,
    group: 'all',
    operator: 'ada@bastion',
    now: controller.clock.now(),
    surveys,
  };
  const proposed =
    kind === 'deploy'
      ? proposeDeploy(proposal, PREPARED, false)
      : proposeRollback(proposal, null, false);
  return proposed.plan;
}

async function execute(controller: Controller, plan: Plan): Promise<Ending> {
  const { bus, clock, clients } = controller;
  const lease = new Lease(clock, plan.app.policy.leaseMs);
  const call = controller.caller(lease);
  const warn = (message: string) => bus.emit({ type: 'warning', message });
  const conclusion = await runPlan({
    plan,
    bus,
    clock,
    carryOut: createEffects({ plan, archive: PREPARED, call, clock, warn }),
    atOnce: FORKS,
    onPause: controller.onPause,
    heartbeat: createHeartbeat({
      plan,
      clients,
      bus,
      clock,
      lease,
      hasLock: () => controller.hasLock,
    }),
    control: (tell) => controller.onControl(tell),
    interrupt: controller.interrupts.signal,
    detach: controller.detaches.signal,
  });
  return { kind: 'concluded', conclusion };
}

function recoverSurveyed(
  controller: Controller,
  surveys: readonly HostSurvey[],
): Promise<readonly Recovered[]> {
  const { app, clock, isDead } = controller;
  return recoverFleet({
    app,
    clock,
    surveys,
    isDead,
    run: controller.recoveryRun,
    owner: 'ada@bastion',
    call: controller.caller(),
    signal: controller.detaches.signal,
  });
}

type Undecided = ReturnType<typeof undecidedOf>[number];

/** Whose run may be alive: this bastion does not know it as dead, and its lease has not run out. */
function mayBeAlive({ isDead }: Controller, { facts }: Undecided): boolean {
  if (facts.run === null || isDead(facts.run)) return false;
  return facts.lease === null || facts.lease > 0;
}

function refuseAlive(controller: Controller, surveys: readonly HostSurvey[]): void {
  if (!undecidedOf(surveys).some((host) => mayBeAlive(controller, host))) return;
  throw new FleetError('locked', 'the run that holds these hosts may be alive');
}

function unreadHost({ host, failure }: Extract<HostSurvey, { kind: 'failed' }>): Recovered {
  const detail = failure.message;
  return { host: host.name, state: 'unknown', run: null, current: null, detail };
}
