import { countText } from '../../../model/text/count-text.js';
import { type TableLook, tableLines } from '../../text/table.js';

/** What `history sync` did with a run. */
export const SYNC_ENDS = [
  'written',
  'would-write',
  'complete',
  'alive',
  'unusable',
  'failed',
] as const;

export interface SyncRow {
  readonly run: string;
  readonly did: (typeof SYNC_ENDS)[number];
  /** What was lacking, or why it was not written. */
  readonly detail: string;
}

const TEXTS: Readonly<Record<SyncRow['did'], string>> = {
  written: 'written',
  'would-write': 'would be written',
  complete: 'complete',
  alive: 'still runs: its own process writes it',
  unusable: 'cannot be written',
  failed: 'not written',
};

/** A line for each run that is not complete, then how many there are of each kind. */
export function syncLines(rows: readonly SyncRow[], look: TableLook): readonly string[] {
  if (rows.length === 0) return ['The history lacks nothing of the runs of this bastion.'];
  const told = rows.filter(({ did }) => did !== 'complete');
  const table = tableLines<SyncRow>(
    [
      { title: 'RUN', cell: ({ run }) => run },
      { title: 'RESULT', cell: ({ did }) => TEXTS[did] },
      { title: 'WHAT', cell: ({ detail }) => detail },
    ],
    told,
    look,
  );
  const counts = SYNC_ENDS.flatMap((end) => {
    const count = rows.filter(({ did }) => did === end).length;
    return count === 0 ? [] : [`${count} ${end === 'alive' ? 'still running' : TEXTS[end]}`];
  });
  const sum = `${countText(rows.length, 'run')}: ${counts.join(', ')}`;
  return told.length === 0 ? [sum] : [...table, '', sum];
}
