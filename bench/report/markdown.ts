/** A table whose columns line up as plain text too; the first one is words, the others are figures. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const padded = (row: readonly string[]): string =>
    line(
      row.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      ),
    );
  const rule = line(
    widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)),
  );
  const [head = [], ...body] = rows;
  return [padded(head), rule, ...body.map(padded)].join('\n');
}

/** Puts texts in the place of what stands between `<!-- bench:NAME -->` and `<!-- bench end -->`. */
export function replaceBlocks(page: string, blocks: Readonly<Record<string, string>>): string {
  return page.replaceAll(
    /(<!-- bench:(\w+) -->\n)[\s\S]*?(<!-- bench end -->)/g,
    (whole, begin: string, name: string, end: string) => {
      const text = blocks[name];
      return text === undefined ? whole : `${begin}\n${text}\n\n${end}`;
    },
  );
}

/** A page of nothing but the blocks. */
export function pageOf(blocks: Readonly<Record<string, string>>): string {
  const parts = Object.keys(blocks).map((name) => `<!-- bench:${name} -->\n<!-- bench end -->\n`);
  return replaceBlocks(parts.join('\n'), blocks);
}
