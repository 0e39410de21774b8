import type { HostSurvey, ReadHost } from '../../engine/admit.js';
import { createCaller } from '../../engine/caller.js';
import { type Recovered, recoverHost, remedyFor } from '../../engine/recover.js';
import { survey } from '../../engine/survey.js';
import { EXIT, type ExitCode } from '../../errors/codes.js';
import { FleetError } from '../../errors/fleet-error.js';
import { createEventBus } from '../../events/bus.js';
import { confirm } from '../../ui/prompt.js';
import { tableLines } from '../../ui/table.js';
import type { Action } from '../command.js';
import type { Context } from '../context.js';
import { mayConfirm } from '../may-confirm.js';
import type { CommonOptions } from '../options.js';
import { printJson, printLines, tableLook } from '../output.js';
import { exitForSurveys, withLink } from '../reading.js';
import { openTarget } from '../workspace.js';

/**
 * `fleet recover`: brings hosts that a dead run has left claimed or undecided to a decided state,
 * by what their own state says. Asks first, as a run that is alive must not be recovered.
 */
export const recover: Action<CommonOptions> = async (context, options) => {
  const target = await openTarget(context, options);
  const { app, hosts, group } = target;
  return withLink(context, options, async (link, signal) => {
    const bus = createEventBus(context.clock.now);
    const clients = link.clients(app, hosts);
    const { limit } = link;
    const surveys = await survey({ app, hosts, clients, bus, limit, signal });
    const undecided = surveys.filter(isUndecided);
    if (undecided.length > 0) await agree(context, options, undecided);
    const call = createCaller({ clients, bus, limit, clock: context.clock, random: Math.random });
    const recovered = await Promise.all(
      undecided.map((read) => recoverHost(read, { app, call, now: context.clock.now, signal })),
    );
    const unread = surveys.flatMap(unreadHost);
    report(context, options, { app: app.name, group, hosts: [...recovered, ...unread] });
    return exitFor(recovered, surveys);
  });
};

function isUndecided(survey: HostSurvey): survey is HostSurvey & ReadHost & { kind: 'read' } {
  return survey.kind === 'read' && remedyFor(survey.facts) !== 'none';
}

function unreadHost(survey: HostSurvey): readonly Recovered[] {
  if (survey.kind === 'read') return [];
  return [{ host: survey.host.name, state: 'unknown', detail: survey.failure.message }];
}

async function agree(
  context: Context,
  options: CommonOptions,
  undecided: readonly ReadHost[],
): Promise<void> {
  const columns = [
    { title: 'HOST', cell: ({ host }: ReadHost) => host.name },
    { title: 'PHASE', cell: ({ facts }: ReadHost) => facts.phase },
    { title: 'RUN', cell: ({ facts }: ReadHost) => facts.run ?? '' },
    { title: 'OF', cell: ({ facts }: ReadHost) => facts.owner ?? '' },
    { title: 'REMEDY', cell: ({ facts }: ReadHost) => remedyFor(facts) },
  ];
  printLines(context.stderr, tableLines(columns, undecided, tableLook(context, options)));
  if (options.yes === true) return;
  if (!mayConfirm(context, options)) {
    throw new FleetError('confirmation_required', 'recover asks before it changes anything', {
      hint: 'be sure that none of these runs is alive, then add --yes',
    });
  }
  if (await confirm('None of these runs is alive, and their hosts may be decided?', context))
    return;
  throw new FleetError('interrupted', 'not confirmed; nothing was changed');
}

function report(
  context: Context,
  options: CommonOptions,
  body: { readonly app: string; readonly group: string; readonly hosts: readonly Recovered[] },
): void {
  if (options.json === true) return printJson(context, { schemaVersion: 1, ...body });
  if (body.hosts.length === 0) {
    context.stdout.write('Every host is decided and free; nothing to recover.\n');
    return;
  }
  const columns = [
    { title: 'HOST', cell: ({ host }: Recovered) => host },
    { title: 'NOW', cell: ({ state }: Recovered) => state },
    { title: '', cell: ({ detail }: Recovered) => detail },
  ];
  printLines(context.stdout, tableLines(columns, body.hosts, tableLook(context, options)));
}

function exitFor(recovered: readonly Recovered[], surveys: readonly HostSurvey[]): ExitCode {
  const broken = recovered.some(({ state }) => state === 'down' || state === 'unknown');
  return broken ? EXIT.incomplete : exitForSurveys(surveys);
}
