import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHttpsServer, type HttpsServer, serving } from '../host/support/https-server.js';
import { hostDevice } from '../real/support/network.js';
import { bootRealFleet, type RealFleet } from '../real/support/real-fleet.js';
import type { RealHost } from '../real/support/real-host.js';
import { Bastion, type Running } from './support/bastion.js';
import { exits } from './support/exit.js';
import { QUICK } from './support/policy.js';
import { lookAtAll, wipe } from './support/real-shop.js';
import { shop } from './support/shop-app.js';

const DEPLOY = ['deploy', '-g', 'web', '--from', 'app', '--yes'];
const MIB = 1024 ** 2;
/** Noise, so that as much travels. */
const SIZE = 50 * MIB;

/** 50 MiB to each host, over a line of 20 MB/s. */
describe('an upload that is interrupted', () => {
  let fleet: RealFleet;
  let bastion: Bastion;

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 2 });
    for (const host of fleet.hosts) slowDown(host);
  });
  beforeEach(() => {
    bastion = new Bastion({ config: { policy: { ...QUICK, lease: '5s' } } }).use(fleet, {
      connect_timeout: '2s',
      keepalive: '1s',
    });
    bastion.release(shop('new'));
    bastion.write('app/noise', randomBytes(SIZE));
  });
  afterEach(async () => {
    bastion.close();
    await wipe(fleet.hosts);
  });
  afterAll(() => fleet?.shutdown());

  const device = (host: RealHost): string => hostDevice(`flab${fleet.slot}`, host.name);

  function slowDown(host: RealHost): void {
    const rate = ['tbf', 'rate', '160mbit', 'burst', '256kb', 'latency', '50ms'];
    execFileSync('tc', ['qdisc', 'add', 'dev', device(host), 'root', ...rate]);
  }

  /** What has been sent to a host by now, in bytes, with all headers. */
  const sentTo = (host: RealHost): number =>
    Number(readFileSync(`/sys/class/net/${device(host)}/statistics/tx_bytes`, 'utf8'));

  /** What a host has of archives that it is still receiving. */
  function receivedBy(host: RealHost): number {
    const folder = join(host.rootfs, 'opt/shop/.fleet');
    try {
      const spools = readdirSync(folder).filter((name) => name.startsWith('spool-'));
      return Math.max(0, ...spools.map((name) => statSync(join(folder, name)).size));
    } catch {
      return 0;
    }
  }

  /** Resolves when all hosts have half of it. */
  async function half(): Promise<void> {
    await expect
      .poll(() => Math.min(...fleet.hosts.map(receivedBy)), { timeout: 30_000, interval: 20 })
      .toBeGreaterThan(SIZE * 0.5);
  }

  /** All hosts run the release, and at most a tenth of the archive was sent twice to any of them. */
  async function expectSentOnce(before: readonly number[]): Promise<void> {
    const sights = await lookAtAll(fleet.hosts);
    expect(sights.map(({ active }) => active)).toEqual(['active', 'active']);
    const cost = fleet.hosts.map((host, index) => sentTo(host) - (before[index] ?? 0));
    const twice = cost.map((bytes) => ((bytes - SIZE) / SIZE).toFixed(3));
    console.log(`sent beyond one archive: ${twice.join(', ')}`);
    for (const bytes of cost) expect(bytes).toBeLessThan(SIZE * 1.1);
    for (const host of fleet.hosts) expect(receivedBy(host)).toBe(0);
  }

  async function killInTheMiddle(): Promise<Running> {
    const run = bastion.start(DEPLOY);
    await half();
    run.child.kill('SIGKILL');
    await run.ended;
    return run;
  }

  test('by kill -9 of the controller: the next deploy sends the rest', async () => {
    const before = fleet.hosts.map(sentTo);
    await killInTheMiddle();
    await exits(0, bastion.fleet([...DEPLOY]));
    await expectSentOnce(before);
  });

  test('by kill -9 of the controller: resume sends the rest', async () => {
    const before = fleet.hosts.map(sentTo);
    await killInTheMiddle();
    const [run = ''] = readdirSync(join(bastion.stateDir, 'runs'));
    await exits(0, bastion.fleet(['resume', run, '--yes']));
    await expectSentOnce(before);
  });

  test.each(['deploy', 'resume'] as const)(
    'by kill -9 of the controller, of a delta: the next %s sends the rest of the same delta',
    async (next) => {
      rmSync(join(bastion.dir, 'app/noise'));
      bastion.write('app/kept', randomBytes(SIZE * 0.4));
      await exits(0, bastion.fleet(DEPLOY));
      bastion.write('app/noise', randomBytes(SIZE));
      const before = fleet.hosts.map(sentTo);
      await killInTheMiddle();
      const killed = readdirSync(join(bastion.stateDir, 'runs')).toSorted().at(-1) ?? '';
      const args = next === 'deploy' ? [...DEPLOY] : ['resume', killed, '--yes'];
      const { stdout, stderr } = await exits(0, bastion.fleet(args));
      expect(stdout + stderr).toContain('built on');
      await expectSentOnce(before);
    },
  );

  test('by a line that is cut: the same run goes on once it is back', async () => {
    const before = fleet.hosts.map(sentTo);
    const run = bastion.start([...DEPLOY, '--output', 'ndjson']);
    await half();
    await fleet.host('h01').linkDown();
    await run.says(/"step-ended","host":"h01".*connection_lost/);
    await fleet.host('h01').linkUp();
    await exits(0, run.ended);
    await expectSentOnce(before);
  });
});

/** h01 has curl, h02 wget alone. Both trust the CA of the test's own server. */
describe('a release that hosts fetch themselves', () => {
  const SECRET = 's3cr3t-signature';
  const CA = '/etc/fleet-test-ca.pem';
  let fleet: RealFleet;
  let server: HttpsServer;
  let bastion: Bastion;

  beforeAll(async () => {
    fleet = await bootRealFleet({ count: 2, base: { packages: ['curl', 'wget'] } });
    server = await createHttpsServer(`10.88.${fleet.slot}.1`);
    const ca = readFileSync(server.caFile, 'utf8');
    await Promise.all(fleet.hosts.map((host) => host.run(`echo '${ca}' >${CA}`)));
    await fleet.host('h02').run('chmod 700 /usr/bin/curl');
  }, 600_000);
  beforeEach(() => {
    bastion = new Bastion().use(fleet);
    bastion.release(shop('new'));
    bastion.write('app/noise', randomBytes(MIB));
    server.asked.length = 0;
  });
  afterEach(async () => {
    bastion.close();
    await wipe(fleet.hosts);
  });
  afterAll(async () => {
    await server?.close();
    await fleet?.shutdown();
  });

  const configure = (release: Readonly<Record<string, unknown>>) =>
    bastion.configure({ policy: QUICK, release });
  const deploy = (env: Readonly<Record<string, string>> = {}) =>
    bastion.fleet(['deploy', '-g', 'web', '--yes'], {
      NODE_EXTRA_CA_CERTS: server.caFile,
      ...env,
    });

  async function expectRuns(): Promise<void> {
    const sights = await lookAtAll(fleet.hosts);
    expect(sights.map(({ active }) => active)).toEqual(['active', 'active']);
    for (const host of fleet.hosts) {
      const { stdout } = await host.run('cat /opt/shop/.fleet/log; journalctl --no-pager');
      expect(stdout).not.toContain(SECRET);
      const noise = join(host.rootfs, 'opt/shop', sights[0]?.link ?? '', 'noise');
      expect(readFileSync(noise)).toEqual(readFileSync(join(bastion.dir, 'app/noise')));
    }
  }

  test('from where its publisher keeps it, as it is', async () => {
    const archive = join(bastion.dir, 'shop.tar.gz');
    execFileSync('tar', ['-czf', archive, '-C', join(bastion.dir, 'app'), '.']);
    const content = readFileSync(archive);
    const sha256 = createHash('sha256').update(content).digest('hex');
    server.answer = serving(content);
    configure({
      from: { url: `${server.url}/shop.tar.gz`, sha256 },
      pull: { ca_file: CA, on_failure: 'fail' },
    });
    const ended = await exits(0, deploy());
    expect(ended.stderr).toContain('fetched by the hosts from the URL of release.from');
    expect(server.asked).toEqual(Array(3).fill('GET /shop.tar.gz whole'));
    await expectRuns();
  });

  test('from where the bastion has put it', async () => {
    let stored = Buffer.alloc(0);
    server.answer = (request, response) => {
      if (request.method !== 'PUT') return serving(stored)(request, response);
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        stored = Buffer.concat(parts);
        response.writeHead(200).end();
      });
    };
    configure({
      from: 'app',
      pull: { url: 'env:GET_URL', put: 'env:PUT_URL', ca_file: CA, on_failure: 'fail' },
    });
    const ended = await exits(
      0,
      deploy({
        GET_URL: `${server.url}/bucket/{sha256}?get=${SECRET}`,
        PUT_URL: `${server.url}/bucket/{sha256}?put=${SECRET}`,
      }),
    );
    expect(ended.stdout + ended.stderr).not.toContain(SECRET);
    const methods = server.asked.map((line) => line.split(' ')[0]);
    expect(methods).toEqual(['PUT', 'GET', 'GET']);
    await expectRuns();
    const found = spawnSync('grep', ['-rlF', SECRET, bastion.stateDir], { encoding: 'utf8' });
    expect(found.stdout).toBe('');
  });
});
