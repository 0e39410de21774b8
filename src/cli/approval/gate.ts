import { judgeApproval } from '../../engine/approval/judge.js';
import type { ApprovalStore } from '../../engine/approval/store.js';
import { parsePlanFile, planFileOf } from '../../engine/plan-file/plan-file.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { Host } from '../../model/hosts/host.js';
import type { RunId } from '../../model/names.js';
import { type ApprovalRule, isInOneOf, needsApproval } from '../../model/runs/approval.js';
import type { Plan } from '../../model/runs/plan.js';
import type { AskedPlan } from '../../model/runs/plan-file.js';
import { planView } from '../../model/runs/plan-view.js';
import { noted } from '../context/noted.js';
import { printWarning } from '../context/output.js';
import { VERSION } from '../context/version.js';
import { tellOfApproval } from '../notify/approval-notice.js';
import type { RunOptions } from '../session/run-options.js';
import type { Session } from '../session/session.js';
import { isShared, openApprovals } from './open-approvals.js';
import { approvalOf } from './refusals.js';

/** A plan that waits for a second person now; its session has ended when one looks at it. */
export interface Waiting {
  readonly run: RunId;
  readonly store: ApprovalStore;
  readonly expiresAt: string;
  readonly digest: string;
}

/** What a run needs to be asked about: how it was typed, and where. */
export interface Asking {
  readonly asked: AskedPlan;
  readonly projectDir: string;
}

/** The plan that may start now, or the one that waits. */
export type Gated =
  | { readonly kind: 'open'; readonly plan: Plan }
  | { readonly kind: 'waits'; readonly waiting: Waiting };

/** Throws `reason_required` before anything is read, where fleet.yaml asks for a reason. */
export function refuseWithoutReason({ target: { app, hosts }, options }: ReasonNeeds): void {
  const { requireReason: rule } = app;
  if (rule === undefined || options.reason !== undefined) return;
  if (!isInOneOf(rule.groups, hosts)) return;
  throw new FleetError(
    'reason_required',
    'a run here needs a reason, by require_reason in fleet.yaml',
    {
      hint: "say why: --reason 'ticket 4711'",
    },
  );
}

interface ReasonNeeds {
  readonly target: Pick<Session['target'], 'app' | 'hosts'>;
  readonly options: Pick<RunOptions, 'reason'>;
}

/** The rule by which a plan needs a second person; null if it needs none. */
function ruleFor(plan: Plan, hosts: readonly Host[], asked: AskedPlan): ApprovalRule | null {
  const rule = plan.app.approvals;
  // To force a release that is no healthy one, or to overwrite data, is no step back.
  const isPlain = !asked.force && plan.hosts.every(({ restore }) => restore === undefined);
  const kinds = isPlain ? [plan.kind] : [plan.kind, 'deploy' as const];
  const isNeeded = kinds.some((kind) => needsApproval(rule, { kind, hosts }));
  return isNeeded && rule !== undefined ? rule : null;
}

/**
 * Lets a plan pass that needs no approval, or goes on without one in an emergency; any other one is put where a second
 * person finds it.
 */
export async function passOrAsk(session: Session, plan: Plan, asking: Asking): Promise<Gated> {
  const { context, options, target } = session;
  const rule = ruleFor(plan, target.hosts, asking.asked);
  if (rule === null) return { kind: 'open', plan };
  if (options.withoutApproval !== true)
    return { kind: 'waits', waiting: await ask(session, plan, { ...asking, rule }) };
  const reason = options.reason;
  refuseNoEmergency(rule, reason);
  printWarning(
    context,
    `run ${plan.run} starts without the approval that it needs; every record says so`,
  );
  const approval = { kind: 'without', by: context.operator, reason: reason ?? '' } as const;
  return { kind: 'open', plan: { ...plan, approval } };
}

function refuseNoEmergency({ emergency }: ApprovalRule, reason: string | undefined): void {
  if (!emergency) {
    throw new FleetError('approval_required', '--without-approval is not allowed here', {
      hint: 'leave it out and let another person approve; approvals.emergency in fleet.yaml allows it',
    });
  }
  if (reason !== undefined) return;
  throw new FleetError('reason_required', '--without-approval needs a reason', {
    hint: "say what the emergency is: --reason 'shop is down, no one else answers'",
  });
}

async function ask(
  session: Session,
  plan: Plan,
  { asked, projectDir, rule }: Asking & { readonly rule: ApprovalRule },
): Promise<Waiting> {
  const { context, bus, target } = session;
  const store = await openApprovals(context, plan.app);
  const now = context.clock.now();
  const expiresAt = new Date(now.getTime() + rule.expiresMs).toISOString();
  const text = planFileOf({ plan, asked, version: VERSION, projectDir });
  const { digest } = parsePlanFile(text, 'the plan');
  const { run, kind, group, operator: by, reason } = plan;
  const names = { run, digest, kind, app: plan.app.name, group, release: plan.release.id };
  const request = {
    ...names,
    by,
    person: context.person,
    at: now.toISOString(),
    expiresAt,
    reason,
  };
  const fields = { run, app: names.app, group, to: names.release, plan: digest, until: expiresAt };
  const outcome = () => ({ waits: 'yes' });
  await noted(
    context,
    { kind: 'approval-asked', fields, reason: reason ?? undefined, outcome },
    () => store.ask({ schemaVersion: 1, ...request }, text),
  );
  if (!isShared(store)) {
    printWarning(
      context,
      `only you and root can read ${store.where}: set approvals.dir to a folder that others share`,
    );
  }
  // Who is to be told that a run waits reads this event; the command waits only after it.
  const event = bus.emit({
    type: 'approval-asked',
    run,
    digest,
    expiresAt,
    plan: planView(plan),
  });
  await tellOfApproval(context, { plan, notify: target.notify, event });
  return { run, store, expiresAt, digest };
}

/** A plan that was approved, and what shows that. */
export interface Approved {
  readonly store: ApprovalStore;
  readonly run: RunId;
  /** Of the plan file that is applied. */
  readonly digest: string;
}

/** Uses an approval, once: the plan may start now. Throws if it does not count, or not any more. */
export async function useApproval(
  { context }: Session,
  plan: Plan,
  approved: Approved,
): Promise<Plan> {
  const { store, run, digest } = approved;
  const now = context.clock.now();
  const state = await store.find(run);
  if (state === null)
    throw new FleetError('approval_unknown', `the approval of run ${run} is gone`);
  const approval = approvalOf(judgeApproval(state, { digest, now }), run);
  const { operator: by } = context;
  const isFirst = await store.use({ schemaVersion: 1, run, by, at: now.toISOString() });
  if (!isFirst) {
    const { use } = (await store.find(run)) ?? { use: null };
    return {
      ...plan,
      approval: approvalOf({ kind: 'used', by: use?.document.by ?? 'another process' }, run),
    };
  }
  return { ...plan, approval };
}
