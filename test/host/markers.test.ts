import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFacts } from '../../src/host/reply/facts.js';
import { factsStep } from '../../src/host/steps/steps.js';
import { deploy, ownership } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';

let host: FakeHost;
beforeEach(() => {
  host = createFakeHost();
  host.unit('shop.service', { cwd: join(host.root, 'current') });
});
afterEach(() => host.stop());

const one = fakeRelease(1);

describe('many and malformed markers', () => {
  test('a marker that cannot be read hides no other', async () => {
    await deploy(host, ownership(1), { from: null, to: one });
    const markers = join(host.root, '.fleet/releases');
    writeFileSync(join(markers, 'torn'), 'heal');
    writeFileSync(join(markers, 'odd'), 'healthy 2026-01-01T00:00:00Z run1\n{"not":"a release"}\n');
    const facts = await host.run([factsStep(SERVICE, [], { releases: true })]);
    expect(readFacts(facts.events)?.releases.map(({ id }) => id)).toEqual([one.id]);
    expect(facts.events.filter((event) => event.event === 'note')).toHaveLength(2);
  });

  test('2,000 releases are listed', async () => {
    await deploy(host, ownership(1), { from: null, to: one });
    const markers = join(host.root, '.fleet/releases');
    const meta = JSON.stringify(one.meta);
    for (let index = 0; index < 2_000; index++) {
      const id = `old-${index}`;
      mkdirSync(join(host.root, 'releases', id));
      const text = `healthy ${NOW} run0\n${meta.replaceAll(one.id, id)}\n`;
      writeFileSync(join(markers, id), text);
    }
    const facts = await host.run([factsStep(SERVICE, [], { releases: true })]);
    expect(readFacts(facts.events)?.releases).toHaveLength(2_001);
  });
});
