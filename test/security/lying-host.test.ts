import { beforeEach, describe, expect, test } from 'vitest';
import { lyingFleet } from './lying-fleet.js';

const fleet = lyingFleet();
beforeEach(() => fleet.reset());

/** What an honest host may be after a command: as it was, or on what was asked. */
type Outcome = 'refused' | 'done';

interface Lie {
  readonly lie: string;
  readonly tell: () => void;
  /** A command of a bastion that knows these hosts by nothing but their own words. */
  readonly type: () => readonly [command: string, ...flags: string[]];
  /** The page that is served once the command has done what it was told. */
  readonly asked?: number;
  readonly ends: Outcome;
  /** What a person reads of it. */
  readonly says?: RegExp;
  /** With the history of the bastion that has deployed the releases. */
  readonly known?: true;
}

const [r1, r2, r3] = [1, 2, 3].map((number) => () => fleet.release(number)) as [Get, Get, Get];
type Get = () => ReturnType<typeof fleet.release>;
const { liar } = fleet;
const backTo = (id: () => string) => () => ['rollback', '--yes', '--to', id()] as const;
const back = () => ['rollback', '--yes'] as const;
const deploy = (number: number) => () =>
  ['deploy', '--yes', '--from', `git:${fleet.commit(number)}`] as const;

const digestOfFourth = (): string => {
  // The liar has seen the content once: its digest is no secret.
  const dry = seen.get('fourth');
  if (dry === undefined) throw new Error('the digest was not looked up');
  return dry;
};
const seen = new Map<string, string>();

const swapCommits = (): void => {
  liar.says(r1().id, ({ meta }) => void (meta.commit = r2().commit));
  liar.says(r2().id, ({ meta }) => void (meta.commit = r1().commit));
};

const LIES: readonly Lie[] = [
  // rollback --to
  {
    lie: 'gives the commits of two releases the wrong way round',
    tell: swapCommits,
    type: backTo(() => r2().commit),
    asked: 2,
    ends: 'refused',
    says: /do not agree.* on web03; .* on web01, web02/,
  },
  {
    lie: 'does so, and the release is named by its id',
    tell: swapCommits,
    type: backTo(() => r1().id),
    asked: 1,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'does so, and a prefix of the commit is typed',
    tell: swapCommits,
    type: backTo(() => r2().commit.slice(0, 9)),
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'gives another release the commit that is asked for',
    tell: () => liar.says(r1().id, ({ meta }) => void (meta.commit = r2().commit)),
    type: backTo(() => r2().commit),
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'gives it no commit',
    tell: () => liar.says(r2().id, ({ meta }) => void (meta.commit = null)),
    type: backTo(() => r2().commit),
    asked: 2,
    ends: 'refused',
    says: /commit none on web03/,
  },
  {
    lie: 'gives it other content',
    tell: () => liar.says(r2().id, ({ meta }) => void (meta.digest = `sha256:${'e'.repeat(64)}`)),
    type: backTo(() => r2().id),
    asked: 2,
    ends: 'refused',
    says: /content eeeeeeeeeeee on web03/,
  },
  {
    lie: 'gives it another version',
    tell: () => liar.says(r2().id, ({ meta }) => void (meta.version = 'v666')),
    type: backTo(() => 'v666'),
    asked: 2,
    ends: 'refused',
    says: /version v666 on web03/,
  },
  {
    lie: 'calls it by the id of the current one inside its record',
    tell: () => liar.says(r1().id, ({ meta }) => void (meta.id = r3().id)),
    type: backTo(() => r1().id),
    asked: 1,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'has no record of it',
    tell: () => liar.forgets(r2().id),
    type: backTo(() => r2().id),
    asked: 2,
    ends: 'refused',
    says: /not on web03/,
  },
  {
    lie: 'says that it was bad',
    tell: () => liar.says(r2().id, (marker) => void (marker.standing = 'bad')),
    type: backTo(() => r2().id),
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'has a release whose id is the commit that is typed',
    tell: () => liar.invents(r2().commit.slice(0, 7), r1().id, () => undefined),
    type: backTo(() => r2().commit.slice(0, 7)),
    asked: 2,
    ends: 'refused',
    says: /not on web01, web02/,
  },
  {
    lie: 'has one more release of that commit',
    tell: () => liar.invents('zz-evil', r1().id, ({ meta }) => void (meta.commit = r2().commit)),
    type: backTo(() => r2().commit),
    asked: 2,
    ends: 'refused',
    says: /zz-evil/,
  },
  {
    lie: 'names another deployer, run and time for it',
    tell: () =>
      liar.says(r2().id, ({ meta }) =>
        Object.assign(meta, {
          deployer: 'ceo@hq',
          run: 'evil-run',
          deployedAt: '1970-01-01T00:00:00Z',
        }),
      ),
    type: backTo(() => r2().id),
    asked: 2,
    ends: 'done',
  },
  {
    lie: 'names another app for it',
    tell: () => liar.says(r2().id, ({ meta }) => void (meta.app = 'evil')),
    type: backTo(() => r2().id),
    asked: 2,
    ends: 'done',
  },
  // rollback
  {
    lie: 'dates the current release between two older ones',
    tell: () => liar.says(r3().id, ({ meta }) => void (meta.deployedAt = '2026-01-02T03:15:00Z')),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /on web03; .* on web01, web02/,
  },
  {
    lie: 'does so to a bastion that has deployed them',
    tell: () => liar.says(r3().id, ({ meta }) => void (meta.deployedAt = '2026-01-02T03:15:00Z')),
    type: back,
    asked: 2,
    ends: 'done',
    known: true,
  },
  {
    lie: 'dates the oldest after the one before',
    tell: () => liar.says(r1().id, ({ meta }) => void (meta.deployedAt = '2026-01-02T03:25:00Z')),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'dates the one before after the current one',
    tell: () => liar.says(r2().id, ({ meta }) => void (meta.deployedAt = '2027-01-01T00:00:00Z')),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'dates the one before with what is no time',
    tell: () => liar.says(r2().id, ({ meta }) => void (meta.deployedAt = 'soon')),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'says that the one before was bad',
    tell: () => liar.says(r2().id, (marker) => void (marker.standing = 'bad')),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'says so to a bastion that has deployed it',
    tell: () => liar.says(r2().id, (marker) => void (marker.standing = 'bad')),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
    known: true,
  },
  {
    lie: 'says that the one before was never healthy',
    tell: () => liar.says(r2().id, (marker) => void (marker.standing = 'staged')),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'has no record of the one before',
    tell: () => liar.forgets(r2().id),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'has not the files of the one before',
    tell: () => liar.hides(r2().id),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'gives the one before other content',
    tell: () => liar.says(r2().id, ({ meta }) => void (meta.digest = `sha256:${'e'.repeat(64)}`)),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'has one more release between the two',
    tell: () =>
      liar.invents(
        'zz-evil',
        r1().id,
        ({ meta }) => void (meta.deployedAt = '2026-01-02T03:25:00Z'),
      ),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /zz-evil on web03/,
  },
  {
    lie: 'is on the one before already',
    tell: () => liar.links(r2().id),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /different current releases/,
  },
  {
    lie: 'has no record of the current one',
    tell: () => liar.forgets(r3().id),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  // deploy
  {
    lie: 'has the new content under the current id',
    tell: () =>
      liar.says(r3().id, ({ meta }) =>
        Object.assign(meta, { digest: digestOfFourth(), commit: fleet.commit(4) }),
      ),
    type: deploy(4),
    asked: 4,
    ends: 'done',
    says: /do not agree/,
  },
  {
    lie: 'has the new content under an id of its own',
    tell: () =>
      liar.invents('zz-chosen-by-evil', r1().id, ({ meta }) =>
        Object.assign(meta, {
          digest: digestOfFourth(),
          commit: fleet.commit(4),
          version: 'v666',
          deployer: 'ceo@hq',
          run: 'evil-run',
          deployedAt: '1970-01-01T00:00:00Z',
        }),
      ),
    type: deploy(4),
    asked: 4,
    ends: 'done',
  },
  {
    lie: 'has the current content under an id of its own',
    tell: () =>
      liar.invents('zz-chosen-by-evil', r3().id, ({ meta }) =>
        Object.assign(meta, { version: 'v666', deployer: 'ceo@hq' }),
      ),
    type: deploy(3),
    asked: 3,
    ends: 'done',
  },
  {
    lie: 'says that the current content was bad',
    tell: () => liar.says(r3().id, (marker) => void (marker.standing = 'bad')),
    type: deploy(3),
    asked: 3,
    ends: 'done',
  },
  {
    lie: 'gives the current release another deployer and version',
    tell: () =>
      liar.says(r3().id, ({ meta }) =>
        Object.assign(meta, { deployer: 'ceo@hq', version: 'v666' }),
      ),
    type: deploy(3),
    asked: 3,
    ends: 'done',
  },
  {
    lie: 'has an epoch that no later one fits behind',
    tell: () => liar.state('epoch=999999999999998'),
    type: deploy(4),
    asked: 4,
    ends: 'done',
  },
  {
    lie: 'says that it is another host',
    tell: () =>
      liar.rewrites(
        `(told) => told.event === 'host' ? { ...told, rootPath: told.rootPath.replace('web03', 'web01') } : told`,
      ),
    type: deploy(4),
    asked: 4,
    ends: 'refused',
    says: /one machine/,
  },
  {
    lie: 'holds a run that nobody began',
    tell: () => liar.state('run=evil', 'owner="ceo@hq"', 'phase=claimed'),
    type: deploy(4),
    asked: 4,
    ends: 'refused',
    says: /evil/,
  },
];

describe('no honest host goes elsewhere than asked, whatever one of three says:', () => {
  beforeEach(async () => {
    if (seen.size > 0) return;
    const { stdout } = await fleet
      .stranger()
      .fleet('plan deploy', '--json', '--from', `git:${fleet.commit(4)}`);
    seen.set('fourth', JSON.parse(stdout).release.digest);
  });

  test.each(LIES)('it $lie', async ({ tell, type, asked, ends, says, known }) => {
    const before = fleet.honest();
    tell();
    const bastion = known === true ? fleet.home : fleet.stranger();
    const [command, ...flags] = type();
    const ran = await bastion.fleet(command, ...flags);
    const told = ran.stdout + ran.stderr;
    const after = fleet.honest();
    expect(told).not.toMatch(RAW);
    if (says !== undefined) expect(told).toMatch(says);
    if (ends === 'refused') {
      expect([2, 7]).toContain(ran.code);
      expect(after).toEqual(before);
      return;
    }
    expect({ code: ran.code, told }).toMatchObject({ code: 0 });
    if (after.some(({ page }) => page !== `page ${asked}\n`)) throw new Error(told);
    for (const { version, epoch, markers } of after) {
      expect(JSON.stringify([version, markers])).not.toMatch(/evil|ceo|v666|1970/);
      expect(version).toMatchObject({
        app: 'shop',
        commit: fleet.commit(asked ?? 0),
        deployer: 'ada@bastion',
      });
      expect(epoch).toBeLessThan(20);
    }
  });
});

/** C0 without newline and tab, DEL, C1, and what turns the direction of a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
const RAW = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
