import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CHAIN_START,
  type ChainForm,
  jsonForm,
  linkOf,
  pairsForm,
} from '../../../src/history/chain/link.js';
import { readChain } from '../../../src/history/chain/verify.js';

/** The text of a log with these lines, as one writer writes it. */
function chained(form: ChainForm, bodies: readonly string[]): string {
  let head = CHAIN_START;
  return bodies
    .map((body) => {
      head = linkOf(head, body, 'utf8');
      return `${form.seal(body, head)}\n`;
    })
    .join('');
}

const bytes = (text: string): string => Buffer.from(text).toString('latin1');
const journal = (texts: readonly string[]): string =>
  bytes(
    chained(
      jsonForm,
      texts.map((text, seq) => JSON.stringify({ seq, text })),
    ),
  );
const log = (texts: readonly string[]): string =>
  bytes(
    chained(
      pairsForm,
      texts.map((text) => `2026-01-01T00:00:00Z run=x why=${JSON.stringify(text)}`),
    ),
  );

const isClean = (text: string, form: ChainForm, lines: number): boolean => {
  const { misfit, uncovered, forks, covered, isTorn, chainedFrom, digests } = readChain(text, form);
  const doubts = uncovered.length + forks.length + covered.length;
  return (
    misfit === null && doubts === 0 && !isTorn && chainedFrom === 1 && digests.length === lines
  );
};

const texts = fc.array(fc.string({ unit: 'binary', maxLength: 12 }), {
  minLength: 3,
  maxLength: 7,
});

describe.each([
  ['a journal', journal, jsonForm],
  ['deploy.log', log, pairsForm],
] as const)('the chain of %s', (_, write, form) => {
  test('is intact as it was written, whatever the lines hold', () => {
    fc.assert(fc.property(texts, (all) => isClean(write(all), form, all.length)));
  });

  test('shows every change of one byte', () => {
    const edit = fc.tuple(texts, fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(edit, ([all, where, by]) => {
        const text = write(all);
        const at = where % text.length;
        const other = String.fromCharCode((text.charCodeAt(at) + by) % 256);
        return !isClean(`${text.slice(0, at)}${other}${text.slice(at + 1)}`, form, all.length);
      }),
      { numRuns: 2000 },
    );
  });

  test('shows a line that was removed, copied, moved, or put in', () => {
    const edit = fc.tuple(
      texts,
      fc.nat(),
      fc.nat(),
      fc.constantFrom('remove', 'copy', 'swap', 'put'),
    );
    fc.assert(
      fc.property(edit, ([all, one, other, how]) => {
        const lines = write(all).trimEnd().split('\n');
        const [from, to] = [one % lines.length, other % lines.length];
        const line = lines[from] ?? '';
        if (how === 'remove') lines.splice(from, 1);
        else if (how === 'copy') lines.splice(to, 0, line);
        else if (how === 'put') lines.splice(to, 0, form.open(line)?.body ?? '');
        else {
          if (from === to) return true;
          [lines[from], lines[to]] = [lines[to] ?? '', line];
        }
        return !isClean(`${lines.join('\n')}\n`, form, all.length);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what does not fit', () => {
  const lines = journal(['a', 'b', 'c', 'd', 'e']).trimEnd().split('\n');
  const meaningOf = (changed: readonly (string | undefined)[]) =>
    readChain(`${changed.join('\n')}\n`, jsonForm).misfit;

  test('is the line that was changed', () => {
    const changed = lines.map((line) => line.replace('"c"', '"x"'));
    expect(meaningOf(changed)).toEqual({
      line: 3,
      meaning: 'line 3 was changed, or lines before it were removed, inserted or moved',
    });
  });

  test('is the line after one that is gone, also of the first', () => {
    expect(meaningOf(lines.filter((_, index) => index !== 2))).toMatchObject({ line: 3 });
    expect(meaningOf(lines.slice(1))).toMatchObject({ line: 1 });
  });

  test('is what was put in between, or moved there', () => {
    const [a, b, c, d, e] = lines;
    const forged = jsonForm.seal('{"seq":9}', 'f'.repeat(64));
    expect(meaningOf([a, b, forged, forged, c, d, e])).toEqual({
      line: 3,
      meaning: 'lines 3 to 4 were inserted or moved: line 5 follows line 2',
    });
    expect(meaningOf([a, c, b, d, e])).toMatchObject({
      line: 2,
      meaning: 'line 2 was inserted or moved: line 3 follows line 1',
    });
    expect(meaningOf([a, b, c, b, d])).toMatchObject({
      line: 4,
      meaning: 'it is a copy of line 2',
    });
  });
});

describe('lines without a digest', () => {
  const old = '{"from":"an older fleet"}';
  const after = (before: readonly string[], body: string): string =>
    jsonForm.seal(
      body,
      linkOf(
        before.reduce((head, line) => linkOf(head, line, 'utf8'), CHAIN_START),
        body,
        'utf8',
      ),
    );

  test('that were there first are covered from the next line on', () => {
    const next = after([old, old], '{"seq":1}');
    const text = `${old}\n${old}\n${next}\n`;
    expect(readChain(text, jsonForm)).toMatchObject({
      misfit: null,
      chainedFrom: 3,
      covered: [],
      uncovered: [],
    });
    expect(readChain(text.replace('older', 'other'), jsonForm).misfit).toMatchObject({
      line: 3,
      meaning: 'what was there before the chain began has changed since',
    });
  });

  test('that a crash has cut off are no change, and are covered too', () => {
    const [first = ''] = journal(['a']).split('\n');
    const torn = '{"seq":2,"tex';
    const head = linkOf(jsonForm.open(first)?.digest ?? '', torn, 'utf8');
    const next = jsonForm.seal('{"seq":3}', linkOf(head, '{"seq":3}', 'utf8'));
    expect(readChain(`${first}\n${torn}`, jsonForm)).toMatchObject({ misfit: null, isTorn: true });
    const text = `${first}\n${torn}\n${next}\n`;
    expect(readChain(text, jsonForm)).toMatchObject({ misfit: null, covered: [2], uncovered: [] });
    expect(readChain(text.replace('2,"tex', '2,"tax'), jsonForm).misfit).toMatchObject({ line: 3 });
  });

  test('that no later line covers are told', () => {
    const [first = '', second = ''] = journal(['a', 'b']).split('\n');
    const text = `${first}\n${old}\n${second}\n${old}\n`;
    expect(readChain(text, jsonForm)).toMatchObject({ misfit: null, uncovered: [2, 4] });
  });
});
