import { mayBeAlive } from '../../engine/recover/left-hosts.js';
import type { UnfinishedHost } from '../../engine/recover/recover.js';
import { FleetError } from '../../errors/fleet-error.js';
import { countText } from '../../model/text/count-text.js';
import { groupBy } from '../../model/text/group-by.js';
import { countedNames } from '../../model/text/name-ranges.js';
import { tableLines } from '../../ui/text/table.js';
import { obtainConsent } from '../context/consent.js';
import type { Context } from '../context/context.js';
import type { CommonOptions } from '../context/options.js';
import { printLines, tableLook } from '../context/output.js';
import type { Target } from '../context/workspace.js';

/** Throws `locked` if the run that left these hosts unfinished may still be working on them. */
export function refuseAlive(context: Context, left: readonly UnfinishedHost[]): void {
  const alive = left.filter((host) => mayBeAlive(context.stateDir, host));
  if (alive.length === 0) return;
  throw new FleetError('locked', 'the run that holds these hosts may be alive', {
    hint: 'wait for the lease to expire or stop that run; fleet recover --force takes over its hosts',
    problems: alive.map(({ host, facts }) => ({
      message: `${host.name}: run ${facts.run} of ${facts.owner ?? 'another user'}; its lease expires in ${facts.lease ?? 0} s`,
    })),
  });
}

/** Hosts that a dead run left unfinished, with their app and group. */
interface RecoveryAsked extends Pick<Target, 'app' | 'group'> {
  readonly left: readonly UnfinishedHost[];
}

/** Shows what a recovery would do, and asks; throws as {@link obtainConsent} does. */
export async function agreeToRecover(
  context: Context,
  options: CommonOptions,
  { app, group, left }: RecoveryAsked,
): Promise<void> {
  const rows = left.map(({ host, facts, remedy }) => {
    const { phase, run, owner } = facts;
    return { name: host.name, phase, run: run ?? '', owner: owner ?? '', remedy };
  });
  type Group = readonly [(typeof rows)[number], ...(typeof rows)[number][]];
  const columns = [
    { title: 'HOSTS', cell: (group: Group) => countedNames(group.map(({ name }) => name)) },
    { title: 'PHASE', cell: ([row]: Group) => row.phase },
    { title: 'RUN', cell: ([row]: Group) => row.run },
    { title: 'OF', cell: ([row]: Group) => row.owner },
    { title: 'REMEDY', cell: ([row]: Group) => row.remedy },
  ];
  const folded = groupBy(rows, ({ phase, run, owner }) => `${phase} ${run} ${owner}`);
  printLines(context.stderr, tableLines(columns, folded, tableLook(context, options)));
  const where = `${countText(left.length, 'host')} of ${group}`;
  await obtainConsent(context, options, {
    asks: 'a recovery asks before it changes anything',
    question: `Recover ${app.name} on ${where}?`,
  });
}
