import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { builtFleet, endOf, says } from './support/built-fleet.js';

const practice = practiceLab({ hosts: 3, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
const fleet = builtFleet();
const isRoot = process.getuid?.() === 0;

const GROUP = 61_000;
/** Accounts of which no database knows a name; carl is in no group. */
const UIDS = { anna: 61_001, bela: 61_002, carl: 61_003 } as const;
type Person = keyof typeof UIDS;

const shared = (...path: readonly string[]): string => join(fleet.dir, 'shared', ...path);

/** A person's own folder, with an inventory that names a key and known hosts of theirs. */
function homeOf(person: Person): string {
  const home = join(fleet.dir, person);
  const { identityFile, knownHostsFile, inventoryFile } = practice.lab;
  mkdirSync(home, { recursive: true });
  cpSync(identityFile, join(home, 'key'));
  cpSync(knownHostsFile, join(home, 'known_hosts'));
  const text = readFileSync(inventoryFile, 'utf8')
    .replace(identityFile, join(home, 'key'))
    .replace(knownHostsFile, join(home, 'known_hosts'));
  mkdirSync(join(home, 'inventories'), { recursive: true });
  writeFileSync(join(home, 'inventories/lab.yaml'), text);
  cpSync(join(fleet.dir, 'fleet.yaml'), join(home, 'fleet.yaml'));
  cpSync(join(fleet.dir, 'releases'), join(home, 'releases'), { recursive: true });
  for (const name of ['', ...(readdirSync(home, { recursive: true }) as string[])]) {
    chownSync(join(home, name), UIDS[person], UIDS[person]);
  }
  chmodSync(join(home, 'key'), 0o600);
  return home;
}

function as(person: Person, umask = '0077') {
  const uid = UIDS[person];
  const groups = person === 'carl' ? '--clear-groups' : `--groups=${GROUP}`;
  const env = { HOME: join(fleet.dir, person), LOGNAME: person, FLEET_STATE_DIR: shared() };
  const by = `umask ${umask}; exec setpriv --reuid=${uid} --regid=${uid} ${groups} "$@"`;
  return { cwd: env.HOME, env: { ...env, XDG_STATE_HOME: '' }, by };
}

function share(mode: number, uid = 0): void {
  rmSync(shared(), { recursive: true, force: true });
  mkdirSync(shared());
  chownSync(shared(), uid, GROUP);
  chmodSync(shared(), mode);
}

const RUN = ['-g', 'prod', '--yes'];
const runsOf = async (person: Person): Promise<readonly Record<string, unknown>[]> =>
  JSON.parse((await fleet.run(['history', '--json'], as(person))).stdout).runs;

describe.runIf(isRoot)('a state folder that people of one group share', () => {
  beforeEach(() => {
    chmodSync(fleet.dir, 0o755);
    for (const person of ['anna', 'bela', 'carl'] as const) homeOf(person);
    share(0o2770);
  });
  afterEach(async () => {
    await fleet.run(['recover', '-g', 'prod', '--yes', '--force'], as('bela'));
  });

  test('has one history for all, whatever their umask is', async () => {
    expect(await fleet.run(['deploy', ...RUN], as('anna'))).toMatchObject({
      code: 0,
      stderr: expect.not.stringContaining('warning'),
    });
    const by = ['deploy', ...RUN, '--from', './releases/better'];
    expect(await fleet.run(by, as('bela', '0022'))).toMatchObject({
      code: 0,
      stderr: expect.not.stringContaining('warning'),
    });
    for (const person of ['anna', 'bela'] as const) {
      const runs = await runsOf(person);
      expect(runs.map(({ operator }) => String(operator).split('@')[0])).toEqual(['bela', 'anna']);
      expect(await fleet.run(['show', String(runs[0]?.run)], as(person))).toMatchObject({
        code: 0,
      });
    }
    expect(readFileSync(shared('deploy.log'), 'utf8').trim().split('\n')).toHaveLength(2);
    for (const name of readdirSync(shared(), { recursive: true }) as string[]) {
      const { mode, gid } = statSync(shared(name));
      expect([name, gid, mode & 0o7777]).toEqual([
        name,
        GROUP,
        statSync(shared(name)).isDirectory() ? 0o2770 : 0o660,
      ]);
    }
  }, 60_000);

  test('has one lock for all, and each can end or go on with what another began', async () => {
    const child = fleet.start(
      ['deploy', ...RUN, '--from', './releases/better', '--release', 'next', '-v'],
      as('anna'),
    );
    const ended = endOf(child);
    await says(child, /switching/);
    const [run = ''] = readdirSync(shared('runs'));
    expect(await fleet.run(['deploy', ...RUN], as('bela'))).toMatchObject({
      code: 7,
      stderr: expect.stringContaining(`run ${run} of anna@`),
    });
    child.kill('SIGKILL');
    await ended;
    expect(
      await fleet.run(['resume', run, '--yes', '--from', './releases/better'], as('bela')),
    ).toMatchObject({ code: 0 });
    expect(await runsOf('anna')).toMatchObject([{ run, state: 'succeeded' }]);
    const { stdout } = await fleet.run(['status', '-g', 'prod', '--json'], as('anna'));
    const { hosts } = JSON.parse(stdout) as { hosts: readonly { phase: string }[] };
    expect(hosts.map(({ phase }) => phase)).toEqual(['idle', 'idle', 'idle']);
  }, 60_000);

  test('is recovered by another than who left it unfinished', async () => {
    const child = fleet.start(['deploy', ...RUN, '--release', 'left', '-v'], as('anna'));
    const ended = endOf(child);
    await says(child, /switching/);
    child.kill('SIGKILL');
    await ended;
    expect(await fleet.run(['recover', '--yes'], as('bela'))).toMatchObject({ code: 0 });
    expect((await runsOf('anna'))[0]?.state).not.toBeNull();
  }, 60_000);

  test('is refused to who is not in the group', async () => {
    expect(await fleet.run(['history'], as('carl'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/for group 61000, which you are not in .*usermod -aG 61000/s),
    });
  });

  test.each([
    ['that everyone may write', 0o2777, 0],
    ['whose files would not be of the group', 0o770, 0],
    ['that is sticky', 0o3770, 0],
    ['that belongs to who is not of the group', 0o2770, UIDS.carl],
  ])('is refused where it is one %s', async (_, mode, uid) => {
    share(mode, uid);
    const told = { code: 2, stderr: expect.stringMatching(/untrusted_file.*chmod 2770/s) };
    expect(await fleet.run(['history'], as('anna'))).toMatchObject(told);
  });

  test('is refused where no one has named it as one that is shared', async () => {
    const { cwd, by, env } = as('anna');
    share(0o2770);
    mkdirSync(shared('fleet'));
    chmodSync(shared('fleet'), 0o2770);
    chownSync(shared('fleet'), 0, GROUP);
    chmodSync(shared('fleet'), 0o2770);
    const own = { ...env, FLEET_STATE_DIR: '', XDG_STATE_HOME: shared() };
    const told = { code: 2, stderr: expect.stringContaining('untrusted_file') };
    expect(await fleet.run(['history'], { cwd, by, env: own })).toMatchObject(told);
  });

  test('is shown by fleet check', async () => {
    const { stdout } = await fleet.run(['check'], as('anna'));
    expect(stdout).toContain(`state folder: ${shared()}, shared by group 61000`);
  });
});
