import type { HostFacts } from '../../host/protocol/protocol.js';
import { unitIsUp } from '../../host/reply/facts.js';
import type { HostCondition } from '../../model/hosts/condition.js';
import type { App } from '../../model/runs/app.js';
import { unreadWords } from './unit-health.js';

/**
 * Whether a host serves the app, by its own facts. Only units that were read and are up count: a host
 * of which nothing could be read is out, never healthy.
 */
export function conditionOf(facts: HostFacts, app: App): HostCondition {
  const isAbsent = facts.current.kind === 'absent';
  // If nothing is current, another tool started the units; an activation takes them out of service all the same.
  const runs = facts.units.length > 0 && facts.units.every(({ active }) => active === 'active');
  if (!hasServed(facts)) return runs && isAbsent ? { kind: 'serving' } : { kind: 'new' };
  const why = troubleOf(facts, app);
  return why === null ? { kind: 'serving' } : { kind: 'out', why };
}

/** A release of it was healthy once, or something that fleet does not know is current. */
function hasServed({ current, releases, from }: HostFacts): boolean {
  if (from !== null || releases.some(({ standing }) => standing === 'healthy')) return true;
  if (current.kind !== 'link') return current.kind === 'foreign';
  return !releases.some(({ id }) => id === current.release);
}

function troubleOf(facts: HostFacts, { service }: App): string | null {
  const { phase, current, units } = facts;
  if (phase === 'down') return 'an earlier run left it down';
  if (phase !== 'idle') return `phase ${phase}`;
  if (current.kind === 'absent') return 'no release is current';
  const sick = units.find((unit) => !unitIsUp(unit));
  if (sick !== undefined) return sick.dead ?? `${sick.unit} is ${sick.active}`;
  // No verdict on units that were not read, and none on an empty list.
  return unreadWords(service.units, facts);
}
