import { appendFileSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { everythingOn, practiceBastion } from './support/practice-bastion.js';

const practice = practiceLab({ hosts: 3, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

const homeOf = (index: number): string => practice.lab.hosts[index]?.home ?? '';
const currentOf = (index: number): string => join(homeOf(index), 'shop/current');

interface StatusOutput {
  readonly hosts: readonly {
    readonly host: string;
    readonly verified: readonly {
      readonly release: string;
      readonly state: string;
      readonly differences: readonly { readonly path: string; readonly what: string }[];
    }[];
  }[];
}

describe('files that change on hosts', () => {
  let first = '';
  const inFirst = (index: number, path: string) =>
    join(homeOf(index), 'shop/releases', first, path);

  beforeAll(async () => {
    const bastion = practiceBastion(practice.lab);
    expect(await bastion.fleet('deploy', '--yes')).toMatchObject({ code: 0 });
    first = basename(readlinkSync(currentOf(0)));
    const better = await bastion.fleet('deploy', '--yes', '--from', './releases/better');
    expect(better).toMatchObject({ code: 0 });
  }, 120_000);

  test('status --verify finds none where all is as deployed', async () => {
    const { code, stdout } = await practiceBastion(practice.lab).fleet(
      'status',
      '--verify',
      '--all',
    );
    expect(stdout).toContain('Files of 6 releases on hosts: 6 as deployed.');
    expect(code).toBe(0);
  });

  test('files that were added are shown, and are no failure', async () => {
    writeFileSync(join(currentOf(1), 'cache'), '');
    const { code, stdout } = await practiceBastion(practice.lab).fleet('status', '--verify');
    expect(stdout).toMatch(/web02 {2}\S+: not as deployed\n {4}added +cache\n/);
    expect(code).toBe(0);
    rmSync(join(currentOf(1), 'cache'));
  });

  test('a rollback to a release with a changed file is refused in its plan, and changes nothing', async () => {
    const server = inFirst(1, 'public/index.html');
    const was = readFileSync(server);
    appendFileSync(server, '# mended by hand\n');
    const before = everythingOn(practice.lab);
    const bastion = practiceBastion(practice.lab);
    const refused = await bastion.fleet('rollback', '--yes');
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain(
      `web02: release ${first} is not as it was deployed: public/index.html changed`,
    );
    expect(everythingOn(practice.lab)).toEqual(before);

    const shown = await bastion.fleet('status', '--verify', '--all', '--json');
    expect(shown.code).toBe(4);
    const { hosts } = JSON.parse(shown.stdout) as StatusOutput;
    const states = hosts.flatMap(({ host, verified }) =>
      verified.map(({ release, state, differences }) => ({ host, release, state, differences })),
    );
    expect(states.filter(({ state }) => state !== 'intact')).toEqual([
      {
        host: 'web02',
        release: first,
        state: 'drifted',
        differences: [{ path: 'public/index.html', what: 'changed' }],
      },
    ]);
    writeFileSync(server, was);
  });

  test('a rollback goes to a release that is whole again, and --verify reads all of it', async () => {
    const bastion = practiceBastion(practice.lab);
    expect(await bastion.fleet('plan rollback', '--verify')).toMatchObject({ code: 0 });
    expect(await bastion.fleet('rollback', '--yes')).toMatchObject({ code: 0 });
    expect([0, 1, 2].map((index) => basename(readlinkSync(currentOf(index))))).toEqual([
      first,
      first,
      first,
    ]);
  }, 60_000);

  test('--force goes to a release that has drifted, with a warning', async () => {
    const bastion = practiceBastion(practice.lab);
    const back = await bastion.fleet('deploy', '--yes', '--from', './releases/better');
    expect(back).toMatchObject({ code: 0 });
    appendFileSync(inFirst(2, 'public/index.html'), '# mended by hand\n');
    const forced = await bastion.fleet('rollback', '--yes', '--force');
    expect(forced.stderr).toContain('public/index.html changed; --force overrides');
    expect(forced).toMatchObject({ code: 0 });
  }, 60_000);

  test('a release of an older fleet, without a manifest, is called unverified', async () => {
    for (const index of [0, 1, 2]) {
      rmSync(join(homeOf(index), 'shop/.fleet/manifests'), { recursive: true });
    }
    const bastion = practiceBastion(practice.lab);
    const shown = await bastion.fleet('status', '--verify');
    expect(shown.stdout).toContain('0 as deployed, 3 without a manifest, so not verified');
    expect(shown.code).toBe(0);
    const plan = await bastion.fleet('deploy', '-n', '--from', './releases/better');
    expect(plan.stderr).toContain('has no manifest there, so its files cannot be verified');
  });

  test('--all needs --verify', async () => {
    expect(await practiceBastion(practice.lab).fleet('status', '--all')).toMatchObject({ code: 2 });
  });
});
