/**
 * What differs between two texts, line by line: `+ ` and `- ` before lines that come and go, `  ` before the
 * `around` lines beside them, and `…` for what is left out. Blanks at the ends of lines do not count.
 */
export function diffLines(before: string, after: string, around: number): readonly string[] {
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const common = commonLengths(old, fresh);
  const all: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && same(old[i], fresh[j])) {
      all.push(`  ${fresh[j]}`);
      [i, j] = [i + 1, j + 1];
    } else if (
      j >= fresh.length ||
      (i < old.length && at(common, i + 1, j) >= at(common, i, j + 1))
    ) {
      all.push(`- ${old[i]}`);
      i += 1;
    } else {
      all.push(`+ ${fresh[j]}`);
      j += 1;
    }
  }
  return folded(all, around);
}

const linesOf = (text: string): readonly string[] =>
  text === '' ? [] : text.replace(/\n$/, '').split('\n');

const same = (one: string | undefined, other: string | undefined): boolean =>
  one?.trim() === other?.trim();

const at = (table: readonly (readonly number[])[], i: number, j: number): number =>
  table[i]?.[j] ?? 0;

/** For each pair of places, how many lines from there on are in both, in order. */
function commonLengths(
  old: readonly string[],
  fresh: readonly string[],
): readonly (readonly number[])[] {
  const table = Array.from({ length: old.length + 1 }, () =>
    new Array<number>(fresh.length + 1).fill(0),
  );
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const row = table[i] ?? [];
    for (let j = fresh.length - 1; j >= 0; j -= 1) {
      row[j] = same(old[i], fresh[j])
        ? at(table, i + 1, j + 1) + 1
        : Math.max(at(table, i + 1, j), at(table, i, j + 1));
    }
  }
  return table;
}

/** Without the lines that are far from every change. */
function folded(all: readonly string[], around: number): readonly string[] {
  const isNear = all.map((_, index) =>
    all
      .slice(Math.max(0, index - around), index + around + 1)
      .some((line) => !line.startsWith(' ')),
  );
  return all.flatMap((line, index) => {
    if (isNear[index] === true) return [line];
    return index === 0 || isNear[index - 1] === true ? ['…'] : [];
  });
}
