import { attested, judgeApproval, whyNotApprover } from '../../../engine/approval/judge.js';
import type { ApprovalState, ApprovalStore } from '../../../engine/approval/store.js';
import { parsePlanFile } from '../../../engine/plan-file/plan-file.js';
import { EXIT, type ExitCode } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import type { ApprovalRequest } from '../../../model/runs/approval.js';
import { type ApprovalRow, approvalLines } from '../../../ui/reports/approval/text.js';
import { planLines } from '../../../ui/reports/plan/text.js';
import {
  type FoundApproval,
  findApproval,
  nearestApprovals,
} from '../../approval/open-approvals.js';
import { approvalOf, goOnCommand } from '../../approval/refusals.js';
import type { Action } from '../../context/command.js';
import { obtainConsent, refuseUnattended } from '../../context/consent.js';
import type { Context } from '../../context/context.js';
import { noted } from '../../context/noted.js';
import { printJson, printLines, styleFor, tableLook } from '../../context/output.js';
import type { ApproveOptions } from '../../session/flags.js';

/** `fleet approve [RUN]`: lets the run of another person start, once, or denies it; without RUN, lists what waits. */
export const approve: Action<ApproveOptions> = async (context, options, [reference]) => {
  const stores = await nearestApprovals(context, options);
  if (reference === undefined) return list(context, options, stores);
  const found = await findApproval(stores, reference);
  const digest = refuseUnfit(context, options, found);
  await agree(context, options, found.state);
  return answer(context, options, { ...found, digest });
};

/** What can be told before a person is asked. Returns the digest of the plan that is shown. */
function refuseUnfit(context: Context, options: ApproveOptions, { state }: FoundApproval): string {
  const { run } = state.request.document;
  const { digest } = parsePlanFile(state.plan, `the plan of run ${run}`);
  const verdict = judgeApproval(state, { digest, now: context.clock.now() });
  if (verdict.kind === 'approved') {
    throw new FleetError(
      'approval_used',
      `run ${run} was approved already by ${verdict.approval.by}`,
      {
        hint: `it goes on with: ${goOnCommand(run)}`,
      },
    );
  }
  if (verdict.kind !== 'waiting') approvalOf(verdict, run);
  // To deny one's own run takes nothing from anyone.
  if (options.deny === true) return digest;
  const self = { person: context.person, owner: process.geteuid?.() ?? null };
  const why = whyNotApprover(attested(state.request), self);
  if (why === null) return digest;
  throw new FleetError('approval_refused', `you cannot approve run ${run}: ${why}`, {
    hint: 'it needs an account of another person',
  });
}

async function agree(
  context: Context,
  options: ApproveOptions,
  state: ApprovalState,
): Promise<void> {
  const { run, by } = state.request.document;
  const deny = options.deny === true;
  const asks = `${deny ? 'a denial' : 'an approval'} asks before it is recorded`;
  refuseUnattended(context, options, { asks });
  const { plan } = parsePlanFile(state.plan, run);
  printLines(context.stderr, planLines(plan, styleFor(context, options, 'stderr')));
  const question = deny
    ? `Deny the run of ${by}?`
    : `Approve the run of ${by}? It may start once, exactly as shown.`;
  await obtainConsent(context, options, { asks, question });
}

interface Answering extends FoundApproval {
  readonly digest: string;
}

async function answer(
  context: Context,
  options: ApproveOptions,
  { store, state, digest }: Answering,
): Promise<ExitCode> {
  const { run, app, group, by: of } = state.request.document;
  const decision = options.deny === true ? 'denied' : 'approved';
  const given = {
    ...({ schemaVersion: 1, run, digest, decision } as const),
    by: context.operator,
    person: context.person,
    at: context.clock.now().toISOString(),
    reason: options.reason ?? null,
  };
  const kind = decision === 'denied' ? 'deny' : 'approve';
  const fields = { run, app, group, of, plan: digest };
  const outcome = (isFirst: boolean) => ({ done: isFirst ? 'yes' : 'no' });
  const isFirst = await noted(context, { kind, fields, reason: options.reason, outcome }, () =>
    store.answer(given),
  );
  if (!isFirst) throw await answeredMeanwhile(store, state.request.document);
  if (options.json === true)
    printJson(context, {
      schemaVersion: 1,
      run,
      state: decision,
      plan: digest,
      expiresAt: state.request.document.expiresAt,
      next: decision === 'approved' ? goOnCommand(run) : null,
    });
  else
    context.stdout.write(
      decision === 'approved'
        ? `Run ${run} is approved. If its command does not wait for that: ${goOnCommand(run)}\n`
        : `Run ${run} is denied.\n`,
    );
  return EXIT.ok;
}

async function answeredMeanwhile(
  store: ApprovalStore,
  { run }: ApprovalRequest,
): Promise<FleetError> {
  const found = (await store.find(run))?.answer?.document;
  const text = found === undefined ? 'answered' : `${found.decision} by ${found.by}`;
  return new FleetError('approval_used', `run ${run} was ${text} meanwhile`);
}

async function list(
  context: Context,
  options: ApproveOptions,
  stores: readonly ApprovalStore[],
): Promise<ExitCode> {
  const rows: ApprovalRow[] = [];
  for (const store of stores) {
    for (const run of await store.list()) {
      const state = await store.find(run);
      const row = state === null ? null : rowOf(context, state);
      if (row !== null) rows.push(row);
    }
  }
  if (options.json === true) printJson(context, { schemaVersion: 1, waiting: rows });
  else printLines(context.stdout, approvalLines(rows, tableLook(context, options)));
  return EXIT.ok;
}

/** Null for one that cannot start any more. */
function rowOf(context: Context, state: ApprovalState): ApprovalRow | null {
  const { run, kind, app, group, release, by, expiresAt, reason, digest } = state.request.document;
  const verdict = judgeApproval(state, { digest, now: context.clock.now() });
  if (verdict.kind !== 'waiting' && verdict.kind !== 'approved') return null;
  return { run, kind, app, group, release, by, expiresAt, reason, state: verdict.kind };
}
