import { shortLine } from '../../../errors/printable.js';
import type { RunKind } from '../../../model/run-kind.js';
import { localDateTime } from '../../text/format.js';
import { type TableLook, tableLines } from '../../text/table.js';

/** A plan that waits for a second person, or was approved and has not started. */
export interface ApprovalRow {
  readonly run: string;
  readonly kind: RunKind;
  readonly app: string;
  readonly group: string;
  readonly release: string;
  readonly by: string;
  readonly expiresAt: string;
  readonly reason: string | null;
  readonly state: 'waiting' | 'approved';
}

const REASON_WIDTH = 40;

export function approvalLines(rows: readonly ApprovalRow[], look: TableLook): readonly string[] {
  const lines = tableLines<ApprovalRow>(
    [
      { title: 'RUN', cell: ({ run }) => run },
      { title: 'STATE', cell: ({ state }) => state },
      { title: 'KIND', optional: true, cell: ({ kind }) => kind },
      { title: 'APP', cell: ({ app }) => app },
      { title: 'GROUP', cell: ({ group }) => group },
      { title: 'RELEASE', optional: true, cell: ({ release }) => release },
      { title: 'BY', cell: ({ by }) => by },
      { title: 'UNTIL', optional: true, cell: ({ expiresAt }) => localDateTime(expiresAt) },
      {
        title: 'REASON',
        optional: 'first',
        cell: ({ reason }) => shortLine(reason ?? '', REASON_WIDTH),
      },
    ],
    rows,
    look,
  );
  return lines.length === 0 ? ['No run waits for approval.'] : lines;
}
