import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES, EXIT } from '../../src/errors/codes.js';

const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const paragraphs = new Map(
  text
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [code = '', ...body] = section.split('\n');
      return [code, body.join('\n').split(/^## /m)[0]?.trim() ?? ''] as const;
    }),
);

describe('docs/errors.md', () => {
  test.each(Object.keys(ERROR_CODES))('explains %s', (code) => {
    expect(paragraphs.get(code)?.length ?? 0).toBeGreaterThan(60);
  });

  test('explains nothing that is not there', () => {
    expect([...paragraphs.keys()].filter((code) => !(code in ERROR_CODES))).toEqual([]);
  });

  test.each(Object.values(EXIT))('has exit code %d in its table', (exit) => {
    expect(text).toMatch(new RegExp(`^\\| ${exit} +\\| \\w`, 'm'));
  });
});
