import { expect } from 'vitest';
import type { FleetEvent } from '../../../../src/events/event.js';
import { asHostName } from '../../../../src/model/names.js';
import { planView } from '../../../../src/model/runs/plan-view.js';
import { eventAt } from '../../../fixtures/events.js';
import { planOf } from '../../../fixtures/plan.js';

export const plan = planOf({ waves: [1] });
export const at = '2026-11-23T12:00:00.000Z';
export const host = asHostName('h1');
export const stepSent = eventAt(at, { type: 'step-sent', host, verbs: ['activate'], txn: 't1' });
export const started = eventAt(at, {
  type: 'run-started',
  run: plan.run,
  kind: 'deploy',
  plan: planView(plan),
});
/** The first event that the bus gives a journal. */
export const head: FleetEvent = { at, run: null, seq: 0, type: 'stream-started', schemaVersion: 3 };
export const ended = eventAt(at, {
  type: 'run-ended',
  run: plan.run,
  state: 'succeeded',
  exitCode: 0,
  startedAt: at,
  hosts: [],
});

export const never = (message: string) => expect.unreachable(message);
