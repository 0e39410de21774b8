import { describe, expect, test } from 'vitest';
import { createReporter, type ReporterOptions } from '../../src/ui/reporter.js';
import type { Ticker } from '../../src/ui/ticker.js';
import { FakeTerminal } from './fake-terminal.js';
import { START, syntheticRun } from './synthetic-run.js';

/** A clock and a ticker that the events drive. */
function stage(mode: ReporterOptions['mode'], terminal = new FakeTerminal(100, 30), verbosity = 0) {
  let clock = START;
  const tickers = new Set<{ ms: number; tick: () => void; next: number }>();
  const every: Ticker = (ms, tick) => {
    const ticker = { ms, tick, next: clock + ms };
    tickers.add(ticker);
    return () => tickers.delete(ticker);
  };
  const stdout = new FakeTerminal(200, 200);
  const reporter = createReporter({
    mode,
    stdout,
    stderr: terminal,
    color: false,
    unicode: true,
    now: () => clock,
    verbosity,
    every,
    timeOf: (at) => at.slice(11, 19),
  });
  const to = (time: number): void => {
    for (const ticker of tickers) {
      for (; ticker.next <= time; ticker.next += ticker.ms) {
        clock = ticker.next;
        ticker.tick();
      }
    }
    clock = time;
  };
  return { reporter, stdout, terminal, tickers, to };
}

type Stage = ReturnType<typeof stage>;

/** Lets listr2 take note of what has happened; it works in promises. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function play(on: Stage, ...run: Parameters<typeof syntheticRun>): Promise<void> {
  for (const event of syntheticRun(...run)) {
    on.to(Date.parse(event.at));
    on.reporter.listener(event);
    if (event.type !== 'host-stage') await settle();
  }
}

describe('the tree', () => {
  test('ends with every phase in one line, and the summary on stdout', async () => {
    const on = stage('tree');
    await play(on, 3, 'success');
    await on.reporter.finish();
    expect(on.terminal.screen).toEqual([
      'Deploy shop → prod 20261123T160000-1f3c9a0 · 3 hosts                                           0:22',
      '████████████████████████ succeeded',
      '',
      '✔ Preflight        3/3 hosts  0.0s',
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
      'To take it back: fleet rollback -g prod --to 20261101T090000-77aa001',
    ]);
  });

  test('shows the stopped wave as failed and later ones as not started', async () => {
    const on = stage('tree');
    await play(on, 20, 'mid');
    await on.reporter.finish();
    const rows = on.terminal.screen.map((line) => line.replace(/ {2,}\S+s$/, ''));
    expect(rows.slice(3)).toEqual([
      '✔ Preflight        20/20 hosts',
      '✔ Claim            20/20 claimed',
      '✔ Stage            20/20 staged',
      '↩ Wave 1 (canary)  1 reverted',
      '↩ Wave 2           2 reverted',
      '✖ Wave 3           10 reverted',
      '↓ Wave 4           not started',
      '✔ Stop             hosts in flight reach a decided state',
      expect.stringMatching(/^✔ Roll back {8}\d+ back on the release before$/),
      '✔ Final read       20 hosts',
    ]);
  });

  test('leaves preflight’s failures on the screen when there is no run', async () => {
    const on = stage('tree');
    await play(on, 5, 'unreachable');
    await on.reporter.finish();
    expect(on.terminal.screen.slice(1)).toEqual([
      '',
      '✖ web2, web3  connect ECONNREFUSED 10.88.0.7:22',
      '',
      '✖ Preflight        5/5 hosts, 2 failed  0.0s',
    ]);
    expect(on.terminal.cursorHidden).toBe(false);
  });

  test('goes off the screen for a prompt and comes back with the run', async () => {
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

  test('lets a line be said above it', async () => {
    const on = stage('tree');
    for (const event of syntheticRun(3, 'success').slice(0, 2)) on.reporter.listener(event);
    await settle();
    on.reporter.say('Interrupted.');
    expect(on.terminal.screen.slice(0, 2)).toEqual([
      'Interrupted.',
      expect.stringMatching(/^Checking 3 hosts/),
    ]);
  });

  test('gives the terminal back at once when it is abandoned', async () => {
    const on = stage('tree');
    for (const event of syntheticRun(3, 'success').slice(0, 2)) on.reporter.listener(event);
    await settle();
    expect(on.terminal.cursorHidden).toBe(true);
    on.reporter.abandon();
    expect(on.terminal.cursorHidden).toBe(false);
    expect(on.terminal.listening).toBe(0);
    expect(on.tickers.size).toBe(0);
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
    const write = on.terminal.write.bind(on.terminal);
    let terminalMs = 0;
    on.terminal.write = (text) => {
      const started = performance.now();
      write(text);
      terminalMs += performance.now() - started;
    };
    let longest = 0;
    let total = 0;
    for (const event of syntheticRun(count, 'success')) {
      const before = terminalMs;
      const started = performance.now();
      on.to(Date.parse(event.at));
      on.reporter.listener(event);
      const took = performance.now() - started - (terminalMs - before);
      total += took;
      longest = Math.max(longest, took);
    }
    await on.reporter.finish();
    expect(total).toBeLessThan(limitMs);
    expect(longest).toBeLessThan(150);
  });
});

describe('ndjson', () => {
  test('is one object a line, the very events, and nothing that a terminal obeys', async () => {
    const on = stage('ndjson');
    const lines: string[] = [];
    on.stdout.write = (text) => void lines.push(text);
    const events = syntheticRun(3, 'canary');
    const note = { type: 'host-note', host: 'web1', note: '\x9b2J\u202eabc\x1b[0m' };
    const all = [...events, { at: 'now', ...note } as (typeof events)[number]];
    for (const event of all) on.reporter.listener(event);
    await on.reporter.finish();
    expect(
      lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1),
    ).toBe(true);
    expect(lines.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(all)));
    expect(lines.join('')).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
  });
});

describe('quiet', () => {
  test('says nothing of a run that goes well but how it ended', async () => {
    const on = stage('quiet');
    await play(on, 3, 'success');
    await on.reporter.finish();
    expect(on.terminal.written).toBe('');
    expect(on.stdout.screen[1]).toBe('✔ Deploy of shop to prod: succeeded');
  });

  test('tells each failed host once, with its evidence', async () => {
    const on = stage('quiet');
    await play(on, 3, 'canary');
    expect(on.terminal.screen).toEqual([
      '✖ web1  verify, exit 1: shop.service died 0.3s after its start (Result=exit-code)',
      '  stderr:',
      '  │ verify: MainPID 4711 is gone',
      '  journal:',
      '  │ shop[4711]: Error: Cannot find module ./config',
      '  │ systemd[1]: shop.service: Main process exited, code=exited, status=1/FAILURE',
      '  fleet exec -g prod -l HOST -- journalctl -u shop.service -n 50',
    ]);
  });
});

describe('plain', () => {
  test('says what changed and when, one line each', async () => {
    const on = stage('plain');
    const lines: string[] = [];
    on.terminal.write = (text) => void lines.push(...text.trimEnd().split('\n'));
    await play(on, 3, 'canary');
    await on.reporter.finish();
    expect(lines).toEqual([
      '16:41:54 preflight: checking 3 hosts',
      '16:41:54 preflight: 3 of 3 hosts passed',
      '16:41:54 deploy of shop 20261123T160000-1f3c9a0 to prod: 3 hosts in 3 waves, run 20261123T164154-k3vq',
      '16:41:54 claim: started, web[1:3]',
      '16:41:54 claim: 3/3 claimed (0.2s)',
      '16:41:54 stage: started, web[1:3]',
      '16:41:56 stage: 3/3 staged (1.9s)',
      '16:41:56 wave 1 (canary): started, web1',
      '16:41:58 ✖ web1  verify, exit 1: shop.service died 0.3s after its start (Result=exit-code)',
      '  stderr:',
      '  │ verify: MainPID 4711 is gone',
      '  journal:',
      '  │ shop[4711]: Error: Cannot find module ./config',
      '  │ systemd[1]: shop.service: Main process exited, code=exited, status=1/FAILURE',
      '  fleet exec -g prod -l HOST -- journalctl -u shop.service -n 50',
      '16:41:58 ✖ stopped: 1 failed host in wave 1 (canary), more than tolerated: web1',
      '16:41:58 wave 1 (canary): 1 reverting (1.8s)',
      '16:41:58 stop: hosts in flight reach a decided state',
      '16:41:59 stop: every host in flight is decided (1.1s)',
      '16:41:59 final read: started',
      '16:42:00 final read: 3 hosts (0.7s)',
      '16:42:00 ended: failed, every touched host is back',
    ]);
  });
});

describe('plain progress', () => {
  test('is folded, and signs of life come when nothing changes', () => {
    const on = stage('plain');
    const lines: string[] = [];
    on.terminal.write = (text) => void lines.push(...text.trimEnd().split('\n'));
    const events = syntheticRun(50, 'success');
    const staged = events.findIndex((e) => e.type === 'host-stage' && e.stage === 'staged');
    for (const event of events.slice(0, staged + 1)) {
      on.to(Date.parse(event.at));
      on.reporter.listener(event);
    }
    const start = lines.length;
    const at = Date.parse(events[staged]?.at ?? '');
    on.to(at + 70_000);
    expect(lines.slice(start)).toEqual([
      '16:41:59 stage: 1/50 staged',
      expect.stringMatching(/^16:42:29 stage: 1\/50 staged; longest: web\d\d, staging for \d\ds$/),
      expect.stringMatching(
        /^16:42:59 stage: 1\/50 staged; longest: web\d\d, staging for 1m \d\ds$/,
      ),
    ]);
  });

  test('has each host’s stages and notes with -v', () => {
    const on = stage('plain', new FakeTerminal(), 1);
    const lines: string[] = [];
    on.terminal.write = (text) => void lines.push(...text.trimEnd().split('\n'));
    for (const event of syntheticRun(3, 'success')) on.reporter.listener(event);
    expect(lines.filter((line) => line.includes(' web1: ')).map((line) => line.slice(9))).toEqual([
      'web1: claiming',
      'web1: claimed',
      'web1: staging',
      'web1: staged',
      'web1: switching',
      'web1: linked',
      'web1: restarted shop.service',
      'web1: confirming',
      'web1: done',
    ]);
  });
});
