import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { renewStep } from '../../src/host/steps/steps.js';
import { activationSteps, claim, deploy, ownership, revert } from './support/deploy.js';
import { createFakeHost, type FakeHost, SHELLS } from './support/fake-host.js';
import { fakeRelease } from './support/fake-release.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const by = ownership(2);

let host: FakeHost;
afterEach(() => host.stop());

test.each(
  SHELLS.flatMap((shell) =>
    ['from=', 'from=2026', 'to=2026', 'txn=run', 'epoch='].map((torn) => ({ shell, torn })),
  ),
)(
  '$shell: a state torn within "$torn" says what it said before, also with more behind it',
  async ({ shell, torn }) => {
    host = createFakeHost(shell);
    host.unit('shop.service', { cwd: join(host.root, 'current') });
    await deploy(host, ownership(1), { from: null, to: one });
    for (const steps of [[claim(by, one.id)], activationSteps(by, one.id, two.id)]) {
      if (steps.length > 1) await host.run([two.stage(by)], two.payload);
      expect(await host.run(steps)).toMatchObject({ kind: 'ok' });
    }
    appendFileSync(join(host.root, '.fleet/state'), `\n${torn}`);

    expect(await host.run([renewStep(by, 60_000)])).toMatchObject({ kind: 'ok' });
    expect(await host.run([revert(by)])).toMatchObject({ kind: 'ok' });
    expect(host.current()).toBe(`releases/${one.id}`);
    expect(host.cwd('shop.service')).toBe(join(host.root, 'releases', one.id));
  },
);
