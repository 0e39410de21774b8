import type { HostName } from '../../model/names.js';
import { STAGE_TRAITS } from '../../model/runs/host-stage.js';
import type { HostResult } from '../../model/runs/run.js';

/** Hosts that have the same release at the end of a run. */
export interface ReleaseHosts {
  /** The id of the release, or a label for hosts without a known one. */
  readonly what: string;
  readonly kind: 'new' | 'before' | 'none' | 'broken' | 'skipped';
  readonly hosts: readonly HostName[];
}

/** Which hosts have which release, in the order new, before, none, broken, skipped. */
export function releasesByHost(results: readonly HostResult[]): readonly ReleaseHosts[] {
  const groups = new Map<string, ReleaseHosts & { hosts: HostName[] }>();
  for (const result of results) {
    const held = holdingOf(result);
    const key = `${held.kind} ${held.what}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ...held, hosts: [result.host] });
    else group.hosts.push(result.host);
  }
  return [...groups.values()].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

const ORDER: readonly ReleaseHosts['kind'][] = ['new', 'before', 'none', 'broken', 'skipped'];

function holdingOf({ state, from, to }: HostResult): Pick<ReleaseHosts, 'what' | 'kind'> {
  if (state === 'skipped') return { what: 'skipped', kind: 'skipped' };
  const holds = state === 'unchanged' ? 'new' : STAGE_TRAITS[state].holds;
  switch (holds) {
    case 'new':
      return { what: to ?? 'nothing', kind: 'new' };
    case 'down':
    case 'unknown':
      return { what: holds, kind: 'broken' };
    case 'before':
      return from === null ? { what: 'no release', kind: 'none' } : { what: from, kind: 'before' };
  }
}
