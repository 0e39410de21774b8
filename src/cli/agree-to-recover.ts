import type { undecidedOf } from '../engine/recover.js';
import { FleetError } from '../errors/fleet-error.js';
import { confirm } from '../ui/prompt.js';
import { tableLines } from '../ui/table.js';
import type { Context } from './context.js';
import { mayConfirm } from './may-confirm.js';
import type { CommonOptions } from './options.js';
import { printLines, tableLook } from './output.js';
import { mayBeAlive } from './recovery.js';

type Undecided = ReturnType<typeof undecidedOf>[number];

/** Throws `locked` where a run that has left these hosts undecided may still be at work on them. */
export function refuseAlive(context: Context, undecided: readonly Undecided[]): void {
  const alive = undecided.filter((host) => mayBeAlive(context, host));
  if (alive.length === 0) return;
  throw new FleetError('locked', 'the run that holds these hosts may be alive', {
    hint: 'wait until its leases have run out, or stop it; --force takes its hosts away from it',
    problems: alive.map(({ host, facts }) => ({
      message: `${host.name}: run ${facts.run} of ${facts.owner ?? 'somebody'}, whose lease has ${facts.lease ?? 0} s left`,
    })),
  });
}

/** Shows what would be done, and asks; throws where nobody agrees. */
export async function agreeToRecover(
  context: Context,
  options: CommonOptions,
  undecided: readonly Undecided[],
): Promise<void> {
  const columns = [
    { title: 'HOST', cell: ({ host }: Undecided) => host.name },
    { title: 'PHASE', cell: ({ facts }: Undecided) => facts.phase },
    { title: 'RUN', cell: ({ facts }: Undecided) => facts.run ?? '' },
    { title: 'OF', cell: ({ facts }: Undecided) => facts.owner ?? '' },
    { title: 'REMEDY', cell: ({ remedy }: Undecided) => remedy },
  ];
  printLines(context.stderr, tableLines(columns, undecided, tableLook(context, options)));
  if (options.yes === true) return;
  if (!mayConfirm(context, options)) {
    throw new FleetError('confirmation_required', 'a recovery asks before it changes anything', {
      hint: 'there is no terminal to ask on: add --yes',
    });
  }
  if (await confirm('Bring these hosts to a decided state?', context)) return;
  throw new FleetError('interrupted', 'not confirmed; nothing was changed');
}
