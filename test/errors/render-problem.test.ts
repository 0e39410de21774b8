import { describe, expect, test } from 'vitest';
import { renderProblem } from '../../src/errors/render-problem.js';

const at = (text: string, column: number, length: number) => ({
  file: 'fleet.yaml',
  line: 12,
  column,
  text,
  length,
});

describe('a problem on a screen', () => {
  test('has its place, its line, a caret under it and its hint', () => {
    const location = at('  polcy: 1', 3, 5);
    const hint = 'did you mean policy?';
    expect(renderProblem({ message: 'unknown key polcy', hint, location })).toEqual([
      'fleet.yaml:12:3: unknown key polcy',
      '  12 |   polcy: 1',
      '     |   ^^^^^',
      '  did you mean policy?',
    ]);
  });

  test('without a place is its message', () => {
    expect(renderProblem({ message: 'no inventory' })).toEqual(['no inventory']);
  });

  test('keeps its caret in its column behind tabs', () => {
    const lines = renderProblem({ message: 'x', location: at('\tbake: 1', 2, 4) });
    expect(lines.slice(1)).toEqual(['  12 |  bake: 1', '     |  ^^^^']);
  });

  test('shows the part of a long line where the mistake is', () => {
    const text = `${'a'.repeat(500)}HERE${'b'.repeat(500)}`;
    const [, line = '', caret = ''] = renderProblem({ message: 'x', location: at(text, 501, 4) });
    expect(line.length).toBeLessThan(120);
    expect(line.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1)).toBe('HERE');
  });

  test('lets nothing of the file through to the terminal', () => {
    const location = at('a: \u001b[31m\u009b\u202e', 1, 1);
    const shown = renderProblem({ message: 'bad \u001b]0;x\u0007', hint: '\u001b[2J', location });
    expect(shown.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });
});
