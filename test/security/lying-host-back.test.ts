import { beforeEach, describe, test } from 'vitest';
import { lyingFleet } from './support/lying-fleet.js';
import { judgeLie, type Lie } from './support/lying-judge.js';

const fleet = lyingFleet();
beforeEach(() => fleet.reset());

const { liar } = fleet;
const r1 = () => fleet.release(1);
const r2 = () => fleet.release(2);
const r3 = () => fleet.release(3);
const back = () => ['rollback', '--yes'] as const;

const TO_THE_ONE_BEFORE: readonly Lie[] = [
  {
    lie: 'dates the current release between two older ones',
    tell: () => liar.says(r3().id, { deployedAt: '2026-01-02T03:15:00Z' }),
    type: back,
    asked: 2,
    ends: 'done',
  },
  {
    lie: 'does so to a bastion that has deployed them',
    tell: () => liar.says(r3().id, { deployedAt: '2026-01-02T03:15:00Z' }),
    type: back,
    asked: 2,
    ends: 'done',
    known: true,
  },
  {
    lie: 'dates the oldest after the one before',
    tell: () => liar.says(r1().id, { deployedAt: '2026-01-02T03:25:00Z' }),
    type: back,
    asked: 2,
    ends: 'done',
  },
  {
    lie: 'dates the one before after the current one',
    tell: () => liar.says(r2().id, { deployedAt: '2027-01-01T00:00:00Z' }),
    type: back,
    asked: 2,
    ends: 'done',
  },
  {
    lie: 'dates the one before with what is no time',
    tell: () => liar.says(r2().id, { deployedAt: 'soon' }),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'says that the one before was bad',
    tell: () => liar.judges(r2().id, 'bad'),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'says so to a bastion that has deployed it',
    tell: () => liar.judges(r2().id, 'bad'),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
    known: true,
  },
  {
    lie: 'says that the one before was never healthy',
    tell: () => liar.judges(r2().id, 'staged'),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'says that it came from the oldest',
    tell: () => liar.state(`from=${r1().id}`),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /on web03; .* on web01, web02/,
  },
  {
    lie: 'says that people rolled back to the current one',
    tell: () => liar.state('kind=rollback', `ran=${r1().id}`),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /on web03; .* on web01, web02/,
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
    tell: () => liar.says(r2().id, { digest: `sha256:${'e'.repeat(64)}` }),
    type: back,
    asked: 2,
    ends: 'refused',
    says: /web03/,
  },
  {
    lie: 'has one more release between the two',
    tell: () => liar.invents('zz-evil', r1().id, { deployedAt: '2026-01-02T03:25:00Z' }),
    type: back,
    asked: 2,
    ends: 'done',
  },
  {
    lie: 'is on the one before already',
    tell: () => liar.links(r2().id),
    type: back,
    asked: 2,
    ends: 'done',
  },
  {
    lie: 'has no record of the current one',
    tell: () => liar.forgets(r3().id),
    type: back,
    asked: 2,
    ends: 'done',
  },
];

describe('a rollback to the release before goes there or is refused, where one host', () => {
  test.each(TO_THE_ONE_BEFORE.map((lie) => [lie.lie, lie] as const))('%s', (_, lie) =>
    judgeLie(fleet, lie),
  );
});
