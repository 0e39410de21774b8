import { type AdoptResult, adoptHosts } from '../../../engine/adopt/adopt-hosts.js';
import { type HostAdoption, hasWork } from '../../../engine/adopt/adoption.js';
import { readAdoptions } from '../../../engine/adopt/read-adoptions.js';
import { EXIT, type ExitCode, exitCodeOf } from '../../../errors/codes.js';
import { adoptJson } from '../../../ui/reports/adopt/json.js';
import type { AdoptReport } from '../../../ui/reports/adopt/rows.js';
import { adoptLines, adoptQuestion } from '../../../ui/reports/adopt/text.js';
import type { TargetLink } from '../../connect/fleet-link.js';
import { withLink } from '../../connect/reading.js';
import type { Action } from '../../context/command.js';
import { obtainConsent, refuseUnattended } from '../../context/consent.js';
import type { Context } from '../../context/context.js';
import { hostFields, noted, tally } from '../../context/noted.js';
import { printJson, printLines, printWarning, tableLook } from '../../context/output.js';
import { newRunId } from '../../context/run-id.js';
import { openTarget, type Target } from '../../context/workspace.js';
import { recordAdopted } from '../../records/adopted-history.js';
import { withOwnerNote } from '../../recovery/owner-note.js';
import { adoptReport } from '../../reports/adopt-rows.js';
import type { AdoptOptions } from '../../session/flags.js';

/** `fleet adopt`: takes over hosts that another tool deployed. Nothing is deleted there. */
export const adopt: Action<AdoptOptions> = async (context, options) => {
  const dryRun = options.dryRun === true;
  const asks = 'adopt asks before it changes anything';
  if (!dryRun) refuseUnattended(context, options, { asks, instead: '--dry-run to see it all' });
  const target = await openTarget(context, options);
  return withLink(context, options, async (link, signal) => {
    const fleet = link.to(target);
    const surveys = await fleet.survey(signal);
    const trustEarlier = options.trustEarlier === true;
    const call = fleet.caller();
    const readings = await readAdoptions({ ...target, surveys, trustEarlier, call, signal });
    const planned = adoptReport(target, readings, null);
    const hosts = readings.filter((each) => each.kind === 'ready');
    if (dryRun || !hosts.some(hasWork)) {
      show(context, options, { ...planned, dryRun });
      return exitFor(planned);
    }
    if (options.json !== true) {
      const look = tableLook(context, options);
      printLines(context.stderr, adoptLines({ ...planned, dryRun: true }, look));
    }
    await obtainConsent(context, options, { asks, question: adoptQuestion(planned) });
    const result = await carryOut({ context, target, fleet, hosts, signal });
    const report = adoptReport(target, readings, result);
    const { warnings } = await recordAdopted(context, { target, hosts, result });
    for (const warning of warnings) printWarning(context, warning);
    show(context, options, report);
    return exitFor(report);
  });
};

interface Carried {
  readonly context: Context;
  readonly target: Target;
  readonly fleet: TargetLink;
  readonly hosts: readonly HostAdoption[];
  readonly signal: AbortSignal;
}

function carryOut({ context, target, fleet, hosts, signal }: Carried): Promise<AdoptResult> {
  const run = newRunId(context);
  const { app, group } = target;
  const names = hosts.filter(hasWork).map(({ host }) => host.name);
  const deed = {
    kind: 'adopt',
    fields: { app: app.name, group, as: run, ...hostFields(names) },
    outcome: (result: AdoptResult) => ({ states: tally(result.hosts.map(({ state }) => state)) }),
  } as const;
  const { clock, operator: owner } = context;
  const call = fleet.caller();
  return noted(context, deed, () =>
    withOwnerNote(context.stateDir, run, () =>
      adoptHosts({ app, run, owner, hosts, call, clock, signal }),
    ),
  );
}

function show(context: Context, options: AdoptOptions, report: AdoptReport): void {
  if (options.json === true) return printJson(context, adoptJson(report));
  const { hosts } = report;
  const adopted = hosts.filter(({ state }) => state === 'adopted').length;
  if (adopted > 0) {
    // The plan was shown before the question; what is left to say is how it ended.
    const rest = hosts.map((each) => ({ ...each, releases: [], left: [] }));
    const told = { ...report, hosts: rest, shared: NO_SHARES };
    printLines(context.stdout, [
      `Adopted ${adopted} of ${hosts.length} hosts. See them with: fleet releases -g ${report.group}`,
      ...adoptLines(told, tableLook(context, options)),
    ]);
    return;
  }
  const lines = adoptLines(report, tableLook(context, options));
  printLines(context.stdout, lines);
  if (!report.dryRun && hosts.every(({ state }) => state === 'unchanged')) {
    context.stdout.write('Nothing to adopt.\n');
  }
}

const NO_SHARES: AdoptReport['shared'] = { found: [], missing: [], extra: [], unlike: [] };

/** 4 if a host failed in the middle, 3 if some were left out, the reason's own code if all were. */
function exitFor({ hosts }: AdoptReport): ExitCode {
  const errors = hosts.flatMap(({ error }) => (error === null ? [] : [error]));
  const [first] = errors;
  if (hosts.some(({ state }) => state === 'failed')) return EXIT.failed;
  if (first === undefined) return EXIT.ok;
  if (errors.length < hosts.length) return EXIT.partial;
  const code = exitCodeOf(first.code);
  return errors.every((each) => exitCodeOf(each.code) === code) ? code : EXIT.refused;
}
