import { expect, test } from 'vitest';
import {
  isItsEnd,
  NO_STAMP,
  plannedHost,
  progressedHost,
  startOutcome,
} from '../../src/history/merge.js';
import { hostIn, runOn } from './contract/runs.js';

const run = runOn(1);
const [planned] = run.hosts;
if (planned === undefined) throw new Error('the run has hosts');
const host = plannedHost(undefined, planned, { position: 0, at: run.startedAt });

test('an earlier event changes nothing of a host to which a later one has come', () => {
  const done = progressedHost(host, hostIn(run, 'web2', { seq: 5 }));
  expect(done.state).toBe('done');
  expect(progressedHost(done, hostIn(run, 'web2', { seq: 4, state: 'failed' }))).toEqual(done);
});

test('only a start after the end opens a run again', () => {
  const ended = { startStamp: 'b', endStamp: 'c', startedAt: run.startedAt };
  expect(startOutcome(ended, { ...run, stamp: 'b' })).toMatchObject({
    hasPlan: true,
    opens: false,
  });
  expect(startOutcome(ended, { ...run, stamp: 'a' })).toMatchObject({
    hasPlan: false,
    opens: false,
  });
  expect(startOutcome(ended, { ...run, stamp: 'd' })).toMatchObject({ hasPlan: true, opens: true });
});

test('the end of a controller before the last start is not the end of the run', () => {
  const open = { startStamp: 'd', endStamp: NO_STAMP, startedAt: run.startedAt };
  expect([isItsEnd(open, { stamp: 'c' }), isItsEnd(open, { stamp: 'e' })]).toEqual([false, true]);
});
