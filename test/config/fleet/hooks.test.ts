import { describe, expect, test } from 'vitest';
import { mistakes, withLeast } from '../support/least-config.js';

const hooksOf = (yaml: string) => withLeast(yaml).app.hooks;

describe('hooks', () => {
  test('are commands on the host, with the defaults of their point', () => {
    expect(hooksOf('hooks: { before_activate: [bin/drain] }')).toEqual([
      {
        id: 'before_activate-1',
        name: 'bin/drain',
        point: 'before_activate',
        per: 'host',
        where: 'host',
        work: { kind: 'command', command: 'bin/drain' },
        folder: null,
        groups: [],
        on: ['deploy', 'rollback'],
        timeoutMs: 300_000,
        ifFails: 'fail-host',
      },
    ]);
  });

  test('can say where, how often, for whom, when, for how long, and what a failure does', () => {
    const yaml =
      'hooks: { before_activate: [{ local: ./tell, name: tell, per: wave, groups: web, on: deploy, timeout: 2m, if_fails: warn }] }';
    expect(hooksOf(yaml)).toMatchObject([
      {
        name: 'tell',
        per: 'wave',
        where: 'bastion',
        folder: expect.stringMatching(/^\//),
        groups: ['web'],
        on: ['deploy'],
        timeoutMs: 120_000,
        ifFails: 'warn',
      },
    ]);
  });

  test('of a run stop it by default, and those that come too late only warn', () => {
    const yaml =
      'hooks: { before_activate: [{ run: x, per: run }], after_run: [x], after_confirm: [x] }';
    expect(hooksOf(yaml).map(({ id, per, ifFails }) => [id, per, ifFails])).toEqual([
      ['before_activate-1', 'run', 'stop-run'],
      ['after_confirm-1', 'host', 'warn'],
      ['after_run-1', 'run', 'warn'],
    ]);
  });

  test('a script of the release is two hooks: before a rollback by command, and before any other', () => {
    const found = hooksOf('hooks: { rollback_script: ops/rollback.sh }');
    expect(found.map(({ point, on, ifFails }) => [point, on, ifFails])).toEqual([
      ['before_activate', ['rollback'], 'fail-host'],
      ['before_revert', ['deploy', 'rollback'], 'warn'],
    ]);
  });

  test.each([
    ['before_stage: [{ run: x, per: wave }]', 'a hook of before_stage runs per host or per run'],
    ['after_activate: [{ run: x, per: run }]', 'a hook of after_activate runs per host'],
    ['before_activate: [{ run: x, local: y }]', 'not both'],
    ['before_activate: [{ name: x }]', 'a hook needs run (on the host) or local'],
    ['before_revert: [{ run: x, if_fails: fail-host }]', 'this can be warn'],
    [
      'before_activate: [{ run: x, per: run, if_fails: fail-host }]',
      'per run fails, this can be stop-run or warn',
    ],
    ['after_confirm: [{ run: x, if_fails: fail-host }]', 'this can be warn or stop-run'],
    ['before_activate: [{ runn: x }]', 'did you mean run?'],
    ['before_activate: [{ run: x, if_fails: fail }]', 'if_fails'],
    ['befor_activate: [x]', 'did you mean before_activate?'],
    ['rollback_script: ../x', 'a relative path'],
  ])('are refused where they have no meaning: %s', async (hooks, why) => {
    const found = await mistakes(`hooks: { ${hooks} }`);
    expect(found.join('\n')).toContain(why);
  });

  test('after the activation are covered by the automatic rollback timer', async () => {
    const hooks = 'hooks: { after_activate: [x, { run: y, timeout: 1m }] }';
    expect(withLeast(hooks).app.policy.confirmDeadlineMs).toBe(120_000 + 90_000);
    const short = `${hooks}\npolicy: { confirm_deadline: 2m }`;
    expect((await mistakes(short)).join('\n')).toContain(
      'confirm_deadline (2m) must be at least 155s: healthy_deadline (1m), the timeouts of hooks.after_activate (90s) and 5s',
    );
  });
});
