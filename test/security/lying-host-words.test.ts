import { beforeEach, describe, expect, test } from 'vitest';
import { lyingFleet } from './support/lying-fleet.js';
import { RAW } from './support/lying-judge.js';

const fleet = lyingFleet();
beforeEach(() => fleet.reset());
const { liar } = fleet;

/** Every text that is no name gets what a terminal obeys: ESC, CSI, OSC, C1 and a turned direction. */
const DIRTY = `(told) => {
  const keep = new Set(['event', 'kind', 'phase', 'root', 'sudo', 'standing', 'id', 'release', 'digest', 'run', 'txn', 'from', 'to', 'load', 'active', 'sub', 'type', 'deadMan', 'serving']);
  const dirt = (value, key) =>
    keep.has(key) ? value
    : typeof value === 'string' ? value + '\\u001b]52;c;ZXZpbA==\\u0007\\u001b[2J\\u009b31m\\u0085\\u202eevil'
    : Array.isArray(value) ? value.map((each) => dirt(each, key))
    : value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, dirt(v, k)]))
    : value;
  return dirt(told, '');
}`;

const READERS = ['status', 'status -v', 'releases', 'lock status', 'doctor', 'plan rollback'];

describe('a host that speaks to the terminal is not heard by it, nor by a reader of JSON, in', () => {
  test.each(READERS.flatMap((command) => [command, `${command} --json`]))('%s', async (command) => {
    const honest = fleet.honest();
    liar.rewrites(DIRTY);
    const ran = await fleet.stranger().fleet(command);
    expect(ran.stdout + ran.stderr).not.toMatch(RAW);
    expect(ran.code).not.toBe(1);
    if (command.endsWith('--json')) expect(() => JSON.parse(ran.stdout)).not.toThrow();
    expect(fleet.honest()).toEqual(honest);
  });

  test.each(['plain', 'ndjson', 'quiet'])(
    'a deploy shown as %s, and its record',
    async (output) => {
      liar.rewrites(DIRTY);
      const bastion = fleet.stranger();
      const from = `git:${fleet.commit(4)}`;
      const ran = await bastion.fleet('deploy', '--yes', '--output', output, '--from', from);
      const records = [await bastion.fleet('history'), await bastion.fleet('history', '--json')];
      for (const { stdout, stderr } of [ran, ...records]) expect(stdout + stderr).not.toMatch(RAW);
      for (const { page, version } of fleet.honest()) {
        expect(page).toMatch(/^page [34]\n$/);
        expect(JSON.stringify(version)).not.toContain('evil');
      }
    },
  );
});

describe('what hosts report differently is shown as different', () => {
  const lie = (): void => {
    liar.says(fleet.release(3).id, { commit: fleet.release(1).commit, deployer: 'ceo@hq' });
  };

  test('by status, as a drift of every host that is on the release', async () => {
    lie();
    const { stdout } = await fleet.stranger().fleet('status', '--json');
    const { hosts } = JSON.parse(stdout);
    for (const { drift } of hosts)
      expect(drift).toMatch(/do not agree.* on web03; .* on web01, web02/);
  });

  test('by releases, which take no word of it from one of them', async () => {
    lie();
    const { stdout } = await fleet.stranger().fleet('releases', '--json');
    const { releases } = JSON.parse(stdout);
    const found = releases.find(({ id }: { id: string }) => id === fleet.release(3).id);
    expect(found).toMatchObject({ commit: null, deployer: null, deployedAt: null });
    expect(stdout).not.toContain('ceo');
    const known = await fleet.home.fleet('releases', '--json');
    expect(known.stdout).not.toContain('ceo');
  });

  test('by no record of a run that comes after', async () => {
    liar.invents('zz-chosen-by-evil', fleet.release(1).id, {
      digest: fleet.digest(4),
      commit: fleet.commit(4),
      deployer: 'ceo@hq',
      version: 'v666',
    });
    const bastion = fleet.stranger();
    const ran = await bastion.fleet('deploy', '--yes', '--from', `git:${fleet.commit(4)}`);
    expect(ran.code).toBe(0);
    const listed = await bastion.fleet('history', '--json');
    const { runs } = JSON.parse(listed.stdout);
    const shown = await bastion.fleet('show', runs[0].run, '--json');
    expect(listed.stdout + shown.stdout).not.toMatch(/evil|ceo|v666/);
  });
});

test('a lock that is removed from one host, with any epoch, is removed from that host only', async () => {
  const honest = fleet.honest();
  liar.state('run=evil', 'owner="ceo@hq"', 'epoch=999999999999998', 'phase=claimed');
  const bastion = fleet.stranger();
  expect(await bastion.fleet('lock release', '--force')).toMatchObject({ code: 0, stderr: '' });
  expect((await bastion.fleet('lock status')).stdout).toContain('Nothing is locked');
  expect(fleet.honest()).toEqual(honest);
  const deployed = await bastion.fleet('deploy', '--yes', '--from', `git:${fleet.commit(4)}`);
  expect(deployed).toMatchObject({ code: 0 });
});
