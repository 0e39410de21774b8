import { printableLine } from '../../../errors/printable.js';
import { bytesText } from '../../../model/text/bytes-text.js';
import { groupBy } from '../../../model/text/group-by.js';
import { countedNames } from '../../../model/text/name-ranges.js';
import { localDateTime } from '../../text/format.js';
import { type TableLook, tableLines } from '../../text/table.js';
import type { BackupRow } from './rows.js';

type Alike = readonly [BackupRow, ...BackupRow[]];

/** Newest first; hosts that kept the same in one run share a line, with the sum of their sizes. */
export function backupLines(rows: readonly BackupRow[], look: TableLook): readonly string[] {
  const { style } = look;
  const newest = rows.toSorted((a, b) => (a.at < b.at ? 1 : Number(a.at > b.at) * -1));
  const alike = groupBy(newest, ({ run, kind, from, to, paths, commandBytes }) =>
    JSON.stringify([run, kind, from, to, paths.map(({ path }) => path), commandBytes === null]),
  );
  const dash = style.symbols.dash;
  const lines = tableLines<Alike>(
    [
      { title: 'HOSTS', cell: (same) => countedNames(same.map(({ host }) => host)) },
      { title: 'RUN', cell: ([{ run }]) => run },
      { title: 'TAKEN', optional: true, cell: ([{ at }]) => localDateTime(at) },
      { title: 'FROM', optional: true, cell: ([{ from }]) => from ?? dash },
      {
        title: 'TO',
        optional: true,
        cell: ([{ kind, to }]) => to ?? (kind === 'restore' ? 'a restore' : dash),
      },
      {
        title: 'SIZE',
        align: 'right',
        cell: (same) => bytesText(same.reduce((sum, { bytes }) => sum + bytes, 0)),
      },
      { title: 'KEPT', cell: ([row]) => whatIsKept(row) },
    ],
    alike,
    look,
  );
  return lines.length === 0 ? ['No backups on these hosts.'] : lines;
}

function whatIsKept({ paths, commandBytes }: BackupRow): string {
  const names = paths.flatMap(({ path, bytes }) => (bytes === null ? [] : [printableLine(path)]));
  return [...names, ...(commandBytes === null ? [] : ['its command'])].join(', ');
}
