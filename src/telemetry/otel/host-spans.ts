import type { HostName } from '../../model/names.js';
import type { PlanView } from '../../model/runs/plan-view.js';
import { groupBy } from '../../model/text/group-by.js';
import type { Span, StepRecord } from './span.js';
import type { Trace } from './trace.js';

/** A trace with more hosts is of no use to people, and too large for some backends. */
export const MOST_HOSTS = 1_000;

export interface HostSteps {
  readonly steps: readonly StepRecord[];
  /** The span of each phase. */
  readonly parents: readonly string[];
  readonly plan: PlanView;
}

/** A span for each host in each phase, with its steps; beyond {@link MOST_HOSTS}, for those that failed and the slowest. */
export function keepHosts(trace: Trace, { steps, parents, plan }: HostSteps): readonly Span[] {
  const kept = chosen(steps);
  const parentOf = (phase: number): string => parents[phase] ?? trace.rootId;
  const others = steps
    .filter(({ host }) => host === null)
    .map((step, at) => stepSpan(step, trace.spanId(`step ${at}`), parentOf(step.phase)));
  const known = new Map(plan.hosts.map((host) => [host.host, host]));
  const own = steps.filter(({ host }) => host !== null && kept.has(host));
  const hosts = groupBy(own, ({ phase, host }) => `${phase} ${host}`).flatMap((group) => {
    const [{ phase, host }] = group;
    const id = trace.spanId(`host ${phase} ${host}`);
    const planned = host === null ? undefined : known.get(host);
    const about = { host: host ?? '', from: planned?.from ?? null, to: planned?.to ?? null };
    const parent = hostSpan(group, { id, parent: parentOf(phase), ...about });
    return [parent, ...group.map((step, at) => stepSpan(step, trace.spanId(`${id} ${at}`), id))];
  });
  return [...others, ...hosts];
}

/** The hosts that have spans: all, or those that failed and then the slowest. */
function chosen(steps: readonly StepRecord[]): ReadonlySet<HostName> {
  const costs = new Map<HostName, { readonly failed: boolean; readonly ms: number }>();
  for (const { host, failure, startMs, endMs } of steps) {
    if (host === null) continue;
    const { failed, ms } = costs.get(host) ?? { failed: false, ms: 0 };
    costs.set(host, { failed: failed || failure !== null, ms: ms + endMs - startMs });
  }
  if (costs.size <= MOST_HOSTS) return new Set(costs.keys());
  const sorted = [...costs].sort(
    ([, a], [, b]) => Number(b.failed) - Number(a.failed) || b.ms - a.ms,
  );
  return new Set(sorted.slice(0, MOST_HOSTS).map(([host]) => host));
}

interface HostAbout {
  readonly id: string;
  readonly parent: string;
  readonly host: string;
  readonly from: string | null;
  readonly to: string | null;
}

function hostSpan(group: readonly StepRecord[], { id, parent, host, from, to }: HostAbout): Span {
  const failed = group.find(({ failure }) => failure !== null)?.failure ?? null;
  return {
    id,
    parent,
    name: host,
    kind: 'internal',
    startMs: group.reduce((least, { startMs }) => Math.min(least, startMs), Number.MAX_VALUE),
    endMs: group.reduce((most, { endMs }) => Math.max(most, endMs), 0),
    attributes: {
      'host.name': host,
      'cicd.pipeline.task.name': host,
      'cicd.pipeline.task.run.id': id,
      'cicd.pipeline.task.type': 'deploy',
      'cicd.pipeline.task.run.result': failed === null ? 'success' : 'failure',
      'error.type': failed?.code ?? null,
      'fleet.from': from,
      'fleet.to': to,
    },
    events: [],
    error: failed?.message ?? null,
  };
}

const stepSpan = (step: StepRecord, id: string, parent: string): Span => ({
  id,
  parent,
  name: step.name,
  kind: step.host === null ? 'internal' : 'client',
  startMs: step.startMs,
  endMs: step.endMs,
  attributes: { 'host.name': step.host, 'error.type': step.failure?.code ?? null },
  events: [],
  error: step.failure?.message ?? null,
});
