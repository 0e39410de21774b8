import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { processContext } from '../../src/cli/context/context.js';
import { run } from '../../src/cli/main.js';
import { logLineSchema } from '../../src/events/log-line.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { requestSchema } from '../telemetry/otlp-form.js';
import { shopFleet } from './support/shop-fleet.js';

const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

const POLICY = 'waves: [1, rest], max_unavailable: 100%';

/** What a command writes and ends with, in this environment. */
async function fleetWith(
  dir: string,
  env: Readonly<Record<string, string>>,
  words: readonly string[],
) {
  const text: string[] = [];
  const stream = new PassThrough().on('data', (chunk: Buffer) => text.push(chunk.toString()));
  const out = Object.assign(stream, { isTTY: false }) as unknown as NodeJS.WriteStream;
  const context = processContext();
  const code = await run(words, {
    ...context,
    cwd: dir,
    env: { PATH: process.env.PATH, ...env },
    home: dir,
    user: 'ada',
    operator: 'ada@bastion',
    stdin: Object.assign(new PassThrough().end(), { isTTY: false }),
    stdout: out,
    stderr: out,
    stateDir: join(dir, 'state'),
    onInterrupt: () => () => undefined,
  });
  return { code, text: text.join('') };
}

const deployWords = (source: string, ...flags: readonly string[]): readonly string[] => [
  'deploy',
  '-i',
  practice.lab.inventoryFile,
  '-g',
  'prod',
  '--yes',
  '--output',
  'plain',
  '--from',
  source,
  ...flags,
];

/** A collector that keeps what it gets. */
async function collector(answer: (count: number) => number | null) {
  const bodies: unknown[] = [];
  const headers: Readonly<Record<string, unknown>>[] = [];
  let count = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      count += 1;
      const status = answer(count);
      if (status === null) return;
      headers.push(request.headers);
      bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(status).end('{}');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    bodies,
    headers,
    count: () => count,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

describe('what other programs read of a run', () => {
  test('is written as asked for, of a run that succeeds and of one that fails', async () => {
    await using otel = await collector((count) => (count === 1 ? 503 : 200));
    const at = shopFleet(() => practice.lab, POLICY);
    const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const env = {
      FLEET_LOG_FILE: 'fleet.ndjson',
      FLEET_METRICS_DIR: '.',
      GITHUB_ACTIONS: 'true',
      GITHUB_STEP_SUMMARY: join(at.dir, 'summary.md'),
      OTEL_EXPORTER_OTLP_ENDPOINT: otel.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=planted-key-of-otel',
      TRACEPARENT: parent,
    };
    const flags = ['--junit', 'junit.xml', '--dotenv', 'run.env'];
    const good = await fleetWith(at.dir, env, deployWords(at.release('good'), ...flags));
    expect(good).toMatchObject({ code: 0 });
    expect(good.text).not.toContain('::error');
    expect(readFileSync(join(at.dir, 'run.env'), 'utf8')).toMatch(
      /^FLEET_RUN=\S+\nFLEET_KIND=deploy\nFLEET_APP=shop\nFLEET_GROUP=prod\nFLEET_STATE=succeeded\nFLEET_EXIT=0\n/,
    );
    const bad = await fleetWith(at.dir, env, deployWords(at.release('bad', 'exit 3'), ...flags));
    expect(bad.code).toBe(4);
    expect(bad.text).toMatch(/^::error title=fleet::deploy of shop to prod: rolled back: /m);

    const log = join(at.dir, 'fleet.ndjson');
    expect(statSync(log).mode & 0o777).toBe(0o600);
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    const form = logLineSchema();
    const events = lines.map((line) => {
      const event = form.parse(JSON.parse(line));
      expect(event).toEqual(JSON.parse(line));
      return event;
    });
    const ends = events.filter(({ type }) => type === 'run-ended');
    expect(ends.map(({ level }) => level)).toEqual(['notice', 'err']);
    const about = { app: 'shop', group: 'prod', kind: 'deploy', operator: 'ada@bastion' };
    expect(ends[1]).toMatchObject({
      about: { ...about, from: expect.stringMatching(/good|\d{8}/) },
    });
    const reverted = events.find(
      (event) => event.type === 'host-stage' && event.stage === 'reverted',
    );
    expect(reverted).toMatchObject({ level: 'warning', about });

    const junit = readFileSync(join(at.dir, 'junit.xml'), 'utf8');
    expect(junit).toContain('<testsuite name="wave 1 (canary)" tests="1" failures="1"');
    expect(junit).toContain('name="fleet.state" value="rolled_back"');
    const summary = readFileSync(join(at.dir, 'summary.md'), 'utf8');
    expect(summary.match(/^### .*/gm)).toEqual([
      '### ✅ deploy of shop to prod\\: succeeded',
      '### ❌ deploy of shop to prod\\: rolled back',
    ]);
    const metrics = readFileSync(join(at.dir, 'fleet_shop_prod.prom'), 'utf8');
    expect(statSync(join(at.dir, 'fleet_shop_prod.prom')).mode & 0o777).toBe(0o644);
    expect(metrics).toContain(
      'fleet_run_last_state{app="shop",group="prod",state="rolled_back"} 1\n',
    );
    expect(metrics).toMatch(/^fleet_run_last_success_timestamp_seconds\{.*kind="deploy"\} \d+$/m);
    expect(readdirSync(at.dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);

    // The first was asked for again, as its answer said.
    expect(otel.count()).toBe(3);
    expect(otel.headers[0]).toMatchObject({
      'api-key': 'planted-key-of-otel',
      'content-type': 'application/json',
    });
    const [first] = otel.bodies.map((body) => requestSchema.parse(body));
    const spans = first?.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
    const root = spans.find(({ name }) => name === 'RUN shop');
    expect(root).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
    });
    const ids = new Map(spans.map((span) => [span.spanId, span]));
    expect(ids.size).toBe(spans.length);
    const depthOf = (span: (typeof spans)[number]): number => {
      const up = ids.get(span.parentSpanId ?? '');
      return up === undefined ? 0 : 1 + depthOf(up);
    };
    expect(new Set(spans.map(depthOf))).toEqual(new Set([0, 1, 2, 3]));
  }, 60_000);

  test('that cannot be written or sent changes nothing, and delays the end by at most 2 s', async () => {
    await using hangs = await collector(() => null);
    const at = shopFleet(() => practice.lab, POLICY);
    await at.deploy('other');
    const began = performance.now();
    await at.deploy('plain');
    const plain = performance.now() - began;
    const login = hangs.url.replace('//', '//ops:planted-password@');
    const env = {
      FLEET_LOG_FILE: '/proc/nothing/x',
      FLEET_METRICS_DIR: '/proc/nothing',
      OTEL_EXPORTER_OTLP_ENDPOINT: login,
    };
    const flags = ['--junit', '/proc/nothing/j', '--dotenv', '/proc/nothing/d'];
    const start = performance.now();
    const ended = await fleetWith(at.dir, env, deployWords(at.release('another'), ...flags));
    expect(performance.now() - start - plain).toBeLessThan(4000);
    expect(ended.code).toBe(0);
    expect(ended.text.match(/lines are missing in the log/g)).toHaveLength(1);
    expect(ended.text).toContain('it did not answer in time');
    expect(ended.text).not.toContain('planted-password');
  }, 60_000);
});

describe('secrets', () => {
  test('of the environment, files and URLs that hooks and builds print are found nowhere', async () => {
    await using otel = await collector(() => 200);
    const at = shopFleet(() => practice.lab, POLICY);
    const planted = [
      'planted-in-env-1111',
      'planted-in-file-2222',
      'planted-in-url-3333',
      'planted-in-history-4444',
      'planted-in-otel-5555',
      'planted-in-smtp-6666',
    ] as const;
    const [ofEnv, ofFile, ofUrl, ofHistory, ofOtel, ofSmtp] = planted;
    const secret = (name: string, text: string): void => {
      writeFileSync(join(at.dir, name), `${text}\n`);
      chmodSync(join(at.dir, name), 0o600);
    };
    secret('hook.url', `http://127.0.0.1:9/hooks/${ofFile}?token=${ofFile}`);
    secret('smtp.password', ofSmtp);
    const print = 'echo "$DB_PASSWORD"; echo "$DATABASE_URL"; cat hook.url smtp.password; env';
    writeFileSync(join(at.dir, 'print.sh'), `${print}; echo "$DB_PASSWORD" >&2\n`);
    appendFileSync(
      join(at.dir, 'fleet.yaml'),
      [
        'history: env:HISTORY_URL',
        'build: { run: sh print.sh }',
        'hooks: { before_activate: [{ local: sh print.sh }, { run: echo "on the host $TRACEPARENT" }], after_confirm: [{ local: "sh print.sh; exit 3", if_fails: warn }] }',
        'notify: [{ webhook: { url: file:hook.url } }, { email: { to: a@b.example, from: c@d.example, host: 127.0.0.1, port: 9, user: ops, password: file:smtp.password } }]',
        '',
      ].join('\n'),
    );
    const env = {
      DB_PASSWORD: ofEnv,
      DATABASE_URL: `postgres://app:${ofUrl}@db.example/shop`,
      HISTORY_URL: `postgres://ops:${ofHistory}@127.0.0.1:9/fleet`,
      OTEL_EXPORTER_OTLP_ENDPOINT: otel.url,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${ofOtel}`,
      GITHUB_ACTIONS: 'true',
      GITHUB_STEP_SUMMARY: join(at.dir, 'state-summary.md'),
      FLEET_LOG_FILE: 'fleet.ndjson',
      FLEET_METRICS_DIR: '.',
    };
    const flags = ['--junit', 'junit.xml', '--dotenv', 'run.env', '-vvv'];
    const listed: string[] = [];
    const look = setInterval(() => {
      listed.push(execFileSync('ps', ['-eww', '-o', 'args'], { encoding: 'utf8' }));
    }, 200);
    const good = await fleetWith(at.dir, env, deployWords(at.release('good'), ...flags));
    const bad = await fleetWith(at.dir, env, deployWords(at.release('bad', 'exit 3'), ...flags));
    const ndjson = await fleetWith(at.dir, env, [
      ...deployWords(at.release('better')).filter(
        (word) => word !== 'plain' && word !== '--output',
      ),
      '--output',
      'ndjson',
    ]);
    clearInterval(look);
    expect([good.code, bad.code, ndjson.code], good.text).toEqual([0, 4, 0]);
    expect(good.text).toContain('***');
    const parents = [...good.text.matchAll(/(?:=|on the host )(00-[0-9a-f]{32}-[0-9a-f]{16}-01)/g)];
    expect(good.text).toMatch(/on the host 00-/);
    expect(new Set(parents.map(([, parent]) => parent)).size).toBe(1);
    const files = [
      'state',
      'fleet.ndjson',
      'junit.xml',
      'run.env',
      'state-summary.md',
      'fleet_shop_prod.prom',
    ];
    for (const name of files) expect(existsSync(join(at.dir, name)), name).toBe(true);
    const shown = {
      output: [good, bad, ndjson].map(({ text }) => text).join(''),
      otel: JSON.stringify(otel.bodies),
      processes: listed.join(''),
    };
    for (const text of planted) {
      for (const [where, all] of Object.entries(shown)) {
        expect(all.includes(text), `${text} in ${where}`).toBe(false);
      }
      const homes = practice.lab.hosts.map(({ home }) => join(home, 'shop'));
      const found = grepped(text, [...files.map((name) => join(at.dir, name)), ...homes]);
      expect(found, text).toBe('');
    }
  }, 120_000);
});

/** The files that have a text. */
function grepped(text: string, places: readonly string[]): string {
  try {
    return execFileSync('grep', ['-rlaF', '-e', text, ...places], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
