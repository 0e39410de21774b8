import { join } from 'node:path';
import { keptHead } from '../../history/chain/chained-log.js';
import { linesOf } from '../../history/chain/head.js';
import { jsonForm } from '../../history/chain/link.js';
import { type ChainReading, readChain } from '../../history/chain/verify.js';
import type { RunId } from '../../model/names.js';
import { JOURNAL_FILES, journalFolder } from '../journal/journal.js';
import { parseJson } from '../journal/journal-lines.js';
import { listRuns } from '../journal/journal-reading.js';
import { runLiveness } from '../journal/run-owner.js';
import { graver, type RecordFinding, type RecordState } from './findings.js';
import { judgeChain } from './judge-chain.js';
import { judgeLogs } from './judge-log.js';
import { type LogFile, logFilesOf, type NamedDigest, textOf } from './log-files.js';

/** The end of a run's journal as another record has it, e.g. a history on a server. */
export interface Anchor {
  readonly run: RunId;
  readonly digest: string;
  /** Where that is, for people. */
  readonly where: string;
}

/**
 * Reads the records of a state folder: `deploy.log`, with those that were rotated away, and the journal of each
 * run, or of one. Each is checked line by line, and against what the others say of it.
 */
export async function verifyRecords(
  stateDir: string,
  {
    run = null,
    anchors = [],
  }: { readonly run?: RunId | null; readonly anchors?: readonly Anchor[] } = {},
): Promise<readonly RecordFinding[]> {
  const log = join(stateDir, 'deploy.log');
  const logs = logFilesOf(log);
  const runs = run === null ? (await listRuns(stateDir)).toReversed() : [run];
  const named = namedBy(logs);
  return [
    ...judgeLogs(logs, keptHead(log)),
    ...runs.map((each) => judgeJournal(stateDir, each, { logs, named, anchors })),
  ];
}

interface Others {
  readonly logs: readonly LogFile[];
  readonly named: ReadonlyMap<string, readonly Named[]>;
  readonly anchors: readonly Anchor[];
}

interface Named extends NamedDigest {
  readonly where: string;
}

/** What the logs say of each run. */
function namedBy(logs: readonly LogFile[]): ReadonlyMap<string, readonly Named[]> {
  const all = new Map<string, Named[]>();
  for (const { file, journals } of logs) {
    for (const each of journals) {
      const known = all.get(each.run);
      const named = { ...each, where: `line ${each.line} of ${file}` };
      if (known === undefined) all.set(each.run, [named]);
      else known.push(named);
    }
  }
  return all;
}

function judgeJournal(stateDir: string, run: RunId, others: Others): RecordFinding {
  const file = join(journalFolder(stateDir, run), JOURNAL_FILES.events);
  const { text, problem } = textOf(file);
  const reading = readChain(text, jsonForm);
  const isAlive = runLiveness(stateDir, run) === 'alive';
  const chain = judgeChain(isAlive ? { ...reading, isTorn: false } : reading, problem);
  const found = [chain, ...judgeOthers({ run, reading, text, isAlive }, others)];
  const { lines, chainedFrom, intactThrough, digests } = reading;
  return {
    file,
    run,
    state: found.map(({ state }) => state).reduce(graver),
    lines,
    chainedFrom,
    intactThrough,
    head: digests.at(-1) ?? null,
    notes: [...found.slice(1), chain].flatMap(({ notes }) => notes),
  };
}

interface Journal {
  readonly run: RunId;
  readonly reading: ChainReading;
  readonly text: string;
  readonly isAlive: boolean;
}

interface Judged {
  readonly state: RecordState;
  readonly notes: readonly string[];
}

/** What is known of a journal elsewhere, unless a line in it does not fit anyway. */
function judgeOthers(journal: Journal, { logs, named, anchors }: Others): readonly Judged[] {
  const { run, reading, isAlive } = journal;
  if (reading.misfit !== null || reading.chainedFrom === null) return [];
  const own = named.get(run) ?? [];
  const digests = new Set(reading.digests);
  const all = [...own, ...anchors.filter((each) => each.run === run)];
  const gone = all.filter(({ digest }) => digest !== null && !digests.has(digest));
  const last = lastEvent(journal.text);
  const hasEnded = last?.type === 'run-ended';
  return [
    ...gone.map(({ where }) =>
      changed(
        `its end is gone, or it was written anew: ${where} has the digest of a line that is not in it`,
      ),
    ),
    ...(hasEnded && own.length === 0 && isCovered(logs, last.at)
      ? [
          changed(
            'deploy.log has no line of this run, which has ended: it was removed, or could not be written',
          ),
        ]
      : []),
    ...(hasEnded || isAlive || gone.length > 0 ? [] : [unended]),
  ];
}

const changed = (note: string): Judged => ({ state: 'changed', notes: [note] });

const unended: Judged = {
  state: 'incomplete',
  notes: ['it has no end: the process of the run has died, or the end was removed'],
};

/** Whether the logs that are here begin before that time. */
function isCovered(logs: readonly LogFile[], at: string): boolean {
  return (
    logs.some(({ since }) => since !== null && Date.parse(since) <= Date.parse(at)) ||
    logs.every(({ since }) => since === null)
  );
}

function lastEvent(text: string): { readonly type: string; readonly at: string } | null {
  const last = parseJson(linesOf(text).at(-1) ?? '');
  if (typeof last !== 'object' || last === null || !('type' in last) || !('at' in last))
    return null;
  return { type: String(last.type), at: String(last.at) };
}
