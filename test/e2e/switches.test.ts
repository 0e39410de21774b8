import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHostClient } from '../../src/host/client.js';
import { loadHostProgram } from '../../src/host/program.js';
import type { Step } from '../../src/host/protocol/protocol.js';
import {
  activateStep,
  armStep,
  claimStep,
  confirmStep,
  verifyStep,
} from '../../src/host/steps/steps.js';
import type { Host } from '../../src/model/hosts/host.js';
import { asHostName, asReleaseId, asRunId, type ReleaseId } from '../../src/model/names.js';
import type { Service } from '../../src/model/runs/app.js';
import { createSsh2Transport } from '../../src/transport/ssh2/transport.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import { Bastion } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { lookAt } from './support/real-shop.js';
import { shop } from './support/shop-app.js';

const SWITCHES = 300;
/** Many in one call, else sshd would take most of the time. */
const PER_CALL = 10;
/** One in so many activations also restarts the unit. */
const RESTART_EVERY = 10;

describe('300 activations on one host', () => {
  let fleet: RealFleet;
  const bastion = new Bastion({ config: { policy: { ...QUICK, waves: ['rest'] } } });

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 1 });
    bastion.use(fleet);
  });
  afterAll(async () => {
    bastion.close();
    await fleet?.shutdown();
  });

  test('never leave it without `current`, nor on an incomplete release', async () => {
    const releases = [await deploy('one'), await deploy('two')] as const;
    const host = fleet.host('h01');
    const poll = startPoll(join(host.rootfs, 'opt/shop/current'));
    await once(poll.stdout, 'data');
    const transport = createSsh2Transport({ secret: async () => '' });
    const client = createHostClient({
      connect: () => transport.connect(reach(fleet)),
      root: '/opt/shop',
      program: loadHostProgram(),
    });
    for (let first = 0; first < SWITCHES; first += PER_CALL) {
      const numbers = Array.from({ length: PER_CALL }, (_, index) => first + index);
      const steps = numbers.flatMap((number) => switchSteps(number, releases));
      const outcome = await client.run(steps, { timeoutMs: 40_000 });
      expect(outcome.kind === 'ok' ? 'ok' : outcome.failure).toBe('ok');
    }
    await transport.close();
    poll.stdin.end();
    const seen = JSON.parse(await text(poll.stdout));
    expect(seen).toMatchObject({ absent: 0, broken: 0 });
    // On a busy machine it may sleep through a few.
    expect(seen.changes).toBeGreaterThan(SWITCHES * 0.8);
    expect(seen.targets).toEqual(releases.map((id) => `releases/${id}`).toSorted());
    expect(seen.reads).toBeGreaterThan(SWITCHES * 100);
    expect(await lookAt(host)).toMatchObject({ link: `releases/${releases[1]}`, active: 'active' });
  });

  async function deploy(page: string): Promise<ReleaseId> {
    bastion.release(shop(page));
    const run = await exits(
      0,
      bastion.fleet(['deploy', '-g', 'web', '--from', 'git:HEAD:app', '-y', '--json']),
    );
    return asReleaseId(run.json().release);
  }
});

/** What the engine sends for one host, in its own transaction: an update or a rollback. */
function switchSteps(number: number, [one, two]: readonly [ReleaseId, ReleaseId]): readonly Step[] {
  const [from, to] = number % 2 === 0 ? [two, one] : [one, two];
  const by = { epoch: 100 + number, run: asRunId('poll'), txn: `poll-${number}` };
  const action = number % RESTART_EVERY === RESTART_EVERY - 1 ? 'restart' : 'none';
  const service: Service = { units: ['shop.service'], scope: 'system', action };
  const watch = { service, probes: [], minHealthyMs: 0, healthyDeadlineMs: 5_000 };
  const at = new Date().toISOString();
  const version = JSON.stringify({ schema: 1, activated_at: at });
  return [
    claimStep(by, { owner: 'e2e@bastion', leaseMs: 60_000, expect: from }),
    armStep(by, { from, to, version, deadMan: 'process', withinMs: 60_000 }, watch),
    activateStep(by, service),
    verifyStep(by, watch),
    confirmStep(by, at),
  ];
}

function reach(fleet: RealFleet): Host {
  const [{ name, address } = { name: '', address: '' }] = fleet.hosts;
  return {
    name: asHostName(name),
    address,
    ssh: {
      user: 'deploy',
      port: 22,
      identityFiles: [fleet.identityFile],
      agent: null,
      identitiesOnly: false,
      passphrase: null,
      knownHosts: [fleet.knownHostsFile],
      hostKeys: 'strict',
      hostKeyAlias: null,
      jump: null,
      transport: 'ssh2',
      connectTimeoutMs: 10_000,
      keepaliveMs: 15_000,
    },
    labels: {},
    vars: {},
    groups: ['web'],
  };
}

function startPoll(link: string) {
  const program = fileURLToPath(new URL('link-poll.mjs', import.meta.url));
  return spawn(process.execPath, [program, link], { stdio: ['pipe', 'pipe', 'inherit'] });
}
