import { fold } from '../model/fold.js';
import { namesText } from '../model/name-ranges.js';
import type { FoundLink, HostPlan } from '../model/plan.js';

/** Beside a release that a host comes from: that fleet did not make it, and what the link says. */
export function foundText(found: FoundLink | undefined): string {
  return found === undefined ? '' : `, not made by fleet (${found.target})`;
}

/** The hosts that a failure could not bring back to what they run, or not for certain; one line a kind. */
export function wayBackTexts(hosts: readonly HostPlan[]): readonly string[] {
  const doubtful = hosts.flatMap(({ host, found }) =>
    found === undefined || found.leads === 'somewhere' ? [] : [{ name: host.name, found }],
  );
  return fold(doubtful, ({ found }) => `${found.leads} ${found.target}`).map((same) => {
    const names = namesText(same.map(({ name }) => name));
    return `${reason(same[0].found)} on ${names}`;
  });
}

function reason({ leads, target }: FoundLink): string {
  return leads === 'nowhere'
    ? `none: current leads nowhere (${target}), so a failure leaves the unit stopped,`
    : `not certain: the login may not look where current leads (${target})`;
}
