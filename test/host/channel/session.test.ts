import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTimeOf } from '../../../src/files/process-identity.js';
import { runCommand } from '../../../src/host/command.js';
import { loadHostProgram } from '../../../src/host/program.js';
import { readProbe } from '../../../src/host/reply/facts.js';
import { confirmStep, probeStep, unclaimStep } from '../../../src/host/steps/steps.js';
import type { Probe } from '../../../src/model/runs/app.js';
import { activationSteps, claim, deploy, ownership, WATCH } from '../support/deploy.js';
import {
  createFakeHost,
  type FakeHost,
  SERVICE,
  SHELLS,
  type Shell,
} from '../support/fake-host.js';
import { fakeRelease, NOW } from '../support/fake-release.js';

let host: FakeHost;
afterEach(() => host.stop());

const one = fakeRelease(1);
const two = fakeRelease(2);

async function start(shell: Shell = 'dash'): Promise<void> {
  host = createFakeHost(shell);
  host.unit('shop.service', { cwd: join(host.root, 'current') });
  await deploy(host, ownership(1), { from: null, to: one });
}

/** `current` is switched by tools, which are the same under every shell: the many tries are made under one. */
const SWITCHES: Readonly<Record<(typeof SHELLS)[number], number>> = {
  dash: 40,
  bash: 8,
  busybox: 8,
};

describe.each(SHELLS)('under %s', (shell) => {
  const many = SWITCHES[shell];

  test('a session that is gone neither stops a step nor gets into its state', async () => {
    await start(shell);
    const by = ownership(2);
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    const steps = [...activationSteps(by, one.id, two.id), confirmStep(by, NOW), unclaimStep(by)];
    const command = runCommand(loadHostProgram(), host.root, steps);
    const child = spawn('/bin/sh', ['-c', command], { env: host.env, stdio: 'pipe' });
    child.stdout.on('data', (text) => {
      if (!String(text).includes('"linked"')) return;
      for (const stream of [child.stdout, child.stderr, child.stdin]) stream.destroy();
      child.kill('SIGHUP');
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(host.current()).toBe(`releases/${two.id}`);
    expect(host.state()).toMatchObject({ phase: 'idle', run: '', to: two.id });
    const state = readFileSync(join(host.root, '.fleet/state'), 'utf8');
    expect(state).not.toContain('{"');
  });

  test(`current is never absent through ${many} switches, nor anything but a rename`, async () => {
    await start(shell);
    const link = join(host.root, 'current');
    let looks = 0;
    let absent = 0;
    let over = false;
    const poll = (): void => {
      for (let look = 0; look < 200; look++, looks++) if (!isLink(link)) absent++;
      if (!over) setImmediate(poll);
    };
    poll();
    let [from, to] = [one, two];
    for (let switches = 0; switches < many; switches++, [from, to] = [to, from]) {
      const by = ownership(switches + 2);
      await host.run([claim(by, from.id), to.stage(by)], to.payload);
      const steps = [...activationSteps(by, from.id, to.id), confirmStep(by, NOW), unclaimStep(by)];
      expect(await host.run(steps)).toMatchObject({ kind: 'ok' });
    }
    over = true;
    expect(absent).toBe(0);
    expect(looks).toBeGreaterThan(1_000);
    expect(readdirSync(host.root).sort()).toEqual(['.fleet', 'current', 'releases', 'shared']);
  }, 60_000);
});

function isLink(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('releases/');
  } catch {
    return false;
  }
}

test.each(['000', '077'])('what a step makes has the same modes under umask %s', async (umask) => {
  await start();
  const by = ownership(2);
  const steps = [claim(by, one.id), two.stage(by)];
  const command = runCommand(loadHostProgram(), host.root, steps);
  const options = { env: host.env, input: two.payload };
  const { status } = spawnSync('/bin/sh', ['-c', `umask ${umask}; ${command}`], options);
  expect(status).toBe(0);
  const modeOf = (path: string) => statSync(join(host.root, path)).mode & 0o777;
  expect(modeOf(`releases/${two.id}/app`)).toBe(0o755);
  expect(modeOf(`releases/${two.id}/version.json`)).toBe(0o644);
  expect(modeOf('.fleet/state')).toBe(0o644);
});

test('a reply stays one line, whatever is told in it', async () => {
  await start();
  const command = `printf 'a\\ttab and \\033[31mred' >&2; exit 1`;
  const outcome = await host.run([probeStep(SERVICE, [{ kind: 'command', command }])]);
  expect(outcome).toMatchObject({ kind: 'ok' });
  expect(readProbe(outcome.events)?.reason).toMatch(/: a tab and \[31mred$/);
});

describe('what lives on after a step', () => {
  beforeEach(() => start());

  test('a service does not hold the lock, nor anything else of the step', () => {
    const pid = readFileSync(join(host.dir, 'units/shop.service/pid'), 'utf8').trim();
    const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    expect(open.filter((target) => target.includes('.fleet'))).toEqual([]);
    execFileSync('flock', ['-n', join(host.root, '.fleet/lock'), 'true']);
  });

  test('a probe that leaves a process behind does not hold the step up', async () => {
    const command = 'sleep 60 & echo $! >left; exit 3';
    const began = performance.now();
    const outcome = await host.run([probeStep(SERVICE, [{ kind: 'command', command }])]);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(readProbe(outcome.events)).toMatchObject({ healthy: false });
    process.kill(Number(readFileSync(join(host.root, 'current/left'), 'utf8')));
  });
});

describe('probes', () => {
  beforeEach(() => start());

  async function look(probe: Probe): Promise<unknown> {
    return readProbe((await host.run([probeStep(SERVICE, [probe])])).events);
  }

  test.each(['curl', 'bash'])('http by %s sees status and body', async (tool) => {
    if (tool === 'bash') hideCurl();
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/healthz?x=1' ? 200 : 503).end('all is "ok"\n');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const good = { kind: 'http', url: `${base}/healthz?x=1`, status: 200 } as const;
    expect(await look({ ...good, body: 'is "ok"' })).toEqual({ healthy: true, reason: 'healthy' });
    expect(await look({ ...good, body: 'HTTP' })).toMatchObject({ healthy: false });
    expect(await look({ ...good, url: `${base}/`, body: null })).toMatchObject({
      reason: expect.stringContaining('status 503, expected 200'),
    });
    server.close();
    server.closeAllConnections();
    expect(await look({ ...good, body: null })).toMatchObject({
      reason: expect.stringMatching(/connect/i),
    });
  });

  test('tcp sees whether something listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await look({ kind: 'tcp', host: '127.0.0.1', port })).toMatchObject({ healthy: true });
    server.close();
    await once(server, 'close');
    expect(await look({ kind: 'tcp', host: '127.0.0.1', port })).toMatchObject({ healthy: false });
  });

  test('a command runs in the release, and its last words are the reason', async () => {
    const passes = `[ "$PWD" = "$FLEET_ROOT/releases/$FLEET_RELEASE" ] && test -e app`;
    expect(await look({ kind: 'command', command: passes })).toMatchObject({ healthy: true });
    const fails = `echo first >&2; echo 'a "quoted" \\ word' >&2; exit 7`;
    expect(await look({ kind: 'command', command: fails })).toMatchObject({
      reason: expect.stringMatching(/exit 7: a "quoted" \\ word$/),
    });
  });

  test('a process that was restarted since, or runs another release, is no longer well', async () => {
    host.unit('shop.service', { restart: 'always' });
    const pid = Number(readFileSync(join(host.dir, 'units/shop.service/pid'), 'utf8'));
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => startTimeOf(pid)).toBe(null);
    expect(await look({ kind: 'unit' })).toMatchObject({
      healthy: false,
      reason: 'shop.service was restarted by systemd',
    });
  });

  test('a restart that leaves the old release running is seen', async () => {
    host.unit('shop.service', { cwd: join(host.root, 'releases', one.id) });
    const by = ownership(2);
    await host.run([claim(by, one.id), two.stage(by)], two.payload);
    const watch = { ...WATCH, healthyDeadlineMs: 500 };
    expect(await host.run(activationSteps(by, one.id, two.id, watch))).toMatchObject({
      failure: { message: expect.stringContaining(`shop.service still runs release ${one.id}`) },
    });
  });

  /** A PATH with everything but curl. */
  function hideCurl(): void {
    const all = join(host.dir, 'all');
    execFileSync('mkdir', [all]);
    execFileSync('sh', ['-c', `ln -s /usr/bin/* /bin/* ${all} 2>/dev/null; rm -f ${all}/curl`]);
    expect(existsSync(join(all, 'curl'))).toBe(false);
    host.env.PATH = `${host.dir}/bin:${all}`;
  }
});
