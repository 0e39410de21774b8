import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countAt } from '../../bench/proxy/round-trips.js';
import { type DelayProxy, startProxy } from '../../bench/proxy/start-proxy.js';
import type { FleetEvent } from '../../src/events/event.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { shop } from './support/shop-app.js';

/** Long against what a host takes to answer, so that times tell round trips apart; milliseconds. */
const RTT = 100;
const PORT = 2222;

describe('a host behind a line with a round-trip time', () => {
  let fleet: RealFleet;
  let proxy: DelayProxy;
  const bastion = new Bastion({ config: { policy: { ...QUICK, waves: ['rest'] } } });

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 1, sudo: { systemdRun: true } });
    const { address } = fleet.host('h01');
    const from = { address: '127.88.0.1', port: PORT };
    proxy = await startProxy([{ from, to: { address, port: 22 } }], RTT);
    const known = join(fleet.dir, 'known_hosts.proxied');
    const [, key] = /^\S+ (.*)$/m.exec(readFileSync(fleet.knownHostsFile, 'utf8')) ?? [];
    writeFileSync(known, `[${from.address}]:${PORT} ${key}\n`);
    bastion.write(
      'inventories/lab.yaml',
      JSON.stringify({
        ssh: { user: 'deploy', identity_file: fleet.identityFile, known_hosts: known },
        groups: { web: { hosts: [{ name: 'h01', ...from }] } },
      }),
    );
  });
  afterAll(async () => {
    bastion.close();
    await proxy?.close();
    await fleet?.shutdown();
  });

  test('is rolled back within thirteen round trips, from connect to the end of the activation', async () => {
    for (const release of ['one', 'two']) {
      bastion.release(shop(release));
      const from = ['--from', 'git:HEAD:app', '--release', release];
      await exits(0, bastion.fleet(['deploy', '-g', 'web', ...from, '-y']));
    }
    await proxy.counts();
    const run = await exits(0, bastion.fleet(['rollback', '-g', 'web', '-y', '--json']));
    const [count, ...others] = await proxy.counts();
    expect(others).toEqual([]);
    const switched = stepEnd(run.json().run, 'arm+activate+verify');
    const trips = count?.roundTrips ?? [];
    expect(countAt(trips, switched)).toBeGreaterThan(1);
    expect(countAt(trips, switched)).toBeLessThanOrEqual(13);
  });

  /** When this controller had the reply to a step, by the run's journal. */
  function stepEnd(run: string, verbs: string): number {
    const events = eventsOf(run);
    const end = events.find(
      (event) => event.type === 'step-ended' && event.verbs.join('+') === verbs,
    );
    return Date.parse(end?.at ?? '');
  }

  function eventsOf(run: string): readonly FleetEvent[] {
    const file = join(bastion.stateDir, 'runs', run, 'events.ndjson');
    return readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  }
});
