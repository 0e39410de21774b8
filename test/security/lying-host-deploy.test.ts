import { beforeEach, describe, test } from 'vitest';
import { lyingFleet } from './support/lying-fleet.js';
import { judgeLie, type Lie } from './support/lying-judge.js';

const fleet = lyingFleet();
beforeEach(() => fleet.reset());

const { liar } = fleet;
const r1 = () => fleet.release(1);
const r3 = () => fleet.release(3);
const deploy = (number: number) => () =>
  ['deploy', '--yes', '--from', `git:${fleet.commit(number)}`] as const;

const DEPLOYS: readonly Lie[] = [
  {
    lie: 'has the new content under the current id',
    tell: () => liar.says(r3().id, { digest: fleet.digest(4), commit: fleet.commit(4) }),
    type: deploy(4),
    asked: 4,
    ends: 'done',
    says: /do not agree/,
  },
  {
    lie: 'has the new content under an id of its own',
    tell: () =>
      liar.invents('zz-chosen-by-evil', r1().id, {
        digest: fleet.digest(4),
        commit: fleet.commit(4),
        version: 'v666',
        deployer: 'ceo@hq',
        run: 'evil-run',
        deployedAt: '1970-01-01T00:00:00Z',
      }),
    type: deploy(4),
    asked: 4,
    ends: 'done',
  },
  {
    lie: 'has the current content under an id of its own',
    tell: () => liar.invents('zz-chosen-by-evil', r3().id, { version: 'v666', deployer: 'ceo@hq' }),
    type: deploy(3),
    asked: 3,
    ends: 'done',
  },
  {
    lie: 'says that the current content was bad',
    tell: () => liar.judges(r3().id, 'bad'),
    type: deploy(3),
    asked: 3,
    ends: 'done',
  },
  {
    lie: 'gives the current release another deployer and version',
    tell: () => liar.says(r3().id, { deployer: 'ceo@hq', version: 'v666' }),
    type: deploy(3),
    asked: 3,
    ends: 'done',
  },
  {
    lie: 'names another deployer of content that all hosts have',
    tell: () =>
      liar.says(fleet.release(2).id, {
        deployer: 'ceo@hq',
        run: 'evil-run',
        deployedAt: '1970-01-01T00:00:00Z',
      }),
    type: deploy(2),
    asked: 2,
    ends: 'done',
  },
  {
    lie: 'names an epoch that no later one fits behind',
    tell: () =>
      liar.rewrites(
        "(told) => told.event === 'state' ? { ...told, epoch: 999999999999998 } : told",
      ),
    type: deploy(4),
    asked: 4,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'names the highest epoch that is one',
    tell: () => liar.state('epoch=999999998'),
    type: deploy(4),
    asked: 4,
    ends: 'done',
  },
  {
    lie: 'was left with such an epoch by an older fleet',
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
    lie: 'holds a run that was never begun',
    tell: () => liar.state('run=evil', 'owner="ceo@hq"', 'phase=claimed'),
    type: deploy(4),
    asked: 4,
    ends: 'refused',
    says: /evil/,
  },
];

describe('a deploy brings every honest host what was asked for or is refused, where one host', () => {
  test.each(DEPLOYS.map((lie) => [lie.lie, lie] as const))('%s', (_, lie) => judgeLie(fleet, lie));
});
