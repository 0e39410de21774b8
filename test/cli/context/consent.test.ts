import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { practiceLab } from '../../lab/support/practice-lab.js';
import { everythingOn, leaveClaimed, practiceBastion } from '../support/practice-bastion.js';

const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

/** Every command that asks, as it is typed where there is something to ask for. */
const ASKING = [
  ['deploy', 'deploy --from ./releases/good'],
  ['rollback', 'rollback'],
  ['doctor', 'doctor --install-guard'],
  ['doctor', 'doctor --remove-guard'],
  ['recovery', 'recover'],
  ['deploy that recovers first', 'deploy --from ./releases/good'],
] as const;

const CTRL_C = '\u0003';

describe.each(ASKING)('a %s (%s)', (what, command) => {
  beforeAll(async () => {
    const bastion = practiceBastion(practice.lab);
    expect(await bastion.fleet('recover', '--yes')).toMatchObject({ code: 0 });
    for (const release of ['good', 'better']) {
      const deployed = await bastion.fleet('deploy', '--yes', '--from', `./releases/${release}`);
      expect(deployed).toMatchObject({ code: 0 });
    }
    if (what.includes('recover')) leaveClaimed(practice.lab, 0);
  }, 60_000);

  test.each([
    ['a no', 'n\r', 2, 'Not confirmed; nothing was changed.'],
    ['Ctrl-C', CTRL_C, 130, 'interrupted'],
  ] as const)('that is answered by %s changes nothing', async (_, keys, code, said) => {
    const before = everythingOn(practice.lab);
    expect(await practiceBastion(practice.lab).answer(keys, command)).toMatchObject({
      code,
      stderr: expect.stringContaining(said),
    });
    expect(everythingOn(practice.lab)).toEqual(before);
  });

  test('is refused without a terminal', async () => {
    const before = everythingOn(practice.lab);
    expect(await practiceBastion(practice.lab).fleet(command)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/asks before it[\s\S]*no terminal to ask on: add --yes/),
    });
    expect(everythingOn(practice.lab)).toEqual(before);
  });
});

describe('a resumed run', () => {
  test.each([
    ['a no', 'n\r', 2, 'Not confirmed; nothing was changed.'],
    ['Ctrl-C', CTRL_C, 130, 'interrupted'],
  ] as const)(
    'that is answered by %s changes nothing',
    async (_, keys, code, said) => {
      const bastion = practiceBastion(practice.lab);
      expect(await bastion.fleet('recover', '--yes')).toMatchObject({ code: 0 });
      const config = join(bastion.dir, 'fleet.yaml');
      const waves = 'waves: [1, { approve: true }, rest]';
      writeFileSync(
        config,
        readFileSync(config, 'utf8').replace('policy: {', `policy: { ${waves},`),
      );
      writeFileSync(join(bastion.dir, 'releases/good/of'), String(code));
      const paused = await bastion.fleet('deploy', '--yes', '--json', '--on-pause', 'exit');
      expect(paused.code).toBe(8);
      const { run } = JSON.parse(paused.stdout);
      const before = everythingOn(practice.lab);
      expect(await bastion.answer(keys, `resume ${run}`)).toMatchObject({
        code,
        stderr: expect.stringContaining(said),
      });
      expect(everythingOn(practice.lab)).toEqual(before);
      expect(await bastion.fleet(`resume ${run}`)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('add --yes'),
      });
    },
    60_000,
  );
});
