import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bastion } from '../e2e/support/bastion.js';

/** What a journal says of a run, as far as hooks go. */
export interface RunJournal {
  readonly run: string;
  readonly kind: string;
  /** How it ended; null if it has not. */
  readonly state: string | null;
  /** Every run of a hook that was about to begin. */
  readonly begun: readonly { readonly hook: string; readonly turn: string; readonly key: string }[];
  readonly ended: readonly { readonly turn: string; readonly key: string; readonly end: string }[];
  /** Turns of which no one knows how far they came, and of which no person has said anything yet. */
  readonly interrupted: readonly string[];
  /** Turns that a person has counted as done. */
  readonly settledDone: readonly string[];
  /** Hosts that it was to change. */
  readonly hosts: number;
  readonly waves: number;
}

/** The journals of all runs of these bastions. */
export function readJournals(bastions: readonly Bastion[]): readonly RunJournal[] {
  return bastions.flatMap(({ stateDir }) => {
    const folder = join(stateDir, 'runs');
    if (!existsSync(folder)) return [];
    return readdirSync(folder).flatMap((run) => readJournal(join(folder, run), run));
  });
}

function readJournal(folder: string, run: string): readonly RunJournal[] {
  const file = join(folder, 'events.ndjson');
  if (!existsSync(file)) return [];
  const events = readFileSync(file, 'utf8').split('\n').flatMap(parsed);
  const of = (type: string) => events.filter((event) => event.type === type);
  const [first] = of('run-started');
  return [
    {
      run,
      kind: first?.plan?.kind ?? '',
      hosts: first?.plan?.hosts?.length ?? 0,
      waves: first?.plan?.waves?.length ?? 0,
      state: of('run-ended').at(-1)?.state ?? null,
      begun: of('hook-started'),
      ended: of('hook-ended'),
      interrupted: interruptedOf(events),
      settledDone: of('hook-settled').flatMap(({ how, turn }) => (how === 'done' ? [turn] : [])),
    },
  ];
}

/** Hooks of one host are left out: they run again with it. */
function interruptedOf(events: ReturnType<typeof parsed>): readonly string[] {
  const open = new Set<string>();
  for (const { type, turn, key, end } of events) {
    if (type === 'hook-settled' || type === 'hook-started') open.delete(turn);
    if (type === 'hook-ended' && turn !== key && end === 'interrupted') open.add(turn);
  }
  return [...open];
}

// biome-ignore lint/suspicious/noExplicitAny: events of every type; those that are used are checked by their type
function parsed(line: string): any[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
