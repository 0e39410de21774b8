import { expect, test } from 'vitest';
import { FleetError } from '../../../src/errors/fleet-error.js';
import { renderError } from '../../../src/ui/text/problems.js';

const location = { file: 'fleet.yaml', line: 3, column: 1, text: 'polcy: 3', length: 5 };

test('a refusal shows every problem with its place, and the hint last', () => {
  const error = new FleetError('config_invalid', 'fleet.yaml has 2 mistakes', {
    problems: [
      { message: 'unknown key "polcy"', hint: 'did you mean "policy"?', location },
      { message: 'app is missing' },
    ],
    hint: 'fleet schema fleet prints what may stand there',
  });
  expect(renderError(error, { color: false })).toEqual([
    'error: fleet.yaml has 2 mistakes (config_invalid)',
    '',
    'fleet.yaml:3:1: unknown key "polcy"',
    '  3 | polcy: 3',
    '    | ^^^^^',
    '  did you mean "policy"?',
    '',
    'app is missing',
    '',
    '  hint: fleet schema fleet prints what may stand there',
  ]);
});

test('a refusal shows its own place', () => {
  const error = new FleetError('config_invalid', 'bad', { location });
  expect(renderError(error, { color: false })).toEqual([
    'error: bad (config_invalid)',
    '  fleet.yaml:3:1',
    '  3 | polcy: 3',
    '    | ^^^^^',
  ]);
});

test('a refusal cannot send control characters to the terminal', () => {
  const error = new FleetError('usage', '\x1b[2Jx', { hint: '\x1b]0;t\x07y' });
  expect(renderError(error, { color: false }).join('')).toBe('error: x (usage)  hint: y');
});
