import { expect, test } from 'vitest';
import { FleetError } from '../../src/errors/fleet-error.js';
import { reasonOf } from '../../src/errors/reason.js';

test.each([
  [new FleetError('locked', 'another run has it'), 'another run has it'],
  [new RangeError('too long'), 'too long'],
  ['a text', 'a text'],
  [undefined, 'undefined'],
])('%s, once thrown, reads %j', (thrown, words) => {
  expect(reasonOf(thrown)).toBe(words);
});
