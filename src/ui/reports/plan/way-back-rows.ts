import type { FoundLink, HostPlan } from '../../../model/runs/plan.js';
import { fold } from '../../../model/text/group-by.js';
import { namesText } from '../../../model/text/name-ranges.js';

/** A line on what a failure leads back to, and whether a person should think of it before agreeing. */
export interface WayBack {
  readonly text: string;
  readonly doubtful: boolean;
}

/** Where hosts go back to that have a `current` which fleet did not make; the doubtful ones first. */
export function waysBack(hosts: readonly HostPlan[]): readonly WayBack[] {
  const found = hosts.flatMap(({ host, found }) =>
    found === undefined ? [] : [{ name: host.name, found }],
  );
  const doubtful = found.filter(({ found: { leads } }) => leads !== 'somewhere');
  const sure = found.filter(({ found: { leads } }) => leads === 'somewhere');
  return [
    ...fold(doubtful, keyOf).map((same) => ({ text: lineOf(same), doubtful: true })),
    ...fold(sure, keyOf).map((same) => ({ text: lineOf(same), doubtful: false })),
  ];
}

type Found = Pick<HostPlan['host'], 'name'> & { readonly found: FoundLink };

const keyOf = ({ found: { leads, target } }: Found): string => `${leads} ${target}`;

function lineOf(same: readonly [Found, ...Found[]]): string {
  const { target, leads } = same[0].found;
  return `${namesText(same.map(({ name }) => name))}: a link to ${target}, ${WHAT[leads]}`;
}

const WHAT = {
  somewhere: 'which fleet did not make and puts back',
  nowhere: 'where nothing is: no way back, after a failure the unit stays stopped',
  unknown: 'where this login may not look: put back, but it may be gone',
} as const;
