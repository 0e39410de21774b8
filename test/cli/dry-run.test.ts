import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { everythingOn, leaveClaimed, practiceBastion } from './support/practice-bastion.js';

const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

describe('a dry run', () => {
  beforeAll(async () => {
    expect(await practiceBastion(practice.lab).fleet('deploy', '--yes')).toMatchObject({ code: 0 });
  }, 60_000);

  test('shows its plan and changes nothing on any host', async () => {
    const before = everythingOn(practice.lab);
    const bastion = practiceBastion(practice.lab);
    const dry = await bastion.fleet('deploy', '--dry-run', '--yes', '--from', './releases/better');
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('web01') });
    expect(everythingOn(practice.lab)).toEqual(before);
  });

  test('leaves nothing on the bastion', async () => {
    const bastion = practiceBastion(practice.lab);
    expect(await bastion.fleet('deploy', '-n', '--from', './releases/better')).toMatchObject({
      code: 0,
    });
    const state = join(bastion.dir, 'state');
    // The release was packed there, and was deleted again.
    expect(readdirSync(state, { recursive: true })).toEqual(['tmp']);
  });

  test('tells when the turn of each host has come', async () => {
    const flags = ['--from', './releases/better', '--forks', '1', '--output', 'ndjson'];
    const { stdout } = await practiceBastion(practice.lab).fleet('deploy', '-n', ...flags);
    const events = stdout.split('\n').filter((line) => line.startsWith('{'));
    const told = events.map((line) => JSON.parse(line) as { type: string; host?: string });
    expect(told.map(({ type, host = '' }) => `${type} ${host}`.trim())).toEqual([
      'stream-started',
      'preflight-started',
      'preflight-asked web01',
      'preflight-host web01',
      'preflight-asked web02',
      'preflight-host web02',
    ]);
  });

  test('over a host that a dead run has left does not settle it', async () => {
    leaveClaimed(practice.lab, 0);
    const before = everythingOn(practice.lab);
    const bastion = practiceBastion(practice.lab);
    const dry = await bastion.fleet('deploy', '-n', '--yes', '--from', './releases/better');
    expect(dry).toMatchObject({ code: 7, stderr: expect.stringContaining('run gone') });
    expect(everythingOn(practice.lab)).toEqual(before);
  });
});
