import type { Recovered } from '../../engine/recover/recover.js';
import { groupBy } from '../../model/text/group-by.js';
import { countedNames } from '../../model/text/name-ranges.js';
import { type TableLook, tableLines } from '../../ui/text/table.js';

type Group = readonly [Recovered, ...Recovered[]];

/** The result of a recovery; hosts with the same result share a line. */
export function recoveredLines(
  recovered: readonly Recovered[],
  look: TableLook,
): readonly string[] {
  const columns = [
    { title: 'HOSTS', cell: (group: Group) => countedNames(group.map(({ host }) => host)) },
    { title: 'NOW', cell: ([first]: Group) => first.state },
    { title: '', cell: ([first]: Group) => first.detail },
  ];
  return tableLines(
    columns,
    groupBy(recovered, ({ state, detail }) => `${state} ${detail}`),
    look,
  );
}
