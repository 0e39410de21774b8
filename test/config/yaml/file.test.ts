import { describe, expect, test } from 'vitest';
import { readYaml } from '../../../src/config/yaml/file.js';
import { nodeAt } from '../../../src/config/yaml/node.js';
import { shown } from '../support/shown.js';

const problems = (text: string): readonly string[] => readYaml('f.yaml', text).problems.map(shown);

describe('a YAML file', () => {
  test('with a tab in its indentation is refused at the tab', () => {
    expect(problems('app: shop\npolicy:\n\tbake: 1s\n')).toEqual([
      '3:1 a tab in the indentation (indent with spaces)',
    ]);
  });

  test('names both places of a key that is written twice', () => {
    expect(problems('a: 1\nb: { c: 1, c: 2 }\na: 2\n')).toEqual([
      '2:12 c is here a second time; the first is at f.yaml:2:6',
      '3:1 a is here a second time; the first is at f.yaml:1:1',
    ]);
  });

  test('holds one document', () => {
    expect(problems('a: 1\n---\nb: 2\n')).toEqual([
      '2:1 a second document (---) starts here (one file holds one document)',
    ]);
  });

  test('that is empty, or a comment only, says so', () => {
    expect(problems('')).toEqual(['1:1 the file is empty']);
    expect(problems('# nothing\n')).toEqual(['1:1 the file is empty']);
  });

  test.each([
    ['a: !ruby/object x', '1:4 a tag that is not known here'],
    ['a:\n  b: 1\n c: 2\n', '3:1 the indentation fits nothing above it'],
    ['a: b: c\n', '1:4 a key must be on a line of its own'],
    ['a: "open\n', '2:1 this is not valid YAML'],
    ['? [a, b]\n: 1\n', '1:1 this cannot be a key'],
    ['__proto__: 1\n', '1:1 this cannot be a key'],
  ])('%j: %s', (text, message) => {
    expect(problems(text).at(0)).toContain(message);
    expect(problems(text)).toHaveLength(1);
  });

  test.each([
    ['[', '['.repeat(100_000)],
    ['{a:', '{a: '.repeat(50_000)],
    ['- ', '- '.repeat(50_000)],
    ['maps', Array.from({ length: 3000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('is never nested so deeply that reading it breaks: %s', (_, text) => {
    const started = performance.now();
    expect(problems(text).join('\n')).toMatch(/^\d+:\d+ nested more than 100 levels deep$/);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('counts columns alike with CRLF and a byte order mark', () => {
    expect(problems('a: 1\r\nb: 1\r\nb: 2\r\n')).toEqual([
      '3:1 b is here a second time; the first is at f.yaml:2:1',
    ]);
    expect(readYaml('f.yaml', '\ufeffapp: shop\r\n').root?.value).toEqual({ app: 'shop' });
  });
});

describe('aliases', () => {
  test('bring in the node of the anchor, with its place', () => {
    const { root } = readYaml('f.yaml', 'x: &x { a: 1 }\ny: *x\n');
    const target = root && nodeAt(root, ['y', 'a']);
    expect(target?.node.span).toEqual({ start: 11, end: 12 });
    expect(root?.value).toEqual({ x: { a: 1 }, y: { a: 1 } });
  });

  test('of a bomb are refused at once', () => {
    const levels = 'bcdefghijk'.split('').map((name, at) => {
      const below = `*${'abcdefghijk'.charAt(at)}`;
      return `${name}: &${name} [${Array(9).fill(below).join(', ')}]`;
    });
    const started = performance.now();
    const found = problems(['a: &a [x, x, x, x, x, x, x, x, x]', ...levels].join('\n'));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('aliases bring in more than 20000 values');
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('to nothing, or to the value that they are in, are refused', () => {
    expect(problems('a: *b\n')).toEqual(['1:4 *b names no anchor above it']);
    expect(problems('a: &a\n  b: *a\n')).toEqual(['2:6 *a is inside the value that it names']);
  });
});

describe('merge keys', () => {
  test('give way to the map itself, and the first of them counts', () => {
    const text = 'x: &x {a: 1}\ny: &y {a: 2, b: 1}\nz:\n  b: 5\n  <<: [*x, *y]\n';
    expect(readYaml('f.yaml', text).root?.value).toMatchObject({ z: { a: 1, b: 5 } });
  });

  test('bring in maps only', () => {
    expect(problems('z:\n  <<: 5\n')).toEqual(['2:7 << needs a map, or a list of maps']);
  });

  test('in quotes are keys like any other', () => {
    expect(readYaml('f.yaml', '"<<": 5\n').root?.value).toEqual({ '<<': 5 });
  });
});
