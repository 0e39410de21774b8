import { beforeAll, describe, expect, test } from 'vitest';
import { OUTPUT_SCHEMAS } from '../../src/ui/json-schema.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { leaveClaimed, practiceBastion } from './support/practice-bastion.js';

const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

describe('lock release --force', () => {
  beforeAll(async () => {
    expect(await practiceBastion(practice.lab).fleet('deploy', '--yes')).toMatchObject({ code: 0 });
  }, 60_000);

  test('names the host that was cut off, does not show it as released, and ends with 9', async () => {
    leaveClaimed(practice.lab, 3600);
    await practice.lab.fault('web01', 'drop-mid-step', true, { match: 'adopt' });
    const bastion = practiceBastion(practice.lab);
    const released = await bastion.fleet('lock release', '--force');
    await practice.lab.fault('web01', 'drop-mid-step', false);
    expect(released).toMatchObject({ code: 9, stdout: 'Nothing was unlocked.\n' });
    expect(released.stderr).toMatch(/1 of 2 hosts were not unlocked[\s\S]*web01: /);
  });

  test('says the same in its JSON, as the one object on stdout', async () => {
    leaveClaimed(practice.lab, 3600);
    await practice.lab.fault('web02', 'down', true);
    const released = await practiceBastion(practice.lab).fleet('lock release', '--force', '--json');
    await practice.lab.fault('web02', 'down', false);
    expect(released.code).toBe(9);
    expect(OUTPUT_SCHEMAS.lock.parse(JSON.parse(released.stdout))).toMatchObject({
      released: [{ where: 'web01', run: 'gone' }],
      failed: [{ host: 'web02', error: { code: 'unreachable' } }],
    });
  });

  test('shows what it has released, and ends with 0', async () => {
    leaveClaimed(practice.lab, 3600);
    const bastion = practiceBastion(practice.lab);
    expect(await bastion.fleet('lock release', '--force')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/web01 +gone +ada@elsewhere/),
    });
    expect(await bastion.fleet('lock status')).toMatchObject({ stdout: 'Nothing is locked.\n' });
  });
});
