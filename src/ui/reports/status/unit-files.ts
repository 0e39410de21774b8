import { groupBy } from '../../../model/text/group-by.js';
import { countedNames } from '../../../model/text/name-ranges.js';
import type { Style } from '../../terminal/style.js';
import { diffRows } from '../../text/diff-rows.js';
import type { StatusRow } from './table.js';

/** What someone has changed in unit files, as a diff. Hosts with the same change share it. */
export function unitFileLines(rows: readonly StatusRow[], style: Style): readonly string[] {
  const changed = rows.flatMap(({ host, unitFiles }) =>
    (unitFiles ?? []).map((file) => ({ host, file })),
  );
  return groupBy(changed, ({ file }) => JSON.stringify(file)).flatMap((same) => {
    const { unit, brought, installed } = same[0].file;
    const head = `${countedNames(same.map(({ host }) => host))}  unit file ${unit}:`;
    const lines =
      installed === null
        ? ['    is not installed']
        : diffRows(brought.join('\n'), installed.join('\n'), style).map((line) => `    ${line}`);
    return [`${style.yellow(style.symbols.warning)} ${head}`, ...lines];
  });
}
