import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { reasonOf } from '../errors/reason.js';
import type { FleetEvent } from '../events/event.js';
import { asRunId, isRunId, type RunId } from '../model/names.js';
import type { Plan } from '../model/plan.js';
import { JOURNAL_FILES } from './journal.js';
import { readOwn } from './own-files.js';
import { parsePlan } from './plan-file.js';

/** An event as the journal keeps it: the plan of `run-started` lies in its own file. */
type JournalEvent =
  | Exclude<FleetEvent, { type: 'run-started' }>
  | Omit<Extract<FleetEvent, { type: 'run-started' }>, 'plan'>;

/** What a journal holds. */
export interface JournalReading {
  /** Null where the run died before its plan was in place, or the file is not a plan of this run. */
  readonly plan: Plan | null;
  /** Why a plan that is there was not taken; null where it was, or there is none. */
  readonly planProblem: string | null;
  readonly events: readonly JournalEvent[];
  /** Lines that were cut off by a crash, or that no fleet wrote; left out of `events`. */
  readonly damagedLines: number;
  /** True where the run came to its end; false for one that died or still runs. */
  readonly ended: boolean;
}

const eventShape = z.looseObject({ at: z.string(), type: z.string() });

/**
 * Reads a run's journal. What is missing or torn, is a link, or is another user's, is passed over,
 * never thrown.
 */
export async function readJournal(folder: string): Promise<JournalReading> {
  const lines = textOf(join(folder, JOURNAL_FILES.events)).text.split('\n');
  const written = lines.filter((line) => line !== '');
  const events = written.map(parseEvent).filter((event) => event !== null);
  return {
    ...readPlan(folder),
    events,
    damagedLines: written.length - events.length,
    ended: events.at(-1)?.type === 'run-ended',
  };
}

/** The runs that have a journal here, newest first. */
export async function listRuns(stateDir: string): Promise<readonly RunId[]> {
  const found = await readdir(join(stateDir, 'runs'), { withFileTypes: true }).catch(orNone);
  const folders = found.filter((entry) => entry.isDirectory());
  const names = folders.map(({ name }) => name).filter(isRunId);
  const runs = names.map(asRunId).filter((run) => hasJournal(stateDir, run));
  return runs.sort().reverse();
}

/** Whether a run has a journal here; a recovery has a folder too, and in it who carries it out. */
export function hasJournal(stateDir: string, run: RunId): boolean {
  const folder = join(stateDir, 'runs', run);
  return Object.values(JOURNAL_FILES).some((file) => existsSync(join(folder, file)));
}

function readPlan(folder: string): Pick<JournalReading, 'plan' | 'planProblem'> {
  const { text, problem } = textOf(join(folder, JOURNAL_FILES.plan));
  if (problem !== null || text === '') return { plan: null, planProblem: problem };
  const plan = parsePlan(parseJson(text), basename(folder));
  return { plan, planProblem: plan === null ? 'plan.json holds no whole plan of this run' : null };
}

function textOf(file: string): { readonly text: string; readonly problem: string | null } {
  try {
    return { text: readOwn(file), problem: null };
  } catch (error) {
    return { text: '', problem: reasonOf(error) };
  }
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
