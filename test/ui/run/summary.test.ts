import { describe, expect, test } from 'vitest';
import type { HostFailure } from '../../../src/errors/host-failure.js';
import type { FleetEvent } from '../../../src/events/event.js';
import { summaryLines } from '../../../src/ui/run/summary.js';
import { createStyle } from '../../../src/ui/terminal/style.js';
import { failureBlock } from '../../../src/ui/text/failure.js';
import { DIED, type Scenario, syntheticRun } from '../support/synthetic-run.js';
import { viewOf } from '../support/view-of.js';

const style = createStyle({ color: false, unicode: true });
const summary = (count: number, scenario: Scenario) =>
  summaryLines(viewOf(syntheticRun(count, scenario)), style);

const interrupted = (scenario: Scenario): readonly string[] => {
  const events = syntheticRun(20, scenario).map(
    (event): FleetEvent => (event.type === 'run-ended' ? { ...event, exitCode: 130 } : event),
  );
  return summaryLines(viewOf(events), style);
};

const EVIDENCE = [
  '  stderr:',
  '  │ verify: MainPID 4711 is gone',
  '  journal:',
  '  │ shop[4711]: Error: Cannot find module ./config',
  '  │ systemd[1]: shop.service: Main process exited, code=exited, status=1/FAILURE',
  '  fleet exec -g prod -l HOST -- journalctl -u shop.service -n 50',
];

describe('the summary', () => {
  test('of a run whose canary failed shows why, and that all hosts are as before', () => {
    expect(summary(20, 'canary')).toEqual([
      '✖ Deploy of shop to prod: failed, every touched host is rolled back',
      '  Release 20261123T160000-1f3c9a0, 20 hosts, 7.2s.',
      '  1 failed host in wave 1 (canary), more than tolerated: web01.',
      '',
      '✖ web01  verify, exit 1: shop.service died 0.3s after its start (Result=exit-code)',
      ...EVIDENCE,
      '',
      '  20261101T090000-77aa001  20  web[01:20]',
      '',
      'Details: fleet show 20261123T164154-k3vq',
    ]);
  });

  test('of a mixed fleet folds equal hosts, and shows how to roll back and how to continue', () => {
    const lines = summary(20, 'hold');
    expect(lines).toContain('  same on 2 others: web06, web13');
    expect(lines.filter((line) => line.startsWith('✖ web'))).toHaveLength(1);
    expect(lines.slice(-7)).toEqual([
      '  20261123T160000-1f3c9a0  10  web[01:03], web05, web[07:12]',
      '  20261101T090000-77aa001   7  web[14:20]',
      '  down                      3  web04, web06, web13',
      '',
      'To roll back: fleet rollback -g prod --to 20261101T090000-77aa001',
      'To continue: fleet deploy -g prod --release 20261123T160000-1f3c9a0',
      'Status: fleet status -g prod',
    ]);
  });

  test('of an incomplete rollback sends people to the broken hosts first', () => {
    expect(summary(20, 'down').slice(-5)).toEqual([
      '  20261101T090000-77aa001  19  web[01:03], web[05:20]',
      '  down                      1  web04',
      '',
      'First look at the broken hosts: fleet status -g prod',
      'Details: fleet show 20261123T164154-k3vq',
    ]);
  });

  test('of a partial success names the hosts that were skipped', () => {
    const events = syntheticRun(3, 'success').map((event): FleetEvent => {
      if (event.type !== 'run-ended') return event;
      const [first, ...rest] = event.hosts;
      if (first === undefined) return event;
      const skipped = { ...first, state: 'skipped' as const, from: null, to: null, wave: null };
      return { ...event, state: 'succeeded_partial', exitCode: 3, hosts: [...rest, skipped] };
    });
    const lines = summaryLines(viewOf(events), style);
    expect(lines[0]).toBe('⚠ Deploy of shop to prod: succeeded, hosts were skipped');
    expect(lines).toContain(
      'When the skipped hosts can be reached: fleet deploy -g prod --release 20261123T160000-1f3c9a0 -l web1',
    );
  });

  test('of an interrupted run does not call it failed', () => {
    const lines = interrupted('canary');
    expect(lines[0]).toBe(
      '✖ Deploy of shop to prod: interrupted, every touched host is rolled back',
    );
    expect(lines.at(-2)).toBe('Status: fleet status -g prod');
  });

  test('of an interrupted run that left the fleet mixed shows how to roll back and how to continue', () => {
    const lines = interrupted('hold');
    expect(lines[0]).toBe('✖ Deploy of shop to prod: interrupted, the fleet is mixed');
    expect(lines.slice(-3)).toEqual([
      'To roll back: fleet rollback -g prod --to 20261101T090000-77aa001',
      'To continue: fleet resume 20261123T164154-k3vq',
      'Status: fleet status -g prod',
    ]);
  });

  test('of an interrupt after all hosts were updated does not call the fleet mixed', () => {
    const lines = interrupted('success');
    expect(lines[0]).toBe('✖ Deploy of shop to prod: interrupted, with every host on the release');
    expect(lines.slice(-3)).toEqual([
      'To roll back: fleet rollback -g prod --to 20261101T090000-77aa001',
      'Status: fleet status -g prod',
      'Details: fleet show 20261123T164154-k3vq',
    ]);
  });

  test('is empty if no run started', () => {
    expect(summary(5, 'unreachable')).toEqual([]);
  });
});

describe('the block of a failed host', () => {
  test('shows a signal, and the last lines of long output', () => {
    const failure: HostFailure = {
      code: 'step_failed',
      message: 'killed\nby the kernel',
      step: 'stage',
      exit: 'SIGKILL',
      stderr: Array.from({ length: 30 }, (_, i) => `line ${i}`),
    };
    const lines = failureBlock('web1', failure, style);
    expect(lines.slice(0, 4)).toEqual([
      '✖ web1  stage, SIGKILL: killed',
      '  by the kernel',
      '  stderr:',
      '  │ line 20',
    ]);
    expect(lines.at(-1)).toBe('  │ line 29');
  });

  test('without a step is only its message', () => {
    expect(failureBlock('web1', { code: 'unreachable', message: 'no route' }, style)).toEqual([
      '✖ web1  no route',
    ]);
  });

  test('contains no control character of a host', () => {
    const hostile = '\x1b]0;owned\x07\x1b[2Jx\u202ey\x07';
    const failure: HostFailure = {
      ...DIED,
      message: hostile,
      stderr: [hostile],
      journal: [hostile],
      hint: hostile,
    };
    expect(failureBlock('web1', failure, style).join('')).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
  });

  test('is plain ASCII if the locale is', () => {
    const ascii = createStyle({ color: false, unicode: false });
    expect(failureBlock('web1', DIED, ascii).join('')).toMatch(/^[\x20-\x7e]*$/);
  });
});
