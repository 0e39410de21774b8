import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvText } from '../../../src/ui/text/csv.js';

test('writes a table after RFC 4180', () => {
  expect(
    csvText(
      ['a', 'b'],
      [
        ['x, "y"', 2.5],
        ['', null],
        ['two\nlines', -3],
      ],
    ),
  ).toBe('a,b\r\n"x, ""y""",2.5\r\n,\r\n"two\nlines",-3\r\n');
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '  =1', '＝1', '＋1', '－1', '＠x', '\r=1'])(
  'has no cell that a spreadsheet calculates: %j',
  (text) => {
    const [, cell = ''] = csvText(['a'], [[text]]).split('\r\n');
    expect(cell.replace(/^"/, '')).toMatch(/^'/);
  },
);

test('keeps terminal escapes out', () => {
  expect(csvText(['a'], [['\u001b[31mred\u0007']])).toBe('a\r\nred\r\n');
});

/** Reads a table as RFC 4180 says. */
function cellsOf(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/y;
  let row: string[] = [];
  for (let found = cell.exec(text); found !== null; found = cell.exec(text)) {
    const [, value = '', end] = found;
    row.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

test('gives every text back, but for the sign before a formula', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '=', ' ', "'", '张', ';') });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { minLength: 1 }), (rows) => {
      const read = cellsOf(csvText(['a', 'b'], rows)).slice(1);
      const plain = read.map((row) => row.map((cell, at) => [cell, at] as const));
      expect(plain).toHaveLength(rows.length);
      for (const [index, row] of plain.entries()) {
        for (const [cell, at] of row) {
          const given = rows[index]?.[at] ?? '';
          expect([given, `'${given}`]).toContain(cell);
        }
      }
    }),
  );
});
