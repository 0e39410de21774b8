import { describe, expect, test } from 'vitest';
import type { FleetEvent } from '../../../src/events/event.js';
import { asHostName } from '../../../src/model/names.js';
import { createLiveView } from '../../../src/ui/view/reduce.js';
import { countIn, currentPhase } from '../../../src/ui/view/view.js';
import { eventAt } from '../../fixtures/events.js';
import { DIED, REFUSED, START, syntheticRun } from '../support/synthetic-run.js';
import { viewOf } from '../support/view-of.js';

describe('the view of a run', () => {
  test('of success has every host done, every wave passed and nothing running', () => {
    const view = viewOf(syntheticRun(20, 'success'));
    expect(view.counts.done).toBe(20);
    expect(view.waves.map((wave) => wave.state)).toEqual(['passed', 'passed', 'passed', 'passed']);
    expect(view.running.size).toBe(0);
    expect(view.failed.size).toBe(0);
    expect(view.end?.state).toBe('succeeded');
    // The clock begins with the run: preflight, and the person's time at the prompt, are over.
    expect(view.startedAt).toBe(START + 489);
  });

  test('shows hosts as checked once their turn has come, not while they wait', () => {
    const [slow, quick, queued] = ['web1', 'web2', 'web3'].map(asHostName);
    if (slow === undefined || quick === undefined || queued === undefined) throw new Error();
    const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();
    const { running } = viewOf([
      eventAt(at(0), { type: 'preflight-started', hosts: [slow, quick, queued] }),
      eventAt(at(0), { type: 'preflight-asked', host: slow }),
      eventAt(at(0), { type: 'preflight-asked', host: quick }),
      eventAt(at(7), { type: 'preflight-host', host: quick, failure: null }),
    ]);
    expect([...running.values()]).toMatchObject([{ name: slow, stage: 'checking', since: START }]);
  });

  test('shows hosts as claiming once the step is sent to them', () => {
    const live = createLiveView();
    const events = syntheticRun(3, 'success');
    const isClaim = (event: FleetEvent) =>
      event.type === 'host-stage' && event.stage === 'claiming';
    for (const event of events.slice(0, events.findIndex(isClaim))) live.apply(event);
    for (const claim of events.filter(isClaim)) {
      live.apply({ ...claim, at: new Date(START).toISOString() });
    }
    expect(live.view.running.size).toBe(0);
    expect(live.view.counts.claiming).toBe(3);

    const sent = events.find((event) => event.type === 'step-sent');
    if (sent === undefined) throw new Error('no step was sent');
    live.apply(sent);
    // Sent again, it is the same stage still.
    live.apply({ ...sent, at: new Date(START + 9000).toISOString() });
    const since = Date.parse(sent.at);
    expect([...live.view.running.values()]).toMatchObject([{ name: sent.host, since }]);
  });

  test('counts every host once at every event', () => {
    const live = createLiveView();
    for (const event of syntheticRun(50, 'mid')) {
      live.apply(event);
      const sum = Object.values(live.view.counts).reduce((a, b) => a + b, 0);
      expect(sum).toBe(live.view.hosts.size);
    }
  });

  test('keeps the longest running hosts first', () => {
    const live = createLiveView();
    for (const event of syntheticRun(50, 'success')) {
      live.apply(event);
      const since = [...live.view.running.values()].map((host) => host.since);
      expect(since).toEqual([...since].sort((a, b) => a - b));
    }
  });

  test('marks the wave that was stopped as failed and leaves later ones waiting', () => {
    const view = viewOf(syntheticRun(20, 'canary'));
    expect(view.waves.map((wave) => wave.state)).toEqual([
      'failed',
      'waiting',
      'waiting',
      'waiting',
    ]);
    expect(view.stop?.kind).toBe('tripped');
  });

  test('keeps the first failure of a host, also when it is rolled back', () => {
    const view = viewOf(syntheticRun(20, 'canary'));
    expect([...view.failed.values()]).toMatchObject([{ stage: 'reverted', failure: DIED }]);
  });

  test('shows the hosts that preflight could not reach, and no run', () => {
    const view = viewOf(syntheticRun(5, 'unreachable'));
    expect(view.header).toBeNull();
    expect(view.preflight).toMatchObject({ answered: 5, failed: 2 });
    expect([...view.failed.values()].map((host) => host.failure)).toEqual([REFUSED, REFUSED]);
    expect(currentPhase(view)).toBeNull();
  });

  test('shows a note until the next stage of the host', () => {
    const live = createLiveView();
    for (const event of syntheticRun(3, 'success')) {
      live.apply(event);
      if (event.type !== 'host-note') continue;
      expect(live.view.hosts.get(event.host)?.note).toBe(event.note);
    }
    expect(live.view.hosts.get(asHostName('web1'))?.note).toBeNull();
    expect(countIn(live.view.counts, 'done')).toBe(3);
  });

  test('costs the same for an event of 5,000 hosts as for one of 50', () => {
    const cost = (hosts: number): number => {
      const events = syntheticRun(hosts, 'success');
      const started = performance.now();
      viewOf(events);
      return (performance.now() - started) / events.length;
    };
    cost(500);
    expect(cost(5000)).toBeLessThan(0.05);
  });
});
