import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { recordedPlan } from '../../src/engine/journal/plan-record.js';
import { bareUrl, isBare, maskUrls } from '../../src/errors/bare-url.js';
import { readProbe } from '../../src/host/reply/facts.js';
import { probeStep } from '../../src/host/steps/steps.js';
import { planViewSchema } from '../../src/model/runs/plan-view.js';
import { createFakeHost, type FakeHost, SERVICE } from '../host/support/fake-host.js';
import { syntheticPlan } from '../ui/support/synthetic-run.js';
import { playedBastion } from './support/played-bastion.js';
import { type Answer, honestly, playHost } from './support/played-host.js';

const SECRETS = ['hunter2', 's3cr3t-token', 'var-secret'];
const URL_WITH_SECRETS = 'http://probe:hunter2@127.0.0.1:8080/healthz?token=s3cr3t-token';
/** An address and a user of its hosts, the user's key, and a variable. */
const IN_THE_INVENTORY = /127\.0\.0\.1|"deploy@|\/id"|\/known"|var-secret/;
const PROBES = [{ http: { url: URL_WITH_SECRETS } }];
const APPROVED = {
  waves: [1, { approve: true }, 'rest'],
  max_unavailable: 2,
  healthy_deadline: '1s',
  min_healthy_time: '100ms',
  confirm_deadline: '8s',
};

/** Two hosts that record what they are sent. */
async function bastion() {
  const told: string[] = [];
  const noting: Answer = (call) => {
    told.push(...call.words);
    honestly(call);
  };
  const found = await playedBastion({
    hosts: { web1: playHost('web1', noting), web2: playHost('web2', noting) },
    config: { probes: PROBES, policy: APPROVED },
    each: { vars: { password: 'var-secret' } },
  });
  return { ...found, told };
}

function filesBelow(dir: string): readonly string[] {
  const all = readdirSync(dir, { recursive: true }).map((name) => join(dir, String(name)));
  return all.filter((file) => statSync(file).isFile());
}

const secretsIn = (text: string): readonly string[] =>
  SECRETS.filter((secret) => text.includes(secret));

describe('a run whose probes, hosts and source have secrets', () => {
  test.each([['ndjson'], ['plain'], ['tree']])(
    'keeps none of them on disk, and prints none as %s',
    async (mode) => {
      const { fleet, dir } = await bastion();
      const run = await fleet('deploy', '-g', 'web', '--yes', '--output', mode, '-vv');
      expect(run.code, run.stderr).toBe(8);
      expect(secretsIn(run.stdout + run.stderr)).toEqual([]);
      const files = filesBelow(join(dir, 'state'));
      expect(files.some((file) => file.endsWith('plan.json'))).toBe(true);
      const leaks = files.filter((file) => secretsIn(readFileSync(file, 'latin1')).length > 0);
      expect(leaks).toEqual([]);
    },
  );

  test('prints no address, user, setting or variable of its plan as ndjson', async () => {
    const { fleet } = await bastion();
    const { stdout } = await fleet('deploy', '-g', 'web', '--yes', '--output', 'ndjson');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const started = events.find(({ type }) => type === 'run-started');
    expect(started).toMatchObject({ kind: 'deploy', run: expect.any(String) });
    const plan = planViewSchema().parse(started.plan);
    expect(started.plan).toEqual(plan);
    expect(plan.hosts).toMatchObject([
      { host: 'web1', wave: 0 },
      { host: 'web2', wave: 1 },
    ]);
    // What is known of the person is meant to be told (docs/audit.md), the address of their login too.
    const { person, ...others } = started.plan;
    expect(Object.keys(person).toSorted()).toEqual(['bastion', 'proven', 'said']);
    expect(JSON.stringify({ ...started, plan: others })).not.toMatch(
      /address|user"|ssh|vars|identity|known_?hosts/i,
    );
    expect(JSON.stringify(started)).not.toMatch(IN_THE_INVENTORY);
  });

  test('is resumed with the complete probes of fleet.yaml', async () => {
    const { fleet, told } = await bastion();
    await fleet('deploy', '-g', 'web', '--yes');
    told.length = 0;
    const resumed = await fleet('resume', '20', '--yes');
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(told).toContain(`http=200 ${URL_WITH_SECRETS}`);
    expect(secretsIn(resumed.stdout + resumed.stderr)).toEqual([]);
  });

  test('is not resumed if fleet.yaml has other probes now, and says so', async () => {
    const { fleet, configure, told } = await bastion();
    await fleet('deploy', '-g', 'web', '--yes');
    configure({ policy: APPROVED, probes: [{ http: { url: 'http://127.0.0.1:8080/other' } }] });
    told.length = 0;
    const resumed = await fleet('resume', '20', '--yes');
    expect(resumed).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot continue: its probes have a URL with a password/),
    });
    expect(told).toEqual([]);
  });

  test('keeps its source without user, query and fragment', () => {
    const plan = syntheticPlan(3, 'canary');
    const url = 'https://ci:hunter2@files.example/r.tgz?sig=s3cr3t-token';
    const from = { kind: 'url', url, sha256: 'a'.repeat(64) } as const;
    const kept = recordedPlan({
      ...plan,
      app: { ...plan.app, release: { from, keep: 5, links: 'inside', pull: null } },
    });
    expect(kept.app.release.from).toEqual({ ...from, url: 'https://***@files.example/r.tgz?***' });
    expect(recordedPlan(kept)).toEqual(kept);
  });
});

test.each([
  ['http://u:p@h/x?q=1#f', 'http://***@h/x?***#***'],
  ['http://u:p@ss@h', 'http://***@h'],
  ['http://h/@user/x', 'http://h/@user/x'],
  ['http://h?u=a@b', 'http://h?***'],
  ['git:v1', 'git:v1'],
])('%s is kept as %s', (url, bare) => {
  expect(bareUrl(url)).toBe(bare);
  expect(isBare(bare)).toBe(bare !== url);
});

test('a line of a file that is shown has its URLs without secrets, at their length', () => {
  const line = 'from: "https://ci:hunter2@h/r?sig=s3cr3t-token#f", to: x@y?z';
  const shown = maskUrls(line);
  expect(shown).toBe('from: "https://**********@h/r?****************#f", to: x@y?z');
  expect(shown).toHaveLength(line.length);
});

test('a mistake beside a URL in fleet.yaml shows the line without its secrets', async () => {
  const { fleet, configure } = await bastion();
  configure({ probes: PROBES, policy: { ...APPROVED, confirm_deadline: '1s' } });
  const { code, stdout, stderr } = await fleet('check');
  expect(code).toBe(2);
  expect(stderr).toContain('confirm_deadline');
  expect(secretsIn(stdout + stderr)).toEqual([]);
  expect(secretsIn((await fleet('check', '--json')).stdout)).toEqual([]);
});

test.each([
  ['probes', [{ http: { url: 'ftp://ci:hunter2@h/x?sig=s3cr3t-token' } }]],
  ['release', { from: { url: 'http://ci:hunter2@h/x?sig=s3cr3t-token', sha256: 'aa' } }],
  ['release', { from: 'http://ci:hunter2@h/x?sig=s3cr3t-token' }],
  ['history', 'postgres://ci:hunter2@h/x?sig=s3cr3t-token'],
  ['history', 'mysql://ci:a#b/hunter2@h/x'],
])('a mistake in %s is reported without its secrets', async (key, value) => {
  const { fleet, configure } = await bastion();
  configure({ [key]: value });
  for (const flags of [[], ['--json']]) {
    const { code, stdout, stderr } = await fleet('check', ...flags);
    expect(code).toBe(2);
    expect(secretsIn(stdout + stderr)).toEqual([]);
  }
});

test('a source that is refused is named without its secrets', async () => {
  const { fleet } = await bastion();
  const from = 'http://ci:hunter2@files.example/r.tgz?sig=s3cr3t-token';
  const { code, stdout, stderr } = await fleet('deploy', '-g', 'web', '--yes', '--from', from);
  expect(code).toBe(2);
  expect(secretsIn(stdout + stderr)).toEqual([]);
});

describe('a host whose probe fails', () => {
  let host: FakeHost;
  afterEach(() => host.stop());

  test.each([
    ['http://u:hunter2@127.0.0.1:1/x?t=s3cr3t-token', 'http http://127.0.0.1:1/x: '],
    ['http://127.0.0.1:1?t=s3cr3t-token', 'http http://127.0.0.1:1: '],
    ['http://127.0.0.1:1/@me/x#hunter2', 'http http://127.0.0.1:1/@me/x: '],
  ])('tells of %s without its secrets', async (url, shown) => {
    host = createFakeHost();
    host.unit('shop.service', {});
    const probe = { kind: 'http', url, status: 200, body: null } as const;
    const { events } = await host.run([probeStep({ ...SERVICE, units: [] }, [probe])]);
    const reason = readProbe(events)?.reason ?? '';
    expect(reason).toContain(shown);
    expect(secretsIn(reason)).toEqual([]);
  });
});
