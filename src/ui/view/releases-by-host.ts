import type { HostName } from '../../model/names.js';
import { STAGE_TRAITS } from '../../model/runs/host-stage.js';
import type { HostResult } from '../../model/runs/run.js';
import { groupBy } from '../../model/text/group-by.js';

/** Hosts that have the same release at the end of a run. */
export interface ReleaseHosts {
  /** The id of the release, or a label for hosts without a known one. */
  readonly what: string;
  readonly kind: 'new' | 'before' | 'none' | 'broken' | 'skipped';
  readonly hosts: readonly HostName[];
}

/** Which hosts have which release, in the order new, before, none, broken, skipped. */
export function releasesByHost(results: readonly HostResult[]): readonly ReleaseHosts[] {
  const held = results.map((result) => ({ host: result.host, ...holdingOf(result) }));
  const groups = groupBy(held, ({ kind, what }) => `${kind} ${what}`);
  return groups
    .map((group) => {
      const [{ what, kind }] = group;
      return { what, kind, hosts: group.map(({ host }) => host) };
    })
    .sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
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
