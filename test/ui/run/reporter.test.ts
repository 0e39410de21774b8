import { describe, expect, test } from 'vitest';
import { FakeTerminal } from '../support/fake-terminal.js';
import { play, stage } from '../support/reporter-stage.js';
import { syntheticRun } from '../support/synthetic-run.js';

describe('ndjson', () => {
  test('is one object per line, the same events, without control characters', async () => {
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
  test('shows only the end of a run that goes well', async () => {
    const on = stage('quiet');
    await play(on, 3, 'success');
    await on.reporter.finish();
    expect(on.terminal.written).toBe('');
    expect(on.stdout.screen[1]).toBe('✔ Deploy of shop to prod: succeeded');
  });

  test('shows each failed host once, with its evidence', async () => {
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
  test('shows what changed and when, one line each', async () => {
    const on = stage('plain');
    const lines: string[] = [];
    on.terminal.write = (text) => void lines.push(...text.trimEnd().split('\n'));
    await play(on, 3, 'canary');
    await on.reporter.finish();
    expect(lines).toEqual([
      '16:41:54 preflight: checking 3 hosts',
      '16:41:54 preflight: 3 of 3 hosts answered',
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
      '16:41:58 stop: hosts in flight reach a settled state',
      '16:41:59 stop: every host in flight is settled (1.1s)',
      '16:41:59 final read: started',
      '16:42:00 final read: 3 hosts (0.7s)',
      '16:42:00 ended: failed, every touched host is rolled back',
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
