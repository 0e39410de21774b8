import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { practiceLab } from '../../lab/support/practice-lab.js';
import { everythingOn, leaveClaimed, practiceBastion } from '../support/practice-bastion.js';

const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

describe('a recovery', () => {
  beforeAll(async () => {
    expect(await practiceBastion(practice.lab).fleet('deploy', '--yes')).toMatchObject({ code: 0 });
  }, 60_000);

  test('of a run that may be alive is refused: it keeps its hosts', async () => {
    leaveClaimed(practice.lab, 3600);
    const before = everythingOn(practice.lab);
    const recovered = await practiceBastion(practice.lab).fleet('recover', '--yes');
    expect(recovered).toMatchObject({ code: 7, stderr: expect.stringContaining('may be alive') });
    expect(everythingOn(practice.lab)).toEqual(before);
  });

  test('asks before it changes anything, and is refused if it can ask no one', async () => {
    leaveClaimed(practice.lab, 0);
    const before = everythingOn(practice.lab);
    const recovered = await practiceBastion(practice.lab).fleet('recover');
    expect(recovered).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(everythingOn(practice.lab)).toEqual(before);
  });

  test('unlocks the hosts of a run whose leases have expired', async () => {
    leaveClaimed(practice.lab, 0);
    const bastion = practiceBastion(practice.lab);
    expect(await bastion.fleet('recover', '--yes')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/web01 +released/),
    });
    expect(await bastion.fleet('recover', '--yes')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing to recover'),
    });
  });

  test('that is interrupted leaves nothing that is taken for a run, and the next one does its work', async () => {
    leaveClaimed(practice.lab, 0);
    const bastion = practiceBastion(practice.lab);
    const runs = join(bastion.dir, 'state/runs');
    await practice.lab.fault('web01', 'slow', true, { ms: 60_000, match: 'adopt' });
    const begun = () => existsSync(runs) && readdirSync(runs).length > 0;
    expect(await bastion.interrupted(begun, 'recover', '--yes')).toMatchObject({ code: 130 });
    await practice.lab.fault('web01', 'slow', false);
    const [left = 'none'] = readdirSync(runs);
    expect(await bastion.fleet(`resume ${left}`, '--yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(run_unknown)'),
    });
    expect(await bastion.fleet('recover', '--yes')).toMatchObject({ code: 0 });
  });
});
