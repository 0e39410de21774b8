import { expect, test } from 'vitest';
import type { HostReading } from '../../../src/engine/reading/host-reading.js';
import { markTwins } from '../../../src/engine/reading/twins.js';
import type { HostClient } from '../../../src/host/client.js';
import { createHostClients } from '../../../src/host/clients.js';
import type { HostFacts, Step } from '../../../src/host/protocol/protocol.js';
import { asHostName } from '../../../src/model/names.js';
import { factsOf } from '../../fixtures/facts.js';
import { hostFixture } from '../../fixtures/host.js';
import { appOf } from '../../fixtures/plan.js';
import { READING } from '../../fixtures/reading.js';

const read = (name: string, change: Partial<HostFacts> = {}): HostReading => ({
  kind: 'read',
  reading: READING,
  host: hostFixture(name),
  facts: factsOf({ machineId: 'clone', session: `${name.slice(1)}:1`, ...change }),
});

/** Asks hosts that each have these processes. Returns the marked hosts, each with its twin. */
async function twins(surveys: readonly HostReading[], living: Record<string, readonly string[]>) {
  const asked: string[] = [];
  const clientOf = (name: string): HostClient => ({
    run: async ([step]: readonly Step[]) => {
      asked.push(name);
      const sessions =
        step?.args.flatMap(([key, value]) => (key === 'beside' ? [value] : [])) ?? [];
      const here = sessions.filter((session) => living[name]?.includes(session));
      const events = here.map((session) => ({ event: 'beside', session }) as const);
      return { kind: 'ok', events, replies: [] };
    },
  });
  const marked = await markTwins(surveys, {
    app: appOf(),
    clients: createHostClients(surveys.map(({ host }) => [host.name, clientOf(host.name)])),
    limit: (task) => task(),
    signal: new AbortController().signal,
  });
  const found = marked.flatMap((each) =>
    each.kind === 'read' && each.twin !== undefined ? [`${each.host.name}=${each.twin}`] : [],
  );
  return { asked, found };
}

test('clones, of which none has the connection of another, count as separate hosts', async () => {
  const { asked, found } = await twins([read('h1'), read('h2'), read('h3')], {});
  expect(asked).toEqual(['h2', 'h3']);
  expect(found).toEqual([]);
});

test('two names for one root are found among clones', async () => {
  const { found } = await twins([read('h1'), read('h2'), read('h3')], { h3: ['2:1'] });
  expect(found).toEqual(['h3=h2']);
});

test.each([
  ['machine-id', { machineId: 'other' }],
  ['boot', { bootId: 'other' }],
  ['root', { rootPath: '/opt/other' }],
])('a host of another %s is not asked', async (_, change) => {
  expect((await twins([read('h1'), read('h2', change)], {})).asked).toEqual([]);
});

test('a host that cannot answer is left to its claim', async () => {
  const silent = [read('h1', { session: '' }), read('h2')];
  expect((await twins(silent, { h2: [''] })).found).toEqual([]);
});

test('a host that failed is skipped', async () => {
  const failure = { code: 'unreachable', message: 'no route' } as const;
  const lost: HostReading = { kind: 'failed', host: hostFixture(asHostName('h2')), failure };
  expect((await twins([read('h1'), lost], {})).asked).toEqual([]);
});
