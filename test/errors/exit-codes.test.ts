import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '../../src');

/** Numbers that are held against an exit code of fleet, or that a switch over one has for a case. */
const BARE = [
  /\bexitCode\s*(?:[!=]==?|[<>]=?)\s*-?\d/,
  /\d\s*(?:[!=]==?|[<>]=?)\s*(?:\w+\.)*exitCode\b/,
  /\bcase -?\d+:/,
  /\b(?:exitCode|EXIT)\b[^\n]*\?\?\s*\d/,
];

test('no source file compares an exit code with a bare number', () => {
  const found = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      readFileSync(join(SRC, name), 'utf8')
        .split('\n')
        .flatMap((line, at) =>
          BARE.some((pattern) => pattern.test(line)) ? [`${name}:${at + 1}: ${line.trim()}`] : [],
        ),
    );
  expect(found).toEqual([]);
});

test.each(['if (end.exitCode === 4) return;', 'if (7 !== last.exitCode) return;', '    case 130:'])(
  'and would be found where it did: %s',
  (line) => {
    expect(BARE.some((pattern) => pattern.test(line))).toBe(true);
  },
);
