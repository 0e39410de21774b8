import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findConfig, loadConfigs, resolveApp } from '../../../src/config/fleet/file.js';
import { LEAST, parse, withLeast } from '../support/least-config.js';
import { mistakesOf, refusalOf } from '../support/shown.js';

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'fleet-config-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  return dir;
}

describe('the least fleet.yaml', () => {
  test('gets the defaults of the design', () => {
    expect(parse(LEAST).app).toEqual({
      name: 'shop',
      root: '/opt/shop',
      build: null,
      service: { units: ['shop.service'], action: 'restart', scope: 'system' },
      release: { from: null, keep: 5, links: 'inside', pull: null },
      shared: [],
      probes: [{ kind: 'unit' }],
      policy: {
        waves: {
          kind: 'sizes',
          sizes: [
            { kind: 'count', count: 1 },
            { kind: 'percent', percent: 10 },
            { kind: 'percent', percent: 50 },
            { kind: 'rest' },
          ],
        },
        maxUnavailable: { kind: 'percent', percent: 25 },
        tolerate: { wave: { kind: 'count', count: 0 }, run: { kind: 'count', count: 0 } },
        tolerateUnreachable: { kind: 'count', count: 0 },
        minHealthyMs: 5000,
        healthyDeadlineMs: 60_000,
        bakeMs: 0,
        confirmDeadlineMs: 120_000,
        deadMan: 'auto',
        leaseMs: 60_000,
        onFailure: 'rollback-run',
        onInconclusive: { pauseMs: 1_800_000, otherwise: 'hold' },
      },
      hooks: [],
      history: null,
    });
  });

  test('may say everything that the design has', () => {
    const { app } = withLeast(`
release: { from: ./dist, keep: 3 }
shared: [log/, .env]
probes:
  - unit
  - http: { url: "http://127.0.0.1:8080/healthz", status: 204, body: "ok" }
  - tcp: 8080
  - tcp: "[::1]:81"
  - command: bin/smoke
policy:
  waves: { canary: 2, per: zone }
  max_unavailable: 3
  tolerate: { wave: 1, run: 10% }
  tolerate_unreachable: 5%
  min_healthy_time: 500ms
  healthy_deadline: 2m
  bake: 1h
  confirm_deadline: 5m
  lease: 90s
  on_failure: hold
  on_inconclusive: { pause: 1m, then: rollback-run }
  dead_man: required
hooks: { before_stage: [], before_activate: [], after_activate: [], after_run: [], on_failure: [] }
notify: []
history: sqlite:state/history.db
environments: { prod: { policy: { bake: 10m } } }
`);
    expect(app.release).toEqual({
      from: { kind: 'folder', path: '/srv/dist' },
      keep: 3,
      links: 'inside',
      pull: null,
    });
    expect(app.shared).toEqual([
      { path: 'log', kind: 'folder' },
      { path: '.env', kind: 'file' },
    ]);
    expect(app.probes).toEqual([
      { kind: 'unit' },
      { kind: 'http', url: 'http://127.0.0.1:8080/healthz', status: 204, body: 'ok' },
      { kind: 'tcp', host: '127.0.0.1', port: 8080 },
      { kind: 'tcp', host: '::1', port: 81 },
      { kind: 'command', command: 'bin/smoke' },
    ]);
    expect(app.policy.waves).toEqual({ kind: 'spread', canary: 2, per: 'zone' });
    expect(app.policy.onInconclusive).toEqual({ pauseMs: 60_000, otherwise: 'rollback-run' });
    expect(app.policy).toMatchObject({ deadMan: 'required', leaseMs: 90_000 });
    expect(app.history).toEqual({ kind: 'sqlite', path: '/srv/state/history.db' });
  });
});

describe('environments', () => {
  const text = `
release: { from: { url: https://x/y.tgz, sha256: ${'a'.repeat(64)} } }
policy: { bake: 1m, tolerate: { wave: 1 } }
environments:
  prod: { policy: { bake: 10m, tolerate: { run: 2 } }, service: { action: reload } }
  eu: { root: /srv/shop, release: { from: ./dist } }
  us: { policy: { bake: 5m } }
  same: { policy: { bake: 10m } }
`;

  test('are applied where their group is the target, key by key', () => {
    const app = resolveApp(withLeast(text), ['prod', 'web']);
    expect(app.policy.bakeMs).toBe(600_000);
    expect(app.policy.tolerate.wave).toEqual({ kind: 'count', count: 1 });
    expect(app.policy.tolerate.run).toEqual({ kind: 'count', count: 2 });
    expect(app.service).toEqual({ units: ['shop.service'], action: 'reload', scope: 'system' });
  });

  test('leave the app alone for other groups', () => {
    const config = withLeast(text);
    expect(resolveApp(config, ['web'])).toEqual(config.app);
  });

  test('replace a list or a source as a whole', () => {
    const app = resolveApp(withLeast(text), ['eu']);
    expect(app.release.from).toEqual({ kind: 'folder', path: '/srv/dist' });
  });

  test('go together where they agree', () => {
    const app = resolveApp(withLeast(text), ['prod', 'eu', 'same']);
    expect(app.root).toBe('/srv/shop');
    expect(app.policy.bakeMs).toBe(600_000);
  });

  test('that clash refuse the run, naming both', async () => {
    const config = withLeast(text);
    expect(await mistakesOf(() => resolveApp(config, ['prod', 'us']))).toEqual([
      '10:25 environments.us.policy.bake and environments.prod.policy.bake (/srv/fleet.yaml:8:27) differ, and both groups are the target (deploy the groups one after the other, or give both the same value)',
    ]);
  });

  test('that break a rule only together are found before the run', async () => {
    const config = withLeast(
      'environments:\n  a: { policy: { healthy_deadline: 90s } }\n  b: { policy: { confirm_deadline: 80s } }\n',
    );
    expect(await mistakesOf(() => resolveApp(config, ['a', 'b']))).toEqual([
      '6:36 confirm_deadline (80s) must be at least 5s longer than healthy_deadline (90s) (healthy_deadline is set at /srv/fleet.yaml:5:36)',
    ]);
  });
});

describe('finding fleet.yaml', () => {
  test('goes upwards from the working directory', async () => {
    const dir = await folder();
    await mkdir(join(dir, 'a/b'), { recursive: true });
    await writeFile(join(dir, 'fleet.yaml'), LEAST);
    expect(await findConfig(join(dir, 'a/b'))).toBe(join(dir, 'fleet.yaml'));
    const [config] = await loadConfigs(join(dir, 'fleet.yaml'), { home: '/home/me' });
    expect(config.dir).toBe(dir);
  });

  test('says where it looked and what to do', async () => {
    const dir = await folder();
    const refusal = await refusalOf(() => findConfig(dir));
    expect(refusal.code).toBe('config_not_found');
    expect(refusal.message).toContain(dir);
    expect(refusal.hint).toContain('fleet init');
  });

  test('takes the file that is named, and no other', async () => {
    const dir = await folder();
    await writeFile(join(dir, 'fleet.yaml'), LEAST);
    await writeFile(join(dir, 'other.yaml'), LEAST);
    expect(await findConfig(dir, 'other.yaml')).toBe(join(dir, 'other.yaml'));
    expect(await refusalOf(() => findConfig(dir, 'none.yaml'))).toMatchObject({
      code: 'config_not_found',
    });
  });

  test('shows paths from the working directory on', async () => {
    const dir = await folder();
    await writeFile(join(dir, 'fleet.yaml'), 'app: 5');
    const load = () => loadConfigs(join(dir, 'fleet.yaml'), { home: '/h', cwd: dir });
    expect((await refusalOf(load)).location?.file).toBe('fleet.yaml');
  });
});
