import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { FleetEvent } from '../events/event.js';
import { asRunId, type RunId } from '../model/names.js';
import { type Plan, RUN_KINDS } from '../model/plan.js';
import { JOURNAL_FILES } from './journal.js';

/** An event as the journal keeps it: the plan of `run-started` lies in its own file. */
type JournalEvent =
  | Exclude<FleetEvent, { type: 'run-started' }>
  | Omit<Extract<FleetEvent, { type: 'run-started' }>, 'plan'>;

/** What a journal holds. */
export interface JournalReading {
  /** Null where the run died before its plan was in place, or the file is not a plan. */
  readonly plan: Plan | null;
  readonly events: readonly JournalEvent[];
  /** Lines that were cut off by a crash, or that no fleet wrote; left out of `events`. */
  readonly damagedLines: number;
  /** True where the run came to its end; false for one that died or still runs. */
  readonly ended: boolean;
}

const planShape = z.looseObject({
  run: z.string(),
  kind: z.enum(RUN_KINDS),
  hosts: z.array(z.looseObject({ host: z.looseObject({ name: z.string() }) })),
});
const eventShape = z.looseObject({ at: z.string(), type: z.string() });

/** Reads a run's journal; what is missing or torn is passed over, never thrown. */
export async function readJournal(folder: string): Promise<JournalReading> {
  const lines = (await textOf(join(folder, JOURNAL_FILES.events))).split('\n');
  const written = lines.filter((line) => line !== '');
  const events = written.map(parseEvent).filter((event) => event !== null);
  return {
    plan: parsePlan(await textOf(join(folder, JOURNAL_FILES.plan))),
    events,
    damagedLines: written.length - events.length,
    ended: events.at(-1)?.type === 'run-ended',
  };
}

/** The runs that have a journal here, newest first. */
export async function listRuns(stateDir: string): Promise<readonly RunId[]> {
  const found = await readdir(join(stateDir, 'runs'), { withFileTypes: true }).catch(orNone);
  const names = found.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return names.sort().reverse().map(asRunId);
}

async function textOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8').catch(orNone)).toString();
}

function parsePlan(text: string): Plan | null {
  const found = planShape.safeParse(parseJson(text));
  // Written whole or not at all by `openJournal`, so its shape is told by a few of its parts.
  return found.success ? (found.data as unknown as Plan) : null;
}

function parseEvent(line: string): JournalEvent | null {
  const found = eventShape.safeParse(parseJson(line));
  return found.success ? (found.data as unknown as JournalEvent) : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function orNone(error: unknown): [] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}
