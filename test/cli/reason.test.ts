import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { leaveClaimed, practiceBastion } from './support/practice-bastion.js';

const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

const read = (...path: readonly string[]): string => readFileSync(join(...path), 'utf8');

/** The plan and the events of the only run of a bastion. */
function recordsOf(dir: string) {
  const runs = join(dir, 'state/runs');
  const [run = ''] = readdirSync(runs).filter((name) => existsSync(join(runs, name, 'plan.json')));
  const lines = read(runs, run, 'events.ndjson').trim().split('\n');
  return {
    run,
    plan: JSON.parse(read(runs, run, 'plan.json')) as { readonly reason: unknown },
    events: lines.map((line) => JSON.parse(line) as { readonly type: string }),
  };
}

describe('--reason', () => {
  test('of a run is one safe line in every record of it, whatever was typed', async () => {
    const at = practiceBastion(practice.lab);
    const typed = `  the \u001b[31mlogin\u001b[0m\nfix \u202e for Jörg \u{1F680} ${'x'.repeat(9000)}`;
    const ended = await at.fleet('deploy', '--yes', '--reason', typed, '--json');
    expect(ended).toMatchObject({ code: 0 });
    const { reason } = JSON.parse(ended.stdout);
    expect(reason).toMatch(/^the login fix for Jörg \u{1F680} x+…$/u);
    expect(reason).toHaveLength(500);
    const { plan, events } = recordsOf(at.dir);
    expect(plan.reason).toBe(reason);
    expect(events.find(({ type }) => type === 'run-started')).toMatchObject({ plan: { reason } });
    expect(read(at.dir, 'state/deploy.log')).toMatch(
      / reason="the login fix for J\\u00f6rg \\ud83d\\ude80 x+\\u2026" journal=/,
    );
    const { runs } = JSON.parse((await at.typed('history', '--json')).stdout);
    expect(runs).toMatchObject([{ reason }]);
    expect(ended.stderr).toContain('  reason      the login fix for Jörg');
  }, 60_000);

  test('that is empty, e.g. an unset variable of a job, is none', async () => {
    const at = practiceBastion(practice.lab);
    const planned = await at.fleet('plan deploy', '--reason', ' \n ', '--json');
    expect(JSON.parse(planned.stdout)).toMatchObject({ reason: null });
  });

  test('of what people do besides runs is in both of its lines of deploy.log', async () => {
    const at = practiceBastion(practice.lab);
    leaveClaimed(practice.lab, 3600);
    await at.fleet('lock release', '--force', '--reason', 'its bastion burned');
    leaveClaimed(practice.lab, 0);
    await at.fleet('recover', '--force', '--yes', '--reason', 'and again');
    await at.typed(
      'exec',
      '-i',
      practice.lab.inventoryFile,
      '-g',
      'prod',
      '--reason',
      'why not',
      'true',
    );
    const begins = read(at.dir, 'state/deploy.log')
      .split('\n')
      .filter((line) => line.includes('stage=begins'));
    expect(begins).toEqual([
      expect.stringMatching(/act=lock-release .* reason="its bastion burned"/),
      expect.stringMatching(/act=recover .* reason="and again"/),
      expect.stringMatching(/act=exec .* reason="why not"/),
    ]);
  }, 60_000);

  test('of an abort, a pause and a resume reaches the run and its timeline', async () => {
    const at = practiceBastion(practice.lab);
    const config = read(at.dir, 'fleet.yaml').replace(
      '300ms',
      '300ms, waves: [1, { approve: true }, rest]',
    );
    writeFileSync(join(at.dir, 'fleet.yaml'), config);
    const deploy = at.fleet('deploy', '--yes', '--from', './releases/better', '--on-pause', 'wait');
    const has = (type: string) => () =>
      existsSync(join(at.dir, 'state/runs')) &&
      recordsOf(at.dir).events.some((each) => each.type === type);
    await expect.poll(has('paused'), { timeout: 20_000 }).toBe(true);
    const { run } = recordsOf(at.dir);
    expect(await at.typed('resume', run, '--yes', '--reason', 'graphs are fine')).toMatchObject({
      code: 0,
    });
    expect(await deploy).toMatchObject({ code: 0 });
    const { stdout } = await at.typed('show', run);
    expect(stdout).toContain('resumed by ada@bastion: graphs are fine');
    expect(read(at.dir, 'state/deploy.log')).toMatch(/act=resume .* reason="graphs are fine"/);
  }, 60_000);
});
