import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FleetError } from '../../errors/fleet-error.js';
import { hasCode } from '../../errors/has-code.js';
import { reasonOf } from '../../errors/reason.js';
import type { FleetEvent } from '../../events/event.js';
import { readOwn } from '../../files/own-files.js';
import { asRunId, isRunId, type RunId } from '../../model/names.js';
import type { Plan } from '../../model/runs/plan.js';
import { JOURNAL_FILES } from './journal.js';
import type { Newer } from './journal-upgrade.js';

/** What a journal holds, as if this fleet had written it all. */
export interface JournalReading {
  /** Null where the run died before its plan was in place, or the file is not a plan of this run. */
  readonly plan: Plan | null;
  /** Why an existing plan cannot be used; null if it can, or if no plan was found. */
  readonly planProblem: string | null;
  readonly events: readonly FleetEvent[];
  /** Lines that a crash cut off, or that no fleet wrote; not in `events`. */
  readonly damagedLines: number;
  /** True if the run came to its end; false if it died or still runs. */
  readonly ended: boolean;
  /** The version of a record that only a newer fleet can read; null if this one can. */
  readonly newer: Newer | null;
}

/**
 * Reads a run's journal. A file that is missing or torn, is a link, or belongs to another user, is
 * skipped and never throws. What a newer fleet wrote is not interpreted.
 */
export async function readJournal(folder: string): Promise<JournalReading> {
  // Only readers need these schemas: most commands start without them.
  const [{ parsePlan }, { parseJson, readLines }] = await Promise.all([
    import('./plan-file.js'),
    import('./journal-lines.js'),
  ]);
  const run = basename(folder);
  const { text, problem } = textOf(join(folder, JOURNAL_FILES.plan));
  const file = problem === null && text !== '' ? parsePlan(parseJson(text), run) : null;
  const plan = file?.kind === 'plan' ? file.plan : null;
  const written = textOf(join(folder, JOURNAL_FILES.events)).text.split('\n');
  const lines = readLines(
    written.filter((line) => line !== ''),
    plan,
  );
  const newer = file?.kind === 'newer' ? file.newer : lines.newer;
  if (newer !== null) {
    return { ...lines, events: [], plan: null, planProblem: `it ${newerText(newer)}`, newer };
  }
  const none = file?.kind === 'none' ? 'plan.json holds no whole plan of this run' : null;
  return { ...lines, plan, planProblem: problem ?? none, newer };
}

/** The refusal of a run whose record only a newer fleet can read. */
export function journalNewer(run: RunId, newer: Newer): FleetError {
  return new FleetError('journal_newer', `the record of run ${run} ${newerText(newer)}`, {
    hint: 'use the fleet that wrote it, or a newer one; nothing was changed',
  });
}

const newerText = ({ version, known }: Newer): string =>
  `has version ${version}, and this fleet reads versions up to ${known}`;

/** The runs that have a journal here, newest first. */
export async function listRuns(stateDir: string): Promise<readonly RunId[]> {
  const found = await readdir(join(stateDir, 'runs'), { withFileTypes: true }).catch(orNone);
  const folders = found.filter((entry) => entry.isDirectory());
  const names = folders.map(({ name }) => name).filter(isRunId);
  const runs = names.map(asRunId).filter((run) => hasJournal(stateDir, run));
  return runs.sort().reverse();
}

/** Whether a run has a journal here. A recovery has a folder too, but only with its owner in it. */
export function hasJournal(stateDir: string, run: RunId): boolean {
  const folder = join(stateDir, 'runs', run);
  return Object.values(JOURNAL_FILES).some((file) => existsSync(join(folder, file)));
}

function textOf(file: string): { readonly text: string; readonly problem: string | null } {
  try {
    return { text: readOwn(file), problem: null };
  } catch (error) {
    return { text: '', problem: reasonOf(error) };
  }
}

function orNone(error: unknown): [] {
  if (hasCode(error, 'ENOENT')) return [];
  throw error;
}
