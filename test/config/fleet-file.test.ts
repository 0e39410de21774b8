import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findConfig, loadConfig, parseConfig, resolveApp } from '../../src/config/fleet-file.js';
import { mistakesOf, refusalOf } from './shown.js';

const LEAST = 'app: shop\nroot: /opt/shop\nservice: { unit: shop.service }\n';
const parse = (text: string) => parseConfig({ file: '/srv/fleet.yaml', text, home: '/home/me' });
const withLeast = (text: string) => parse(LEAST + text);
/** Mistakes in what stands below the least config, which is three lines long. */
const mistakes = (text: string) => mistakesOf(() => withLeast(text));

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
      service: { units: ['shop.service'], action: 'restart', scope: 'system' },
      release: { from: null, keep: 5 },
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
        onFailure: 'rollback-run',
        onInconclusive: { pauseMs: 1_800_000, otherwise: 'hold' },
      },
      historyPath: null,
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
  on_failure: hold
  on_inconclusive: { pause: 1m, then: rollback-run }
  dead_man: auto
hooks: { before_stage: [], before_activate: [], after_activate: [], after_run: [], on_failure: [] }
notify: []
history: sqlite:state/history.db
environments: { prod: { policy: { bake: 10m } } }
`);
    expect(app.release).toEqual({ from: { kind: 'folder', path: '/srv/dist' }, keep: 3 });
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
    expect(app.historyPath).toBe('/srv/state/history.db');
  });
});

describe('mistakes', () => {
  test('are all listed at once, in the order of lines', async () => {
    const text = [
      'rot: /opt/shop',
      'app: "my shop"',
      'service:',
      '  unit: [shop]',
      '  action: restrat',
      'policy:',
      '  bake: soon',
      '  waves: [0, rest, 1]',
      '  polcy: 1',
      'probes: [unti, { htpp: 1 }, { tcp: 1, command: x }]',
    ].join('\n');
    expect(await mistakesOf(() => parse(text))).toEqual([
      '1:1 root is missing: an absolute path, or one below ~/, without .., spaces, quotes or other special characters',
      '1:1 unknown key rot (did you mean root?)',
      '2:6 app must be a name of letters, digits, dots, dashes, not "my shop"',
      '4:10 service.unit[1] must be the full name of a systemd unit, such as shop.service, not "shop"',
      '5:11 service.action must be one of restart, reload, stop-start, none, not "restrat" (did you mean restart?)',
      '7:9 policy.bake must be a duration such as 500ms, 30s, 2m or 1h, not "soon"',
      '8:11 policy.waves[1] must be a whole number of hosts such as 2, or a percentage such as 25%, not 0',
      '8:14 rest stands last, and once: it takes every host that is left',
      '8:20 the last wave must be rest',
      '9:3 unknown key policy.polcy (known: waves, max_unavailable, tolerate, tolerate_unreachable, min_healthy_time, healthy_deadline, bake, confirm_deadline, on_failure, on_inconclusive, dead_man)',
      '10:10 probes[1] must be unit, or a map with http, tcp or command, not "unti" (did you mean unit?)',
      '10:18 unknown key probes[2].htpp (did you mean http?)',
      '10:29 one probe has one kind: http, tcp or command',
    ]);
  });

  test('in an alias or a merged map are shown where they are written', async () => {
    const text = [
      'x-policy: &strict',
      '  bake: soon',
      'policy:',
      '  <<: *strict',
      'environments:',
      '  prod: { policy: *strict }',
    ].join('\n');
    expect(await mistakes(text)).toEqual([
      '5:9 policy.bake must be a duration such as 500ms, 30s, 2m or 1h, not "soon"',
      '5:9 environments.prod.policy.bake must be a duration such as 500ms, 30s, 2m or 1h, not "soon"',
    ]);
  });

  test('carry the line itself', async () => {
    const { code, location } = await refusalOf(() => withLeast('policy: { bake: soon }'));
    expect(code).toBe('config_invalid');
    expect(location).toEqual({
      file: '/srv/fleet.yaml',
      line: 4,
      column: 17,
      text: 'policy: { bake: soon }',
      length: 4,
    });
  });

  test.each([
    ['policy: { waves: [] }', 'the last wave must be rest'],
    ['policy: { waves: [1, 50%] }', 'the last wave must be rest'],
    ['policy: { waves: [rest, 1, rest] }', 'rest stands last, and once'],
    ['policy: { waves: [0%, rest] }', 'policy.waves[1] must be'],
    ['policy: { waves: [12.5%, rest] }', 'policy.waves[1] must be'],
    ['policy: { waves: { canary: 0, per: zone } }', 'policy.waves.canary must be'],
    ['policy: { waves: { canary: 1 } }', 'policy.waves.per is missing'],
    ['policy: { waves: 5 }', 'policy.waves must be a list such as'],
    ['policy: { max_unavailable: 0 }', 'policy.max_unavailable must be'],
    ['policy: { max_unavailable: 101% }', 'policy.max_unavailable must be'],
    ['policy: { tolerate: { wave: -1 } }', 'policy.tolerate.wave must be'],
    ['policy: { bake: 5 }', 'policy.bake must be a duration'],
    ['policy: { bake: 999999h }', 'at most 24 days'],
    ['policy: { on_failure: rollback }', 'policy.on_failure must be one of'],
    ['policy:', 'policy must be a map of settings, not empty'],
    ['probes: [{ http: { url: "ftp://x" } }]', 'probes[1].http.url must be'],
    ['probes: [{ http: { url: "http://x/a b" } }]', 'probes[1].http.url must be'],
    ['probes: [{ http: {} }]', 'probes[1].http.url is missing'],
    ['probes: [{ tcp: 0 }]', 'probes[1].tcp must be'],
    ['probes: [{ tcp: "h:70000" }]', 'probes[1].tcp must be'],
    ['probes: [{}]', 'one probe has one kind'],
    ['shared: [/etc]', 'shared[1] must be a relative path'],
    ['shared: [a/../b]', 'shared[1] must be a relative path'],
    ['shared: [log, log/]', 'log is shared twice'],
    ['shared: [log/a, log]', 'log/a lies in log, shared too'],
    ['release: { from: "git:" }', 'nothing can not be a git revision'],
    ['release: { from: https://x/y.tgz }', 'needs its checksum'],
    ['release: { from: { url: https://x/y.tgz } }', 'release.from.sha256 is missing'],
    ['release: { keep: 0 }', 'release.keep must be'],
    ['history: oracle', 'history must be sqlite'],
    ['environments: { prod: { app: other } }', 'unknown key environments.prod.app'],
    ['environments: { "a b": {} }', 'the name a b must be a group name'],
    ['hooks: { before_stag: [] }', 'did you mean before_stage?'],
  ])('%s: %s', async (text, message) => {
    const found = await mistakes(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
    expect(found[0]).toMatch(/^4:/);
  });

  test.each([
    '/',
    '//',
    '~',
    '~/',
    'opt/shop',
    '/opt/../etc',
    '/opt/./shop',
    '/opt/my shop',
    '/opt/a"b',
    "/opt/a'b",
    '/opt/$HOME',
    '/opt/a`b',
    '/opt/a\\u001bb',
    '/opt/a%nb',
  ])('root can not be %s', async (root) => {
    const text = `app: shop\nservice: { unit: a.service }\nroot: "${root.replace('"', '\\"')}"\n`;
    const found = await mistakesOf(() => parse(text));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('3:7 root must be an absolute path');
  });

  test.each(['shop', '-x.service', 'a b.service', 'a;b.service', '../x.service', 'shop.servic'])(
    'a unit can not be %s',
    async (unit) => {
      const text = `app: shop\nroot: /opt/shop\nservice: { unit: "${unit}" }\n`;
      expect((await mistakesOf(() => parse(text)))[0]).toContain('3:18 service.unit must be');
    },
  );

  test('of a file that is no map at all', async () => {
    expect(await mistakesOf(() => parse('[1, 2]'))).toEqual([
      '1:1 the file must be a map of settings, not a list',
    ]);
  });
});

describe('deadlines', () => {
  test('are named both where one is not longer than the other', async () => {
    const text =
      'policy:\n  min_healthy_time: 90s\n  healthy_deadline: 1m\n  confirm_deadline: 60s\n';
    expect(await mistakes(text)).toEqual([
      '6:21 healthy_deadline (1m) must be longer than min_healthy_time (90s) (min_healthy_time is set at /srv/fleet.yaml:5:21)',
      '7:21 confirm_deadline (1m) must be longer than healthy_deadline (1m) (healthy_deadline is set at /srv/fleet.yaml:6:21)',
    ]);
  });

  test('are compared with defaults too', async () => {
    expect(await mistakes('policy: { min_healthy_time: 2m }')).toEqual([
      '4:29 healthy_deadline (1m) must be longer than min_healthy_time (2m) (healthy_deadline is not set, so it has its default)',
    ]);
  });

  test('of an environment are compared with those of the app', async () => {
    const text =
      'policy: { healthy_deadline: 5m }\nenvironments:\n  prod: { policy: { confirm_deadline: 1m } }\n';
    expect(await mistakes(text)).toEqual([
      '6:39 confirm_deadline (1m) must be longer than healthy_deadline (5m) (healthy_deadline is set at /srv/fleet.yaml:4:29)',
    ]);
  });

  test('by default leave as much time for the way back as for the way there', () => {
    const { policy } = withLeast('policy: { healthy_deadline: 5m }').app;
    expect(policy.confirmDeadlineMs).toBe(600_000);
  });
});

describe('what this version does not carry out', () => {
  test.each([
    ['backup: { command: bin/snapshot }', 'backup'],
    ['hooks: { after_run: [bin/x] }', 'hooks'],
    ['hooks: { after_run: [{ local: bin/x }] }', 'hooks'],
    ['notify: [{ slack: { url: env:SLACK } }]', 'notify'],
    ['history: postgres://db/fleet', 'this kind of history'],
    ['policy: { waves: [1, { approve: true }, rest] }', 'an approval between waves'],
    ['policy: { dead_man: required }', "the dead-man's switch"],
    ['environments: { prod: { backup: { command: x } } }', 'backup'],
  ])('is refused, not passed over: %s', async (text, what) => {
    const found = await mistakes(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`${what} is not available yet`);
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
      '6:36 confirm_deadline (80s) must be longer than healthy_deadline (90s) (healthy_deadline is set at /srv/fleet.yaml:5:36)',
    ]);
  });
});

describe('finding fleet.yaml', () => {
  test('goes upwards from the working directory', async () => {
    const dir = await folder();
    await mkdir(join(dir, 'a/b'), { recursive: true });
    await writeFile(join(dir, 'fleet.yaml'), LEAST);
    expect(await findConfig(join(dir, 'a/b'))).toBe(join(dir, 'fleet.yaml'));
    const config = await loadConfig(join(dir, 'fleet.yaml'), { home: '/home/me' });
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
    const load = () => loadConfig(join(dir, 'fleet.yaml'), { home: '/h', cwd: dir });
    expect((await refusalOf(load)).location?.file).toBe('fleet.yaml');
  });
});
