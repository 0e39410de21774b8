import { existsSync } from 'node:fs';
import { runLiveness } from '../../engine/journal/run-owner.js';
import type { HostReading } from '../../engine/reading/host-reading.js';
import type { RunSummary } from '../../history/store.js';
import { isRunId, type RunId } from '../../model/names.js';
import { whereFlags } from '../../model/releases/where.js';
import { durationText, localDateTime } from '../../ui/text/format.js';
import type { Context } from '../context/context.js';
import type { Target } from '../context/workspace.js';
import { historyOf, useHistory } from './records.js';
import { nullIfUnknown } from './shared-runs.js';

/** A run that holds hosts or a lock, as its record has it. */
export type Holder = Pick<
  RunSummary,
  'run' | 'kind' | 'app' | 'group' | 'operator' | 'bastion' | 'person' | 'startedAt' | 'reason'
> & { readonly release: string };

/** Whoever reads hosts does not wait longer for the history. */
const PATIENCE_MS = 2_000;

/** The runs that hold these hosts. */
export const holding = (surveys: readonly HostReading[]): readonly RunId[] => [
  ...new Set(
    surveys.flatMap((each) =>
      each.kind === 'read' && each.facts.run !== null && isRunId(each.facts.run)
        ? [each.facts.run]
        : [],
    ),
  ),
];

/** Who that is, as far as the history can tell now; it is asked only if there are any. Never rejects. */
export async function holdersOf(
  context: Context,
  { app }: Pick<Target, 'app'>,
  runs: readonly RunId[],
): Promise<readonly Holder[]> {
  const location = historyOf(context, app);
  if (runs.length === 0 || (location.kind === 'sqlite' && !existsSync(location.path))) return [];
  return useHistory(context, app, { ms: PATIENCE_MS }, async (store) => {
    const found: Holder[] = [];
    for (const run of runs) {
      const record = await store.getRun(run).catch(nullIfUnknown);
      if (record?.run === run) found.push(holderOf(record));
    }
    return found;
  }).catch(() => []);
}

const holderOf = (record: RunSummary): Holder => {
  const { run, kind, app, group, operator, bastion, person, startedAt, reason, release } = record;
  return {
    run,
    kind,
    app,
    group,
    operator,
    bastion,
    person,
    startedAt,
    reason,
    release: release.id,
  };
};

/** Who holds what since when, and what to type if that run is gone for good. */
export function holderLines(
  context: Context,
  { app, group }: Pick<Target, 'app' | 'group'>,
  holders: readonly Holder[],
): readonly string[] {
  return holders.flatMap((holder) => {
    const { run, kind, release, operator, bastion, startedAt, reason } = holder;
    const who = [operator, ...(operator.endsWith(`@${bastion}`) ? [] : [`on ${bastion}`])];
    const since = context.clock.now().getTime() - Date.parse(startedAt);
    const why = reason === null ? '' : `; reason: ${reason}`;
    const isHere = runLiveness(context.stateDir, run) === 'alive';
    return [
      `Run ${run}: ${kind} of ${holder.app} to ${release}`,
      `  by ${who.join(' ')}, since ${localDateTime(startedAt)} (${durationText(Math.max(0, since))})${why}`,
      ...(isHere
        ? []
        : [
            `  If it is gone for good, settle its hosts: fleet recover ${whereFlags(app, group)}`,
            `  or go on with it here: fleet resume ${run}`,
          ]),
    ];
  });
}
