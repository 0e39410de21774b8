import { reasonOf } from '../errors/reason.js';
import type { Listener } from '../events/bus.js';
import type { EventOf } from '../events/event.js';
import type { Identity } from '../model/hosts/identity.js';
import type { PlanApproval } from '../model/runs/approval.js';
import type { PlanView } from '../model/runs/plan-view.js';
import { appendChained } from './chain/chained-log.js';
import { identityFields } from './identity-fields.js';
import { pairsText, reasonField } from './log-file.js';
import { personFields } from './person-fields.js';

type RunEnded = EventOf<'run-ended'>;

export interface DeployLogOptions {
  /** Whose process carries the run out, where that is known. */
  readonly identity?: Identity | undefined;
  /** The plan of a run that has begun already, and of which only the end is to come. */
  readonly begun?: PlanView | null;
  /** The digest of the last line of the run's journal, once its end is in there; null if it is not whole. */
  readonly journalHead?: (() => string | null) | undefined;
}

/**
 * An event listener that adds one line to a file at the end of each run, for `tail` and `grep`. The line is one append, so
 * that parallel runs do not mix. A failed write is reported through `warn`.
 */
export function createDeployLog(
  file: string,
  warn: (message: string) => void,
  { identity, begun = null, journalHead }: DeployLogOptions = {},
): Listener {
  let plan = begun;
  return (event) => {
    if (event.type === 'run-started') plan = event.plan;
    if (event.type !== 'run-ended' || plan === null) return;
    try {
      const journal = journalHead === undefined ? {} : { journal: journalHead() ?? '-' };
      appendChained(file, `${deployLogLine(plan, event, identity)}${after(journal)}`);
    } catch (error) {
      const why = reasonOf(error);
      warn(`${file} has no line for this run: ${why}`);
    }
  };
}

const after = (fields: Readonly<Record<string, string>>): string => {
  const text = pairsText(fields);
  return text === '' ? '' : ` ${text}`;
};

/**
 * `time key=value …`, with `run` first. `identity` is the user of the process that carries out the run, if known.
 */
export function deployLogLine(plan: PlanView, ended: RunEnded, identity?: Identity): string {
  const good = ended.hosts.filter(({ state }) => state === 'done' || state === 'unchanged').length;
  const failed = ended.hosts.filter(({ error }) => error !== undefined).length;
  const seconds = (Date.parse(ended.at) - Date.parse(ended.startedAt)) / 1000;
  const fields = {
    run: plan.run,
    kind: plan.kind,
    app: plan.app,
    group: plan.group,
    from: commonFrom(plan),
    to: plan.release.id,
    version: plan.release.version,
    commit: plan.release.commit ?? '-',
    operator: plan.operator,
    state: ended.state,
    exit: `${ended.exitCode}`,
    hosts: `${ended.hosts.length}`,
    ok: `${good}`,
    failed: `${failed}`,
    duration: `${seconds.toFixed(1)}s`,
    ...(identity === undefined
      ? {}
      : { ...identityFields(identity), ...personFields(plan.person) }),
    ...reasonField(plan.reason),
    ...approvalFields(plan.approval),
    ...(plan.madeFrom === null ? {} : { planned_by: plan.madeFrom.by, plan: plan.madeFrom.digest }),
  };
  return `${ended.at} ${pairsText(fields)}`;
}

function approvalFields(approval: PlanApproval | undefined): Readonly<Record<string, string>> {
  if (approval === undefined) return {};
  if (approval.kind === 'without') return { approval: 'without', approval_reason: approval.reason };
  const { by, at, askedBy, digest, reason } = approval;
  return {
    approval: 'given',
    approved_by: by,
    approved_at: at,
    asked_by: askedBy,
    approved_plan: digest,
    ...(reason === null ? {} : { approval_reason: reason }),
  };
}

function commonFrom(plan: PlanView): string {
  const froms = new Set(plan.hosts.map(({ from }) => from ?? '-'));
  const [only = '-', ...others] = froms;
  return others.length === 0 ? only : 'mixed';
}
