import { describe, expect, test } from 'vitest';
import { mistakes, parse, withLeast } from '../support/least-config.js';
import { mistakesOf, refusalOf } from '../support/shown.js';

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
      '8:14 rest is the last wave, and only once: it takes every host that is left',
      '8:20 the last wave must be rest',
      '9:3 unknown key policy.polcy (known: waves, max_unavailable, tolerate, tolerate_unreachable, min_healthy_time, healthy_deadline, bake, confirm_deadline, lease, on_failure, on_inconclusive, dead_man)',
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
    ['policy: { waves: [rest, 1, rest] }', 'rest is the last wave, and only once'],
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
    ['policy: { lease: 4s }', 'a lease is from 5s to 1h'],
    ['policy: { lease: 61m }', 'a lease is from 5s to 1h'],
    ['policy: { lease: 5 }', 'policy.lease must be a duration'],
    ['policy: { confirm_deadline: 64s }', 'confirm_deadline (64s) must be at least 5s longer'],
    ['policy: { dead_man: always }', 'policy.dead_man must be one of required, auto, off'],
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
    ['release: { from: "git:" }', 'nothing cannot be a git revision'],
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
  ])('root cannot be %s', async (root) => {
    const text = `app: shop\nservice: { unit: a.service }\nroot: "${root.replace('"', '\\"')}"\n`;
    const found = await mistakesOf(() => parse(text));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('3:7 root must be an absolute path');
  });

  test.each(['shop', '-x.service', 'a b.service', 'a;b.service', '../x.service', 'shop.servic'])(
    'a unit cannot be %s',
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
      '7:21 confirm_deadline (1m) must be at least 5s longer than healthy_deadline (1m) (healthy_deadline is set at /srv/fleet.yaml:6:21)',
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
      '6:39 confirm_deadline (1m) must be at least 5s longer than healthy_deadline (5m) (healthy_deadline is set at /srv/fleet.yaml:4:29)',
    ]);
  });

  test('by default leave as much time for the way back as for the way there', () => {
    const { policy } = withLeast('policy: { healthy_deadline: 5m }').app;
    expect(policy.confirmDeadlineMs).toBe(600_000);
  });
});

describe('the URL of a history', () => {
  test.each([
    ['postgres://db.example', 'names no database'],
    ['postgres:///fleet', 'names no host'],
    ['mysql://db.example/a/b', 'has a / in its name'],
    ['postgres://u:a%zz@db.example/fleet', 'a % without two digits'],
    ['postgres://db.example/fleet?sslmode=require', 'a parameter that fleet does not know'],
    ['postgres://db.example/fleet?ca=ca.pem', 'no absolute path'],
    ['postgres://db.example/fleet?cert=/c.pem', 'one of cert and key'],
    ['postgres://db.example/fleet?tls=1&insecure=1', 'TLS and for insecure=1'],
    ['postgres://localhost/fleet?socket=run', 'a socket that is no absolute path'],
    ['mysql://192.0.2.7/fleet', 'the server by its address'],
  ])('%s is refused', async (url, what) => {
    const found = await mistakes(`history: "${url}"`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(what);
  });

  test.each([
    'postgres://db.example/fleet',
    'postgresql://u:p%40@[2001:db8::1]:5433/fleet?ca=/etc/ca.pem',
    'postgres://db.example/fleet?insecure=1',
    'mariadb://db.example/fleet',
    'mysql://127.0.0.1/fleet',
    'postgres://u@localhost/fleet?socket=/run/postgresql',
    'env:FLEET_HISTORY',
    'file:/etc/fleet/history-url',
  ])('%s is taken', (url) => {
    expect(withLeast(`history: "${url}"`).app.history).toEqual({ kind: 'url', url });
  });
});

describe('a backup', () => {
  const about = async (text: string): Promise<string> => (await mistakes(text)).join('\n');

  test.each([
    ['backup: { keep: 3 }', 'backup keeps nothing'],
    ['backup: { paths: [] }', 'backup keeps nothing'],
    ['backup: { paths: [/etc/passwd] }', 'is not a path below the root'],
    ['backup: { paths: [shared/../../x] }', 'is not a path below the root'],
    ['backup: { paths: [releases/x] }', 'releases are never changed'],
    ['backup: { paths: [.fleet] }', 'releases are never changed'],
    ['backup: { paths: [current/.env] }', 'releases are never changed'],
    ['backup: { paths: [shared, shared/.env] }', 'shared/.env lies in shared'],
    ['backup: { paths: [shared/.env, shared/.env] }', 'shared/.env is named twice'],
    ['backup: { command: x, timeout: soon }', 'a duration'],
    ['backup: { command: x, keep: 0 }', 'a whole number from 1'],
    ['release: { keep_for: 3 weeks }', 'an age such as 30d'],
  ])('with a mistake is refused: %s', async (text, what) => {
    expect(await about(text)).toContain(what);
  });

  test('keeps paths of any name, and has defaults for the rest', () => {
    const { app } = withLeast('backup: { paths: ["shared/a b/", "$(id)"] }');
    expect(app.backup).toEqual({
      paths: ['shared/a b', '$(id)'],
      command: null,
      restoreCommand: null,
      keep: 3,
      timeoutMs: 300_000,
    });
  });
});
