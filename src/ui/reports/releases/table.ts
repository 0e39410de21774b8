import { bytesText } from '../../../model/text/bytes-text.js';
import { countText } from '../../../model/text/count-text.js';
import { namesText } from '../../../model/text/name-ranges.js';
import { localDateTime } from '../../text/format.js';
import { type TableLook, tableLines } from '../../text/table.js';

/** One release over all hosts of a group. */
export interface ReleaseRow {
  readonly id: string;
  readonly commit: string | null;
  /** RFC 3339; null if not known. */
  readonly deployedAt: string | null;
  readonly deployer: string | null;
  /** Hosts whose `current` is this release. */
  readonly current: readonly string[];
  /** Hosts that have the release, by its state there. */
  readonly healthy: readonly string[];
  readonly staged: readonly string[];
  readonly bad: readonly string[];
  /** Whether `fleet rollback --to` would accept it now, and if not, the reason. */
  readonly rollback:
    | { readonly possible: true }
    | { readonly possible: false; readonly reason: string };
  /** What it takes on a host; null if not known. */
  readonly bytes: number | null;
}

/** Newest first, as given; `hosts` is the number of hosts that were read. */
export function releasesLines(
  rows: readonly ReleaseRow[],
  look: TableLook & { readonly hosts: number },
): readonly string[] {
  const { style, hosts } = look;
  const lines = tableLines<ReleaseRow>(
    [
      { title: 'RELEASE', cell: (row) => row.id },
      {
        title: 'COMMIT',
        optional: true,
        cell: (row) => row.commit?.slice(0, 7) ?? style.symbols.dash,
      },
      {
        title: 'DEPLOYED',
        optional: true,
        cell: (row) =>
          row.deployedAt === null ? style.symbols.dash : localDateTime(row.deployedAt),
      },
      {
        title: 'SIZE',
        align: 'right',
        optional: true,
        cell: (row) => (row.bytes === null ? style.symbols.dash : bytesText(row.bytes)),
      },
      { title: 'BY', optional: true, cell: (row) => row.deployer ?? style.symbols.dash },
      {
        title: 'CURRENT',
        cell: (row) => ({ text: onHosts(row.current, hosts), paint: style.green }),
      },
      { title: 'HEALTHY', cell: (row) => onHosts(row.healthy, hosts) },
      { title: 'STAGED', cell: (row) => onHosts(row.staged, hosts) },
      { title: 'BAD', cell: (row) => ({ text: onHosts(row.bad, hosts), paint: style.red }) },
      {
        title: 'ROLLBACK',
        cell: (row) => (row.rollback.possible ? 'yes' : `no: ${row.rollback.reason}`),
      },
    ],
    rows,
    look,
  );
  return lines.length === 0 ? ['No releases on these hosts.'] : lines;
}

function onHosts(names: readonly string[], total: number): string {
  if (names.length === 0) return '';
  if (names.length === total) return `all ${total}`;
  return names.length <= 3 ? namesText(names) : countText(names.length, 'host');
}
