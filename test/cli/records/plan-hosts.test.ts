import { describe, expect, test } from 'vitest';
import { hasLost } from '../../../src/cli/records/plan-hosts.js';
import { asRunId } from '../../../src/model/names.js';

const run = asRunId('20261130T144543Z-3f88');
const other = asRunId('20261130T150000Z-0001');
const planned = { epoch: 5 };

describe('a run of another bastion has lost a host', () => {
  test('once a recovery has settled it', () => {
    const facts = { run, epoch: 5 };
    expect(hasLost(run, planned, { facts, state: 'reverted' })).toBe(true);
    expect(hasLost(run, planned, { facts, state: 'locked' })).toBe(false);
    expect(hasLost(run, planned, { facts, state: undefined })).toBe(false);
  });

  test('once it had the host, and another run or none has it now', () => {
    expect(hasLost(run, planned, { facts: { run: null, epoch: 5 }, state: undefined })).toBe(true);
    expect(hasLost(run, planned, { facts: { run: other, epoch: 6 }, state: undefined })).toBe(true);
  });

  test('not before it has locked the host: a run that has just begun is not over', () => {
    expect(hasLost(run, planned, { facts: { run: null, epoch: 4 }, state: undefined })).toBe(false);
  });

  test('not as long as the host was not read', () => {
    expect(hasLost(run, planned, { facts: undefined, state: 'released' })).toBe(false);
  });
});
