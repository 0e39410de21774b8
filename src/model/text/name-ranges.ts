/**
 * Host names as ranges of an inventory, on one line, cut to about `width` columns: `web[01:20].example.com, db1 and 4
 * more`. Families of names keep the order of their first appearance; three names in a row make a range.
 */
export function namesText(names: readonly string[], width = 60): string {
  const { shown, left } = shownNames(names, width);
  return left === 0 ? shown : `${shown} and ${left} more`;
}

/** The names of {@link namesText}, and how many are left out. At least one name, or range, is shown. */
export function shownNames(
  names: readonly string[],
  width: number,
): { readonly shown: string; readonly left: number } {
  const shown: string[] = [];
  let used = 0;
  let left = names.length;
  for (const range of familiesOf(names).flat()) {
    if (shown.length > 0 && used + range.text.length > width) break;
    shown.push(range.text);
    used += range.text.length + 2;
    left -= range.size;
  }
  return { shown: shown.join(', '), left };
}

/** As {@link namesText}, with their number in front if there are several. */
export function countedNames(names: readonly string[], width?: number): string {
  return names.length === 1 ? String(names[0]) : `${names.length}: ${namesText(names, width)}`;
}

interface Range {
  readonly text: string;
  readonly size: number;
}

interface Numbered {
  readonly name: string;
  readonly before: string;
  readonly digits: string;
  readonly after: string;
}

const SMALLEST_RANGE = 3;

function familiesOf(names: readonly string[]): readonly (readonly Range[])[] {
  const families = new Map<string, Numbered[]>();
  for (const name of names) {
    const parts = numbered(name);
    const key = parts.digits === '' ? name : `${parts.before}\0${parts.after}`;
    const family = families.get(key);
    if (family === undefined) families.set(key, [parts]);
    else family.push(parts);
  }
  return [...families.values()].map(rangesOf);
}

/** The last number of the first label: later labels are domains and zones. Addresses have none. */
function numbered(name: string): Numbered {
  const dot = name.indexOf('.');
  const label = dot === -1 ? name : name.slice(0, dot);
  const match = /^(.*?)(\d{1,9})(\D*)$/.exec(label);
  if (match === null || /^[\d.]+$|:/.test(name)) return { name, before: '', digits: '', after: '' };
  const [, before = '', digits = '', rest = ''] = match;
  return { name, before, digits, after: rest + name.slice(label.length) };
}

function rangesOf(family: readonly Numbered[]): readonly Range[] {
  const sorted = [...family].sort((a, b) => Number(a.digits) - Number(b.digits));
  const runs: Numbered[][] = [];
  for (const part of sorted) {
    const run = runs.at(-1);
    if (run !== undefined && follows(run, part)) run.push(part);
    else runs.push([part]);
  }
  return runs.flatMap((run) =>
    run.length < SMALLEST_RANGE
      ? run.map((part) => ({ text: part.name, size: 1 }))
      : [{ text: rangeText(run), size: run.length }],
  );
}

/** One more than the last, and spelled as a range from the first would spell it. */
function follows(run: readonly Numbered[], next: Numbered): boolean {
  const [first, last] = [run[0], run.at(-1)];
  if (first === undefined || last === undefined || first.digits === '') return false;
  const width = first.digits.startsWith('0') ? first.digits.length : 0;
  return next.digits === String(Number(last.digits) + 1).padStart(width, '0');
}

function rangeText(run: readonly Numbered[]): string {
  const [first, last] = [run[0], run.at(-1)];
  return `${first?.before}[${first?.digits}:${last?.digits}]${first?.after}`;
}
