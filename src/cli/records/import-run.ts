import { journalFolder, openJournal, reopenJournal } from '../../engine/journal/journal.js';
import { journalNewer, readJournal } from '../../engine/journal/journal-reading.js';
import type { FleetEvent } from '../../events/event.js';
import { readShare } from '../../history/shared-run.js';
import { createStamper } from '../../history/stamp.js';
import type { SharedDocument } from '../../history/store.js';
import type { RunId } from '../../model/names.js';
import type { Plan } from '../../model/runs/plan.js';
import type { Context } from '../context/context.js';
import { printWarning } from '../context/output.js';

/** A run of another bastion, as far as that one has written it into the shared history. */
export interface ForeignRun {
  readonly plan: Plan;
  readonly events: readonly FleetEvent[];
}

/** Null if its plan is not there, or is not one of this run. Throws `journal_newer`. */
export async function readForeign(
  run: RunId,
  documents: readonly SharedDocument[],
): Promise<ForeignRun | null> {
  const [{ parsePlan }, { parseJson, readLines }] = await Promise.all([
    import('../../engine/journal/plan-file.js'),
    import('../../engine/journal/journal-lines.js'),
  ]);
  const { plan: text, lines } = readShare(documents);
  const file = text === null ? null : parsePlan(parseJson(text), run);
  if (file?.kind === 'newer') throw journalNewer(run, file.newer);
  if (file?.kind !== 'plan') return null;
  const { events, newer } = readLines(lines, file.plan);
  if (newer !== null) throw journalNewer(run, newer);
  return { plan: file.plan, events };
}

/**
 * Adds to the journal of a run what other bastions did later than its last line, and their plan; makes the journal if
 * none is here. What is cut off is added by the next call. Returns whether something was added.
 */
export async function importRun(
  context: Context,
  { plan, events }: ForeignRun,
): Promise<{ readonly isNews: boolean }> {
  const folder = journalFolder(context.stateDir, plan.run);
  const local = await readJournal(folder);
  const last = stamped(local.events).at(-1)?.stamp ?? '';
  const news = stamped(events).filter(({ stamp }) => stamp > last);
  if (news.length === 0 && local.plan !== null) return { isNews: false };
  const warn = (message: string): void => printWarning(context, message);
  openJournal(folder, plan, warn).close();
  for (const stream of streamsOf(news.map(({ event }) => event))) {
    const journal = reopenJournal(folder, warn);
    for (const event of stream) journal.append(event);
    journal.close();
  }
  return { isNews: true };
}

function stamped(events: readonly FleetEvent[]) {
  const stampOf = createStamper();
  return events.map((event) => ({ event, stamp: stampOf(event) }));
}

/** Each controller of a run has a stream of its own, which its head begins. */
function streamsOf(events: readonly FleetEvent[]): readonly (readonly FleetEvent[])[] {
  const streams: FleetEvent[][] = [];
  for (const event of events) {
    if (event.type === 'stream-started' || streams.length === 0) streams.push([]);
    streams.at(-1)?.push(event);
  }
  return streams;
}
