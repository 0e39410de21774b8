import { graver, type RecordFinding, type RecordState } from './findings.js';
import { judgeChain } from './judge-chain.js';
import type { LogFile } from './log-files.js';

/** What was found out of `deploy.log` and the rotated ones; `kept` is the digest that is kept beside it. */
export function judgeLogs(
  files: readonly LogFile[],
  kept: string | null,
): readonly RecordFinding[] {
  return files
    .filter((each, index) => index === 0 || each.reading.lines > 0 || each.problem !== null)
    .map((each, index) => {
      const others = files.filter(({ file }) => file !== each.file);
      const found = [
        judgeChain(each.reading, each.problem),
        ...each.after.map((after) => judgeReference(after, others)),
        ...(index === 0 ? [judgeEnd(files, kept)] : []),
      ];
      return findingOf(each, found);
    });
}

interface Judged {
  readonly state: RecordState;
  readonly notes: readonly string[];
}

const FINE: Judged = { state: 'intact', notes: [] };

/** A first line follows a log that was rotated away; any other one follows lines that are gone. */
function judgeReference(
  { line, digest }: LogFile['after'][number],
  others: readonly LogFile[],
): Judged {
  const before = others.find(({ reading }) => reading.digests.includes(digest));
  if (line > 1) {
    return { state: 'changed', notes: [`lines were removed before line ${line}`] };
  }
  if (before !== undefined) {
    return before.reading.digests.at(-1) === digest
      ? FINE
      : {
          state: 'incomplete',
          notes: [`it follows a line of ${before.file} that is not its last`],
        };
  }
  const short = digest.slice(0, 12);
  return {
    state: 'intact',
    notes: [`it follows an older log that is not here any more (${short}…)`],
  };
}

/** The digest that was kept is that of the last line, unless the log was rotated since. */
function judgeEnd(files: readonly LogFile[], kept: string | null): Judged {
  if (kept === null || files.some(({ reading }) => reading.digests.includes(kept))) return FINE;
  // A misfit hides what comes after it.
  if (files.some(({ reading }) => reading.misfit !== null)) return FINE;
  const short = kept.slice(0, 12);
  return { state: 'changed', notes: [`the last line that fleet wrote is gone (${short}…)`] };
}

function findingOf({ file, reading }: LogFile, found: readonly Judged[]): RecordFinding {
  const { lines, chainedFrom, intactThrough, digests } = reading;
  const ordered = [...found].sort((one, other) =>
    graver(one.state, other.state) === one.state ? -1 : 1,
  );
  return {
    file,
    run: null,
    state: found.map(({ state }) => state).reduce(graver),
    lines,
    chainedFrom,
    intactThrough,
    head: digests.at(-1) ?? null,
    notes: ordered.flatMap(({ notes }) => notes),
  };
}
