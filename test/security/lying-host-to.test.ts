import { beforeEach, describe, test } from 'vitest';
import { lyingFleet } from './support/lying-fleet.js';
import { judgeLie, type Lie } from './support/lying-judge.js';

const fleet = lyingFleet();
beforeEach(() => fleet.reset());

const { liar } = fleet;
const r1 = () => fleet.release(1);
const r2 = () => fleet.release(2);
const r3 = () => fleet.release(3);
const backTo = (id: () => string) => () => ['rollback', '--yes', '--to', id()] as const;

const swapCommits = (): void => {
  liar.says(r1().id, { commit: r2().commit });
  liar.says(r2().id, { commit: r1().commit });
};

const TO_ONE: readonly Lie[] = [
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
    tell: () => liar.says(r1().id, { commit: r2().commit }),
    type: backTo(() => r2().commit),
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'gives it no commit',
    tell: () => liar.says(r2().id, { commit: null }),
    type: backTo(() => r2().commit),
    asked: 2,
    ends: 'refused',
    says: /commit none on web03/,
  },
  {
    lie: 'gives it other content',
    tell: () => liar.says(r2().id, { digest: `sha256:${'e'.repeat(64)}` }),
    type: backTo(() => r2().id),
    asked: 2,
    ends: 'refused',
    says: /content eeeeeeeeeeee on web03/,
  },
  {
    lie: 'gives it another version',
    tell: () => liar.says(r2().id, { version: 'v666' }),
    type: backTo(() => 'v666'),
    asked: 2,
    ends: 'refused',
    says: /version v666 on web03/,
  },
  {
    lie: 'calls it by the id of the current one inside its record',
    tell: () => liar.says(r1().id, { id: r3().id }),
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
    tell: () => liar.judges(r2().id, 'bad'),
    type: backTo(() => r2().id),
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'has a release whose id is the commit that is typed',
    tell: () => liar.invents(r2().commit.slice(0, 7), r1().id, {}),
    type: backTo(() => r2().commit.slice(0, 7)),
    asked: 2,
    ends: 'refused',
    says: /not on web01, web02/,
  },
  {
    lie: 'has one more release of that commit',
    tell: () => liar.invents('zz-evil', r1().id, { commit: r2().commit }),
    type: backTo(() => r2().commit),
    asked: 2,
    ends: 'done',
  },
  {
    lie: 'names another deployer, run and time for it',
    tell: () =>
      liar.says(r2().id, {
        deployer: 'ceo@hq',
        run: 'evil-run',
        deployedAt: '1970-01-01T00:00:00Z',
      }),
    type: backTo(() => r2().id),
    asked: 2,
    ends: 'done',
  },
  {
    lie: 'names another app for it',
    tell: () => liar.says(r2().id, { app: 'evil' }),
    type: backTo(() => r2().id),
    asked: 2,
    ends: 'done',
  },
];

describe('a rollback to a release that is named goes there or is refused, where one host', () => {
  test.each(TO_ONE.map((lie) => [lie.lie, lie] as const))('%s', (_, lie) => judgeLie(fleet, lie));
});
