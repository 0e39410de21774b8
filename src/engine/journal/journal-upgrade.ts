import * as z from 'zod';
import { EVENTS_VERSION } from '../../events/event.js';
import { UNKNOWN } from '../../model/releases/choose/earlier.js';
import type { Plan } from '../../model/runs/plan.js';
import { planView } from '../../model/runs/plan-view.js';

/**
 * Upgrades what older fleets wrote to what this one writes. The only place that knows older
 * versions; docs/contracts.md says how to add a step.
 */

/** The version of a record, and the highest that this fleet knows. */
export interface Newer {
  readonly version: number;
  readonly known: number;
}

type Json = Readonly<Record<string, unknown>>;

/** An event of that version, as this fleet would have written it. */
export function upgradeEvent(
  event: Json,
  {
    version,
    ...of
  }: { readonly version: number; readonly seq: number; readonly plan: Plan | null },
): Json {
  if (version === 1) return fromFirst(event, of);
  // Version 2 differs in what it did not know yet; only its head says which one it is.
  return event.type === 'stream-started' ? { ...event, schemaVersion: EVENTS_VERSION } : event;
}

/**
 * An event of version 1: it had no `run` and no `seq`, a step named its verbs joined by `+`, and the
 * plan of `run-started` was in plan.json alone.
 */
function fromFirst(
  { step, ...event }: Json,
  { seq, plan }: { readonly seq: number; readonly plan: Plan | null },
): Json {
  const verbs = typeof step === 'string' ? { verbs: step.split('+').map(verbNow) } : {};
  const view = event.type === 'run-started' && plan !== null ? { plan: planView(plan) } : {};
  return { run: plan?.run ?? null, seq, ...event, ...verbs, ...view };
}

/** The verb `unclaim` was called `release`, a word that also means a release of the app. */
const verbNow = (verb: string): string => (verb === 'release' ? 'unclaim' : verb);

const firstPlan = z.looseObject({
  /** Common to all hosts, before each host had its own. */
  epoch: z.int().nonnegative().default(0),
  /** From when a history was always a file. */
  app: z.looseObject({ historyPath: z.string().nullable().default(null) }),
  hosts: z.array(
    z.looseObject({
      epoch: z.int().nonnegative().optional(),
      /** From before `condition`. */
      serving: z.boolean().default(true),
    }),
  ),
});

/** A plan of version 1. The first ones lacked the fields that are filled in here. */
export function upgradePlan(content: unknown): unknown {
  const found = firstPlan.safeParse(content).data;
  if (found === undefined) return content;
  const { epoch: common, hosts, ...plan } = found;
  const { historyPath, ...app } = plan.app;
  return {
    backTo: null,
    ...plan,
    app: { history: historyPath && { kind: 'sqlite', path: historyPath }, ...app },
    hosts: hosts.map(({ epoch = common, serving, ...host }) => ({
      condition: serving
        ? { kind: 'serving' }
        : { kind: 'out', why: 'it was out of service when the plan was made' },
      earlier: UNKNOWN,
      guard: false,
      ...host,
      epoch,
    })),
  };
}
