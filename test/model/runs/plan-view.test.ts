import { expect, test } from 'vitest';
import { asHostName } from '../../../src/model/names.js';
import { planView, planViewSchema } from '../../../src/model/runs/plan-view.js';
import { hostFixture as hostOf } from '../../fixtures/host.js';
import { planOf } from '../../fixtures/plan.js';

const HOSTS = 100_000;

test('the view of a plan of 100,000 hosts takes at most 140 bytes of JSON a host', () => {
  const plan = planOf({ waves: [1] });
  const [first] = plan.hosts;
  if (first === undefined) throw new Error('the plan has a host');
  const hosts = Array.from({ length: HOSTS }, (_, index) => ({
    ...first,
    host: { ...first.host, name: asHostName(`web${index}.eu.example.com`) },
  }));
  const bytes = JSON.stringify(planView({ ...plan, hosts })).length;
  expect(bytes / HOSTS).toBeLessThan(140);
});

test('the view of a plan has no address, user, ssh setting or variable, and is what its schema says', () => {
  const plan = planOf({ waves: [1, 2], skipped: 1 });
  const secretive = {
    ...hostOf('h1'),
    address: 'secret.address',
    vars: { token: 'hunter2' },
    ssh: { ...hostOf('h1').ssh, user: 'secret-user', passphrase: 'env:HUNTER2' },
  };
  const hosts = plan.hosts.map((each) => ({
    ...each,
    host: { ...secretive, name: each.host.name },
  }));
  const view = planView({ ...plan, hosts });
  expect(planViewSchema().parse(view)).toEqual(view);
  expect(JSON.stringify(view)).not.toMatch(/secret|hunter2|ssh|vars|address/i);
});
