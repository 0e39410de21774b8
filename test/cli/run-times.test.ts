import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { practiceBastion } from './support/practice-bastion.js';

const practice = practiceLab({ hosts: 1, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

test('a run has the same begin and end in its JSON, its history, deploy.log and journal', async () => {
  let ms = Date.UTC(2026, 0, 2, 3);
  // No two looks at this clock give the same time.
  const bastion = practiceBastion(practice.lab, () => {
    ms += 1;
    return new Date(ms);
  });
  const deployed = await bastion.fleet('deploy', '--yes', '--json');
  const { run, startedAt, endedAt } = JSON.parse(deployed.stdout);
  const shown = JSON.parse((await bastion.fleet(`show ${run}`, '--json')).stdout);
  expect(shown).toMatchObject({ startedAt, endedAt });
  const state = join(bastion.dir, 'state');
  const seconds = ((Date.parse(endedAt) - Date.parse(startedAt)) / 1000).toFixed(1);
  const log = readFileSync(join(state, 'deploy.log'), 'utf8');
  expect(log).toMatch(new RegExp(`^${endedAt} run=${run} .* duration=${seconds}s`));
  const lines = readFileSync(join(state, 'runs', run, 'events.ndjson'), 'utf8')
    .trim()
    .split('\n');
  const [first, last] = [lines[1], lines.at(-1)].map((line) => JSON.parse(line ?? ''));
  expect([first.type, first.at]).toEqual(['run-started', startedAt]);
  expect(last).toMatchObject({ type: 'run-ended', at: endedAt, startedAt });
}, 60_000);
