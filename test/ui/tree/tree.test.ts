import { describe, expect, test } from 'vitest';
import { eventAt } from '../../fixtures/events.js';
import { FakeTerminal } from '../support/fake-terminal.js';
import { play, settle, stage } from '../support/reporter-stage.js';
import { START, syntheticRun } from '../support/synthetic-run.js';

describe('the tree', () => {
  test('ends with every phase in one line, and the summary on stdout', async () => {
    const on = stage('tree');
    await play(on, 3, 'success');
    await on.reporter.finish();
    expect(on.terminal.screen).toEqual([
      'Deploy shop → prod 20261123T160000-1f3c9a0 · 3 hosts                                           0:21',
      '████████████████████████ succeeded',
      '',
      '✔ Preflight        3/3 answered  0.0s',
      '✔ Claim            3/3 claimed  0.2s',
      '✔ Stage            3/3 staged  1.9s',
      '✔ Wave 1 (canary)  1 done  5.9s',
      '✔ Wave 2           1 done  6.1s',
      '✔ Wave 3           1 done  6.7s',
      '✔ Final read       3 hosts  0.7s',
    ]);
    expect(on.stdout.screen).toEqual([
      '',
      '✔ Deploy of shop to prod: succeeded',
      '  Release 20261123T160000-1f3c9a0, 3 hosts, 22s.',
      '',
      'To roll back: fleet rollback -g prod --to 20261101T090000-77aa001',
    ]);
  });

  test('shows the stopped wave as failed and later ones as not started', async () => {
    const on = stage('tree');
    await play(on, 20, 'mid');
    await on.reporter.finish();
    const rows = on.terminal.screen.map((line) => line.replace(/ {2,}\S+s$/, ''));
    expect(rows.slice(3)).toEqual([
      '✔ Preflight        20/20 answered',
      '✔ Claim            20/20 claimed',
      '✔ Stage            20/20 staged',
      '↩ Wave 1 (canary)  1 reverted',
      '↩ Wave 2           2 reverted',
      '✖ Wave 3           10 reverted',
      '↓ Wave 4           not started',
      '✔ Stop             hosts in flight reach a settled state',
      expect.stringMatching(/^✔ Roll back {8}\d+ rolled back$/),
      '✔ Final read       20 hosts',
    ]);
  });

  test('leaves preflight’s failures on the screen when no run starts', async () => {
    const on = stage('tree');
    await play(on, 5, 'unreachable');
    await on.reporter.finish();
    expect(on.terminal.screen.slice(1)).toEqual([
      '',
      '✖ web2, web3  connect ECONNREFUSED 10.88.0.7:22',
      '',
      '✖ Preflight        3/5 answered, 2 failed  0.0s',
    ]);
    expect(on.terminal.cursorHidden).toBe(false);
  });

  test('is removed for a prompt and drawn again when the run starts', async () => {
    const on = stage('tree');
    const events = syntheticRun(3, 'success');
    const start = events.findIndex((event) => event.type === 'run-started');
    for (const event of events.slice(0, start)) on.reporter.listener(event);
    await settle();
    on.reporter.pause();
    expect(on.terminal.screen).toEqual([]);
    expect(on.terminal.cursorHidden).toBe(false);
    on.terminal.write('Deploy to 3 hosts? [y/N] y\r\n');
    on.to(START + 5000);
    expect(on.terminal.screen).toEqual(['Deploy to 3 hosts? [y/N] y']);
    for (const event of events.slice(start, start + 2)) on.reporter.listener(event);
    await settle();
    on.to(START + 5100);
    expect(on.terminal.screen.slice(0, 2)).toEqual([
      'Deploy to 3 hosts? [y/N] y',
      expect.stringMatching(/^Deploy shop → prod/),
    ]);
  });

  test('lets a line be written above it', async () => {
    const on = stage('tree');
    for (const event of syntheticRun(3, 'success').slice(0, 2)) on.reporter.listener(event);
    await settle();
    on.reporter.say('Interrupted.');
    expect(on.terminal.screen.slice(0, 2)).toEqual([
      'Interrupted.',
      expect.stringMatching(/^Checking 3 hosts/),
    ]);
  });

  test('leaves warnings above it', async () => {
    const on = stage('tree');
    for (const event of syntheticRun(3, 'success').slice(0, 2)) on.reporter.listener(event);
    await settle();
    const at = new Date(START).toISOString();
    on.reporter.listener(eventAt(at, { type: 'warning', message: 'no history:\x1b[2J disk full' }));
    expect(on.terminal.screen[0]).toBe('warning: no history: disk full');
    expect(on.terminal.screen[1]).toMatch(/^Checking 3 hosts/);
  });

  test('restores the terminal at once when it is abandoned', async () => {
    const on = stage('tree');
    for (const event of syntheticRun(3, 'success').slice(0, 2)) on.reporter.listener(event);
    await settle();
    expect(on.terminal.cursorHidden).toBe(true);
    on.reporter.abandon();
    expect(on.terminal.cursorHidden).toBe(false);
    expect(on.terminal.listening).toBe(0);
    expect(on.tickers.size).toBe(0);
  });

  test('does not start to draw after it was abandoned or paused', async () => {
    for (const end of ['abandon', 'pause'] as const) {
      const on = stage('tree');
      for (const event of syntheticRun(3, 'success').slice(0, 2)) on.reporter.listener(event);
      on.reporter[end]();
      await settle();
      expect(on.terminal.screen.join('')).toBe('');
    }
  });

  test('follows the terminal when it is resized', async () => {
    const terminal = new FakeTerminal(100, 30);
    const on = stage('tree', terminal);
    const events = syntheticRun(300, 'success');
    for (const event of events.slice(0, 1500)) on.reporter.listener(event);
    await settle();
    terminal.resize(50, 12);
    expect(terminal.screen.length).toBeLessThanOrEqual(11);
    for (const line of terminal.screen) expect(line.length).toBeLessThanOrEqual(49);
  });

  test('adds no listener for signals', async () => {
    const before = process.listenerCount('SIGINT');
    const on = stage('tree');
    await play(on, 3, 'success');
    expect(process.listenerCount('SIGINT')).toBe(before);
    await on.reporter.finish();
  });
});

describe('rendering a whole run', () => {
  test.each([
    [300, 1000],
    [5000, 6000],
  ])('of %d hosts costs little CPU and never holds the event loop', async (count, limitMs) => {
    const on = stage('tree', new FakeTerminal(200, 50));
    on.terminal.write = () => undefined;
    let longest = 0;
    let total = 0;
    for (const event of syntheticRun(count, 'success')) {
      const started = performance.now();
      on.to(Date.parse(event.at));
      on.reporter.listener(event);
      const took = performance.now() - started;
      total += took;
      longest = Math.max(longest, took);
    }
    await on.reporter.finish();
    expect(total).toBeLessThan(limitMs);
    expect(longest).toBeLessThan(150);
  });
});
