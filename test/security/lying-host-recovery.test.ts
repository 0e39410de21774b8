import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { PLAN_VERSION } from '../../src/model/runs/plan.js';
import { type Bastion, lyingFleet } from './support/lying-fleet.js';
import { RAW } from './support/lying-judge.js';
import { filesBelow, newestRun, plantRun } from './support/lying-records.js';

const fleet = lyingFleet();
beforeEach(() => fleet.reset());
const { liar } = fleet;

/** The liar says that a run whose lease is over has left it claimed. */
const claimedBy = (run: string, epoch = 50): void =>
  liar.state(`run=${run}`, 'owner="ceo@hq"', 'lease=1', `epoch=${epoch}`, 'phase=claimed');

/** Lines of deploy.log that say how a run went; those of acts say what the recovery itself did. */
function runLines(bastion: Bastion): readonly string[] {
  const log = join(bastion.dir, 'state/deploy.log');
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  return lines.filter((line) => !/^\S+ act=/.test(line));
}

const ended = (folder: string): boolean =>
  readFileSync(join(folder, 'events.ndjson'), 'utf8').includes('run-ended');

interface Story {
  readonly name: string;
  /** Gives back the folder of the record that must stay as it is. */
  readonly tell: (bastion: Bastion) => string;
  readonly flags?: readonly string[];
}

const STORIES: readonly Story[] = [
  {
    name: 'is alive on this bastion',
    tell: (bastion) => {
      claimedBy('alive');
      return plantRun(fleet.home, bastion, { run: 'alive', owner: 'alive' });
    },
  },
  {
    name: 'is alive on this bastion, and is taken by force',
    tell: (bastion) => {
      claimedBy('alive');
      return plantRun(fleet.home, bastion, { run: 'alive', owner: 'alive', epoch: 50 });
    },
    flags: ['--force'],
  },
  {
    name: 'is not known to be dead',
    tell: (bastion) => {
      claimedBy('far');
      return plantRun(fleet.home, bastion, { run: 'far', owner: 'none', epoch: 50 });
    },
  },
  {
    name: 'is dead and never had that host',
    tell: (bastion) => {
      claimedBy('others');
      const hosts = ['web01', 'web02'];
      return plantRun(fleet.home, bastion, { run: 'others', owner: 'dead', hosts, epoch: 50 });
    },
  },
  {
    name: 'is dead and had that host in another epoch and transaction',
    tell: (bastion) => {
      claimedBy('gone');
      return plantRun(fleet.home, bastion, { run: 'gone', owner: 'dead' });
    },
  },
];

describe('a recovery does not touch the record of a run that one host names and that', () => {
  test.each(STORIES.map((story) => [story.name, story] as const))('%s', async (_, story) => {
    const { tell, flags = [] } = story;
    const bastion = fleet.stranger();
    const folder = tell(bastion);
    const [before, honest] = [filesBelow(folder), fleet.honest()];
    const ran = await bastion.fleet('recover', '--yes', ...flags);
    expect([0, 7]).toContain(ran.code);
    expect(filesBelow(folder)).toEqual(before);
    expect(runLines(bastion)).toEqual([]);
    expect(fleet.honest()).toEqual(honest);
  });
});

describe('a host that names something that is not a run', () => {
  test.each(['../../../planted', '../planted', '.', 'a/b', '-x'])(
    'leads a recovery nowhere: %s',
    async (run) => {
      const bastion = fleet.stranger();
      const planted = join(bastion.dir, 'planted');
      mkdirSync(planted);
      claimedBy(run);
      const ran = await bastion.fleet('recover', '--yes');
      expect(ran.stdout + ran.stderr).not.toMatch(/internal error|a bug/);
      expect(filesBelow(planted)).toEqual({});
      expect(filesBelow(join(bastion.dir, 'state/runs'))).toEqual({});
    },
  );

  test.each(['\\u0000', '\\u001b[2J', '\\u202e', 'a\\nb'])(
    'ends no command with an error of fleet itself: %s',
    async (text) => {
      const put = `(told) => told.event === 'state' ? { ...told, run: 'r${text}', txn: 't${text}', lease: 0, phase: 'claimed' } : told`;
      const honest = fleet.honest();
      liar.rewrites(put);
      for (const command of ['recover --yes', 'lock status', 'lock release --force', 'status']) {
        const ran = await fleet.stranger().fleet(command);
        expect(ran.code).not.toBe(1);
        expect(ran.stdout + ran.stderr).not.toMatch(RAW);
      }
      expect(fleet.honest()).toEqual(honest);
    },
  );
});

describe('the record of a dead run', () => {
  const die = (bastion: Bastion): string => {
    claimedBy('gone');
    return plantRun(fleet.home, bastion, { run: 'gone', owner: 'dead', epoch: 50 });
  };

  test('is ended once all of its hosts were read', async () => {
    const bastion = fleet.stranger();
    const folder = die(bastion);
    expect(await bastion.fleet('recover', '--yes')).toMatchObject({ code: 0 });
    expect(ended(folder)).toBe(true);
    expect(readFileSync(join(bastion.dir, 'state/deploy.log'), 'utf8')).toContain('gone');
  });

  test('stays open while only some were, says so, and is ended when the rest was', async () => {
    const bastion = fleet.stranger();
    const folder = die(bastion);
    const some = await bastion.fleet('recover', '--yes', '-l', 'web03');
    expect(some).toMatchObject({ code: 0, stderr: expect.stringMatching(/gone.*stays open.*web/) });
    expect(ended(folder)).toBe(false);
    expect(await bastion.everywhere('recover', '--yes')).toMatchObject({ code: 0 });
    expect(ended(folder)).toBe(true);
  });

  test('is not written through a link, nor is that of another user read', async () => {
    const bastion = fleet.stranger();
    const folder = die(bastion);
    const elsewhere = join(bastion.dir, 'profile');
    writeFileSync(elsewhere, '# mine\n');
    rmSync(join(folder, 'events.ndjson'));
    symlinkSync(elsewhere, join(folder, 'events.ndjson'));
    await bastion.fleet('recover', '--yes');
    expect(readFileSync(elsewhere, 'utf8')).toBe('# mine\n');
    rmSync(join(folder, 'plan.json'));
    symlinkSync(elsewhere, join(folder, 'plan.json'));
    const asked = await bastion.fleet('abort', 'gone');
    expect(asked.code).toBe(2);
    expect(asked.stderr).not.toContain('a bug');
  });

  test('that is incomplete is ignored with a warning, and the others are recovered', async () => {
    const bastion = fleet.stranger();
    const folder = die(bastion);
    const torn = plantRun(fleet.home, bastion, { run: 'torn', owner: 'dead' });
    const plan = readFileSync(join(torn, 'plan.json'), 'utf8');
    for (const half of [
      '{"run":"torn","kind":"deploy","hosts":[{"host":{"name":"web01"}}]}',
      plan.slice(0, 900),
      'null',
    ]) {
      writeFileSync(join(torn, 'plan.json'), half);
      const ran = await bastion.everywhere('recover', '--yes');
      expect(ran).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('torn is ignored'),
      });
    }
    expect(ended(folder)).toBe(true);
  });

  test('of an older fleet, with one epoch for all hosts, is continued', async () => {
    const bastion = fleet.stranger();
    const folder = die(bastion);
    const text = readFileSync(join(folder, 'plan.json'), 'utf8');
    const { schemaVersion, ...plan } = JSON.parse(text);
    expect(schemaVersion).toBe(PLAN_VERSION);
    const hosts = plan.hosts.map(({ epoch: _, ...host }: { epoch: number }) => host);
    writeFileSync(join(folder, 'plan.json'), JSON.stringify({ ...plan, epoch: 50, hosts }));
    expect(await bastion.everywhere('recover', '--yes')).toMatchObject({ code: 0 });
    expect(ended(folder)).toBe(true);
  });
});

describe('a run that is continued', () => {
  /** A deploy of the fourth commit whose controller died before any host was updated. */
  async function died(): Promise<{ bastion: Bastion; run: string; to: string }> {
    const bastion = fleet.stranger();
    const made = await bastion.fleet('deploy', '--yes', '--from', `git:${fleet.commit(4)}`);
    expect(made.code).toBe(0);
    const [first] = fleet.honest();
    await fleet.reset();
    const run = newestRun(bastion);
    const events = join(bastion.dir, 'state/runs', run, 'events.ndjson');
    const lines = readFileSync(events, 'utf8').split('\n');
    writeFileSync(events, lines.filter((line) => !line.includes('run-ended')).join('\n'));
    const owner = join(bastion.dir, 'state/runs', run, 'owner.json');
    writeFileSync(owner, readFileSync(owner, 'utf8').replace(/"start":"\d+"/, '"start":"1"'));
    return { bastion, run, to: first?.current ?? '' };
  }

  test('goes to its release on the others, though one host says that it is done there', async () => {
    const { bastion, run, to } = await died();
    const { digest, commit } = { digest: fleet.digest(4), commit: fleet.commit(4) };
    liar.invents(to, fleet.release(1).id, { digest, commit, deployer: 'ceo@hq' });
    liar.links(to);
    liar.state(`txn=${run}.7.0`, `from=${fleet.release(1).id}`, `to=${to}`, 'phase=idle');
    liar.rewrites(
      `(told) => told.event === 'probe' ? { ...told, healthy: true } : told.event === 'unit' ? { ...told, serving: null } : told`,
    );
    const ran = await bastion.fleet('resume', run, '--yes', '--from', `git:${commit}`);
    const after = fleet.honest();
    expect(after.map(({ page, current }) => ({ page, current, ran }))).toEqual(
      after.map(() => ({ page: 'page 4\n', current: to, ran })),
    );
    expect(JSON.stringify(after)).not.toContain('ceo');
  });

  test('is refused where one host says that it has moved', async () => {
    const { bastion, run } = await died();
    const honest = fleet.honest();
    liar.links(fleet.release(1).id);
    const ran = await bastion.fleet('resume', run, '--yes', '--from', `git:${fleet.commit(4)}`);
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('web03') });
    expect(fleet.honest()).toEqual(honest);
  });
});
