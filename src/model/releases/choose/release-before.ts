import { listOf } from '../../../errors/did-you-mean.js';
import type { HostName, ReleaseId } from '../../names.js';
import { groupBy } from '../../text/group-by.js';
import type { ReleaseMeta } from '../release.js';
import { type HostReleases, type KnownRelease, orderOf } from './known-release.js';

/** The rollback target of one host by its own record; null for none. */
export interface Before {
  readonly host: HostName;
  readonly current: ReleaseId | null;
  readonly before: ReleaseId | null;
}

/** The common rollback target of all hosts, or why they disagree. */
export type Verdict =
  | { readonly kind: 'agreed'; readonly release: ReleaseId }
  /** These have nothing to go back to, whatever the others have. */
  | {
      readonly kind: 'nothing';
      readonly hosts: readonly HostName[];
      /** The target of the other hosts, if they agree. */
      readonly others: ReleaseId | null;
    }
  /** Hosts that agree with each other, those that are fewest first. */
  | { readonly kind: 'split'; readonly parts: readonly (readonly [Before, ...Before[]])[] };

/**
 * The one release to which every host rolls back by its own record, or on which it is already. A host that says
 * otherwise makes them disagree; it does not change the target of the others.
 */
export function agreeOnBefore(answers: readonly Before[]): Verdict {
  const targets = new Set(answers.flatMap(({ before }) => (before === null ? [] : [before])));
  const common = [...targets].filter((id) =>
    answers.every(({ current, before }) => before === id || current === id),
  );
  const [only, ...others] = common;
  if (only !== undefined && others.length === 0) return { kind: 'agreed', release: only };
  const able = answers.filter(({ before }) => before !== null);
  if (able.length < answers.length) {
    const rest = able.length === 0 ? null : agreeOnBefore(able);
    const lost = answers.filter(({ before }) => before === null).map(({ host }) => host);
    if (rest === null) return { kind: 'nothing', hosts: lost, others: null };
    if (rest.kind === 'agreed') return { kind: 'nothing', hosts: lost, others: rest.release };
  }
  const parts = groupBy(answers, ({ before }) => before ?? '');
  return { kind: 'split', parts: parts.toSorted((a, b) => a.length - b.length) };
}

/**
 * What a host ran before its current release: the newest in its record that it still has, healthy. If the record begins
 * later, e.g. after an older fleet, the order of deploys decides.
 */
export function beforeOn(host: HostReleases, recorded: readonly ReleaseMeta[]): ReleaseId | null {
  const { earlier, current, releases } = host;
  for (const ran of earlier.ran) {
    if (ran.kind === 'foreign') return null;
    const held = releases.find(({ id }) => id === ran.id);
    if (held !== undefined && isGood(held) && held.id !== current) return held.id;
  }
  if (earlier.isWhole) return null;
  const oldest = earlier.ran.at(-1);
  const start = oldest?.kind === 'release' ? oldest.id : current;
  const known = releases.find(({ id }) => id === start);
  if (known === undefined) return null;
  const good = releases.filter((each) => isGood(each) && each.id !== current);
  const order = orderOf(recorded, [known, ...good]);
  return (
    good
      .filter((each) => order(each, known) < 0)
      .toSorted(order)
      .at(-1)?.id ?? null
  );
}

/** Complete, healthy, and as its marker says. */
export function isGood(known: KnownRelease): boolean {
  return known.complete && known.standing === 'healthy' && known.meta.id === known.id;
}

/** `b on web1, web3; none on web2`. */
export function partsText(parts: readonly (readonly [Before, ...Before[]])[]): string {
  return parts
    .map(
      (same) =>
        `${same[0].before ?? 'none'} on ${listOf(
          same.map(({ host }) => host),
          5,
        )}`,
    )
    .join('; ');
}
