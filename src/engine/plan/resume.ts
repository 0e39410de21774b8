import { FleetError, type Problem } from '../../errors/fleet-error.js';
import type { HostFacts } from '../../host/protocol/protocol.js';
import { currentOf, deadManOf, foundOf, hasRelease, heldBy } from '../../host/reply/facts.js';
import type { Person } from '../../model/hosts/person.js';
import type { HostName } from '../../model/names.js';
import {
  type Delta,
  type HostPlan,
  type Plan,
  sizeOfSelection,
  txnOf,
} from '../../model/runs/plan.js';
import type { Size } from '../../model/runs/policy.js';
import { sizeOf } from '../../model/runs/size.js';
import { type HookRecord, hooksBegun } from '../hooks/hooks-begun.js';
import type { JournalReading } from '../journal/journal-reading.js';
import { reachedHosts, refuseUnfit } from '../preflight/admission.js';
import { conditionOf } from '../reading/condition.js';
import type { HostReading } from '../reading/host-reading.js';
import { sentTo } from './build-plan.js';
import { outFirst } from './out-first.js';

export interface Resumption {
  readonly plan: Plan;
  /** The facts of every host of the plan, after its open transactions were settled. */
  readonly surveys: readonly HostReading[];
  /** The wave, from 0, that resuming approves; null for none. */
  readonly agreedTo: number | null;
  readonly operator: string;
  readonly person?: Person | undefined;
  /** Why it is resumed; without one, the run keeps its own. */
  readonly reason?: string | undefined;
  /** Bytes on disk that the release takes on a host that needs it. */
  readonly diskBytes: number;
  /** How many files and folders that is. */
  readonly inodes?: number | undefined;
  /** The hosts that need only what differs from another release, packed anew. */
  readonly deltas?: ReadonlyMap<HostName, Delta> | undefined;
  /** The whole, packed anew; absent if no host needs it. */
  readonly uploadBytes?: number | undefined;
  /** How many hosts may be out of service, in place of what the plan says. */
  readonly maxUnavailable?: Size | null;
  /** What became of the hooks that the run has begun. */
  readonly hooks?: readonly HookRecord[];
}

/**
 * The rest of a run, in newer epochs: the same id, release, policy and waves. A host that is on
 * the release already is done, and every gate probes it. A host on its earlier release is worked on.
 * A host on any other release refuses the whole run.
 */
export function draftResumed(resumption: Resumption): Plan {
  const { plan, surveys, operator, person = plan.person, agreedTo, deltas } = resumption;
  const reached = reachedHosts(surveys, plan.app.policy.tolerateUnreachable);
  refuseUnfit(reached, {
    ...plan,
    diskBytes: resumption.diskBytes,
    inodes: resumption.inodes,
  });
  const factsOf = new Map(reached.hosts.map(({ host, facts }) => [host.name, facts]));
  refuseMoved(plan, factsOf);
  refuseLost(plan, factsOf);
  const hosts = plan.hosts.flatMap((host, index) => {
    const facts = factsOf.get(host.host.name);
    return facts === undefined ? [] : [continueHost(plan, host, { facts, index, deltas })];
  });
  const approvals = plan.approvals.filter((wave) => wave !== agreedTo);
  const skipped = [...plan.skipped, ...reached.skipped];
  const limits = { ...plan.limits, ...changedLimit(resumption) };
  const { reason = plan.reason, uploadBytes = plan.uploadBytes } = resumption;
  const begun = hooksBegun(resumption.hooks ?? []);
  const kept = { ...plan, operator, reason, approvals, skipped, limits, uploadBytes, hosts };
  const who = person === undefined ? {} : { person };
  return outFirst({ ...kept, ...who, hooksBegun: begun });
}

function changedLimit({ plan, maxUnavailable }: Resumption): { readonly maxUnavailable?: number } {
  if (maxUnavailable == null) return {};
  return { maxUnavailable: sizeOf(maxUnavailable, sizeOfSelection(plan), { floor: 1 }) };
}

/** The wave whose approval a run waited for when it ended paused; null if it did not. */
export function wasAskedFor(journal: Pick<JournalReading, 'events'>): number | null {
  const last = journal.events.findLast(({ type }) => type === 'paused' || type === 'resumed');
  return last?.type === 'paused' && last.why.kind === 'approval' ? last.wave : null;
}

interface Continued extends Pick<Resumption, 'deltas'> {
  readonly facts: HostFacts;
  readonly index: number;
}

function continueHost(plan: Plan, before: HostPlan, now: Continued): HostPlan {
  const { facts, index, deltas } = now;
  // What was packed then is gone.
  const { delta: _, ...host } = before;
  const current = currentOf(facts);
  const epoch = facts.epoch + 1;
  const common = {
    ...host,
    epoch,
    condition: conditionOf(facts, plan.app),
    ...sentTo(host.host.name, !hasRelease(facts, plan.release), deltas),
    deadMan: deadManOf(facts, plan.app),
    guard: facts.guard,
  };
  if (isDone(plan, host, facts)) {
    const { condition } = host;
    return { ...common, done: true, condition, txn: facts.txn ?? host.txn, from: facts.from };
  }
  const { earlier } = heldBy({ host: host.host, facts });
  const found = foundOf(facts);
  const txn = txnOf(plan.run, epoch, index);
  return { ...common, done: false, txn, from: current, found, earlier };
}

/** Confirmed by this run, and its transaction is still on record, so that it can be rolled back. */
function isDone(plan: Plan, host: HostPlan, facts: HostFacts): boolean {
  return (
    facts.phase === 'idle' &&
    currentOf(facts) === host.to &&
    facts.to === host.to &&
    facts.txn?.startsWith(`${plan.run}.`) === true
  );
}

/** A rollback sends nothing, so its release must still be on each host, with the plan's content. */
function refuseLost({ run, kind, release }: Plan, factsOf: ReadonlyMap<HostName, HostFacts>): void {
  if (kind !== 'rollback') return;
  const lacking = [...factsOf].filter(([, facts]) => !hasRelease(facts, release));
  if (lacking.length === 0) return;
  const names = lacking.map(([name]) => name).join(', ');
  throw new FleetError(
    'release_unknown',
    `run ${run} cannot continue: ${release.id} is not on ${names}`,
    {
      hint: 'a rollback sends nothing: deploy the release there, or roll back to another one',
    },
  );
}

function refuseMoved(plan: Plan, factsOf: ReadonlyMap<HostName, HostFacts>): void {
  const problems = plan.hosts.flatMap(({ host, from, to }): readonly Problem[] => {
    const facts = factsOf.get(host.name);
    const current = facts === undefined ? from : currentOf(facts);
    if (current === from || current === to) return [];
    return [{ message: `${host.name} is on ${current ?? 'no release'} now` }];
  });
  if (problems.length === 0) return;
  throw new FleetError(
    'run_over',
    `run ${plan.run} cannot continue: its hosts run another release now`,
    {
      hint: 'start a new deploy or rollback instead',
      problems,
    },
  );
}
