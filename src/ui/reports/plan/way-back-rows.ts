import type { FoundLink, HostPlan } from '../../../model/runs/plan.js';
import { groupBy } from '../../../model/text/group-by.js';
import { namesText } from '../../../model/text/name-ranges.js';

/** What a rollback returns to, and whether a person should check it before they agree. */
export interface WayBack {
  readonly text: string;
  readonly doubtful: boolean;
}

/** What hosts roll back to whose `current` fleet did not make. Doubtful ones come first. */
export function waysBack(hosts: readonly HostPlan[]): readonly WayBack[] {
  const found = hosts.flatMap(({ host, found }) =>
    found === undefined ? [] : [{ name: host.name, found }],
  );
  const doubtful = found.filter(({ found: { leads } }) => leads !== 'somewhere');
  const sure = found.filter(({ found: { leads } }) => leads === 'somewhere');
  return [
    ...groupBy(doubtful, keyOf).map((same) => ({ text: lineOf(same), doubtful: true })),
    ...groupBy(sure, keyOf).map((same) => ({ text: lineOf(same), doubtful: false })),
  ];
}

type Found = Pick<HostPlan['host'], 'name'> & { readonly found: FoundLink };

const keyOf = ({ found: { leads, target } }: Found): string => `${leads} ${target}`;

function lineOf(same: readonly [Found, ...Found[]]): string {
  const { target, leads } = same[0].found;
  return `${namesText(same.map(({ name }) => name))}: a link to ${target}, ${WHAT[leads]}`;
}

const WHAT = {
  somewhere: 'not made by fleet; a rollback restores it',
  nowhere: 'which leads nowhere: no rollback, a failed unit stays stopped',
  unknown: 'which the login user cannot read; a rollback restores it unchecked',
} as const;
