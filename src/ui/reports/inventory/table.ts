import { type TableLook, tableLines } from '../../text/table.js';

/** One host of the inventory, resolved. */
export interface InventoryRow {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly jump: string | null;
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** In inventory order, as given. */
export function inventoryLines(rows: readonly InventoryRow[], look: TableLook): readonly string[] {
  const lines = tableLines<InventoryRow>(
    [
      { title: 'HOST', cell: (row) => row.name },
      { title: 'ADDRESS', cell: addressText },
      { title: 'JUMP', cell: (row) => row.jump ?? '' },
      { title: 'GROUPS', cell: (row) => row.groups.join(', ') },
      {
        title: 'LABELS',
        cell: (row) =>
          Object.entries(row.labels)
            .map(([key, value]) => `${key}=${value}`)
            .join(' '),
      },
    ],
    rows,
    look,
  );
  return lines.length === 0 ? ['No hosts.'] : lines;
}

/** As ssh writes it, e.g. `deploy@web01:2222`. Port 22 is not shown. */
function addressText({ user, address, port }: InventoryRow): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${user}@${host}${port === 22 ? '' : `:${port}`}`;
}
