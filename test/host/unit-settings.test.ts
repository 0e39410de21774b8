import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readFacts } from '../../src/host/reply/facts.js';
import { factsStep } from '../../src/host/steps/steps.js';
import { createFakeHost, type FakeHost } from './support/fake-host.js';

let host: FakeHost;
beforeEach(() => {
  host = createFakeHost();
});
afterEach(() => host.stop());

test('facts tell how systemd treats a unit, in the one call of systemctl that there was', async () => {
  host.unit('shop.service', {
    cwd: join(host.root, 'current'),
    props: [
      'CanReload=no',
      'NeedDaemonReload=yes',
      'KillMode=process',
      'TimeoutStopUSec=1min 30s',
      'TimeoutStartUSec=infinity',
      'ActiveExitTimestampMonotonic=1000000',
      'InactiveEnterTimestampMonotonic=4500000',
      'InactiveExitTimestampMonotonic=4600000',
      'ActiveEnterTimestampMonotonic=0',
      '',
    ].join('\n'),
  });
  const service = { units: ['shop.service'], action: 'restart', scope: 'system' } as const;
  const facts = readFacts((await host.run([factsStep(service, [], { releases: false })])).events);
  expect(facts?.units).toMatchObject([
    {
      canReload: false,
      changed: true,
      killMode: 'process',
      stopWithin: '1min 30s',
      startWithin: 'infinity',
      stopTookMs: 3500,
    },
  ]);
  expect(facts?.units[0]?.startTookMs).toBeUndefined();
  expect(facts?.units[0]?.parts).toBeUndefined();
});
