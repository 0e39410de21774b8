import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { contentsOf } from '../host/support/delta.js';
import { createHttpsServer, type HttpsServer, serving } from '../host/support/https-server.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { SLEEPER, shopFleet } from './support/shop-fleet.js';

const practice = practiceLab({ hosts: 3, unitText: SLEEPER });
const shop = shopFleet(() => practice.lab, 'waves: [rest], max_unavailable: 100%');

let server: HttpsServer;
beforeAll(async () => {
  server = await createHttpsServer();
});
beforeEach(() => {
  server.asked.length = 0;
  server.answer = (request, response) =>
    serving(readFileSync(join(shop.dir, request.url ?? '')))(request, response);
});
afterAll(() => server.close());

/** A release of 60 files and 600 kB, of which three are its own. */
function large(name: string): string {
  const from = shop.release(name);
  mkdirSync(join(shop.dir, name, 'lib'));
  for (let file = 0; file < 60; file += 1) {
    const text = `${file < 3 ? name : ''} ${file}\n`.repeat(2_000);
    writeFileSync(join(shop.dir, name, `lib/${file}`), text);
  }
  return from;
}

/** Hosts fetch the whole if it takes longer than `budget` to send it to those that need it. */
function configure(when: string, budget = '1s'): void {
  const file = join(shop.dir, 'fleet.yaml');
  const upload = `cd ${shop.dir} && mkdir -p bucket && cp "$FLEET_ARCHIVE" "bucket/$FLEET_SHA256"`;
  const pull = `{ url: "${server.url}/bucket/{sha256}", upload: '${upload}', when: ${when}, egress: 1kB/s, budget: ${budget}, ca_file: ${server.caFile} }`;
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/^release: .*$/m, `release: { keep: 10, pull: ${pull} }`));
}

const deploy = (name: string, ...flags: readonly string[]) =>
  shop.fleet('deploy', '--yes', '--from', large(name), ...flags);
const currentOf = (index: number): string =>
  join(practice.lab.hosts[index]?.home ?? '', 'shop/current/');

function expectSame(name: string): void {
  for (const index of [0, 1, 2])
    expect(contentsOf(currentOf(index))).toEqual(contentsOf(join(shop.dir, name)));
}

interface Planned {
  readonly hosts: readonly { readonly host: string; readonly delta?: unknown }[];
}

/** One story: each test goes on from the one before. */
describe('hosts that could fetch a release, and of which some have another one to build on', () => {
  beforeAll(async () => {
    expect(await deploy('one', '-l', 'web01,web02')).toMatchObject({ code: 0 });
  }, 60_000);

  test('get what is new over SSH with `when: auto`, and the others fetch the whole, as the plan says', {
    timeout: 60_000,
  }, async () => {
    configure('auto');
    const json = await shop.fleet('plan deploy', '--json', '--from', large('two-planned'));
    const plan: Planned = JSON.parse(json.stdout);
    expect(plan.hosts.map(({ delta }) => delta !== undefined)).toEqual([true, true, false]);
    expect(server.asked).toEqual([]);
    const run = await deploy('two');
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toMatch(/to 2 hosts, built on \S+/);
    expect(run.stderr).toMatch(/fetched by/);
    expect(server.asked).toHaveLength(1);
    expectSame('two');
  });

  test('fetch nothing if all build on another one', { timeout: 60_000 }, async () => {
    const run = await deploy('three');
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).not.toContain('fetched');
    expect(server.asked).toEqual([]);
    expectSame('three');
  });

  test('get the whole over SSH if what they build on has changed', {
    timeout: 60_000,
  }, async () => {
    writeFileSync(join(currentOf(1), 'lib/50'), 'changed by hand');
    const run = await deploy('four');
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toMatch(/web02: .*lib\/50.*; the whole release is sent/);
    expectSame('four');
  });

  test('fetch the whole with `when: always`, whatever they have', { timeout: 60_000 }, async () => {
    configure('always');
    const run = await deploy('five');
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).not.toContain('built on');
    expect(server.asked).toHaveLength(3);
    expectSame('five');
  });

  test('get it over SSH if the server answers with a page that says it is not there', {
    timeout: 60_000,
  }, async () => {
    server.answer = (_, response) => void response.writeHead(200).end('<html>not here</html>');
    const run = await deploy('six');
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toMatch(/the release is sent over SSH: .*fetched 21 of \d+ bytes/);
    expectSame('six');
  });
});
