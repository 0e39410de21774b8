import { readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHttpsServer, type HttpsServer, serving } from '../host/support/https-server.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { practiceBastion } from './support/practice-bastion.js';

const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
const SECRET = 's3cr3t-signature';

let server: HttpsServer;
let bastion: ReturnType<typeof practiceBastion>;
let number = 0;
beforeAll(async () => {
  server = await createHttpsServer();
});
beforeEach(() => {
  bastion = practiceBastion(practice.lab);
  server.asked.length = 0;
  server.answer = (request, response) => {
    const [path = ''] = request.url?.split('?') ?? [];
    const file = join(bastion.dir, path);
    if (path === '' || !isFile(file)) return void response.writeHead(404).end();
    serving(readFileSync(file))(request, response);
  };
  // Each test deploys something new.
  number += 1;
  writeFileSync(join(bastion.dir, 'releases/good/public/number'), String(number));
});
afterAll(() => server.close());

const isFile = (file: string): boolean =>
  statSync(file, { throwIfNoEntry: false })?.isFile() === true;

/** fleet.yaml with these lines in `release:`. */
function configure(release: string): void {
  const file = join(bastion.dir, 'fleet.yaml');
  const text = readFileSync(file, 'utf8').replace(/^release:.*$/m, `release: ${release}`);
  writeFileSync(file, text);
}

/** What `file:pull-url` of fleet.yaml holds. */
const secretUrl = (url: string): void =>
  writeFileSync(join(bastion.dir, 'pull-url'), `${url}\n`, { mode: 0o600 });

/** The release that every host runs; all the same. */
function deployed(): string {
  const [first, ...others] = practice.lab.hosts.map(({ home }) =>
    readFileSync(join(home, 'shop/current/public/number'), 'utf8'),
  );
  expect(others).toEqual([first]);
  return first ?? '';
}

const fetched = (): number => server.asked.filter((line) => line.startsWith('GET')).length;

function expectNoSecret(output: string): void {
  expect(output).not.toContain(SECRET);
  const files = readdirSync(join(bastion.dir, 'state'), { recursive: true, encoding: 'utf8' })
    .map((name) => join(bastion.dir, 'state', name))
    .filter(isFile);
  expect(files.filter((file) => readFileSync(file, 'latin1').includes(SECRET))).toEqual([]);
}

describe('what a command has uploaded', () => {
  const PULL = () =>
    `{ from: ./releases/good, pull: { url: "file:pull-url", upload: 'cd ${bastion.dir} && mkdir -p bucket && cp "$FLEET_ARCHIVE" "bucket/$FLEET_SHA256"', ca_file: ${server.caFile} } }`;

  test('is fetched by the hosts, and nothing has its URL', async () => {
    configure(PULL());
    secretUrl(`${server.url}/bucket/{sha256}?sig=${SECRET}`);
    const run = await bastion.fleet('deploy', '--yes', '-vv');
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr + run.stdout).toContain('fetched by the hosts from file:pull-url');
    expect(deployed()).toBe(String(number));
    expect(fetched()).toBe(2);
    expectNoSecret(run.stdout + run.stderr);
  });

  test('is sent over SSH if the hosts cannot fetch it, with a warning', async () => {
    configure(PULL());
    secretUrl(`${server.url}/nothing-here?sig=${SECRET}`);
    const run = await bastion.fleet('deploy', '--yes');
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toMatch(/the release is sent over SSH: .*the server answered 404/);
    expect(deployed()).toBe(String(number));
    expectNoSecret(run.stdout + run.stderr);
  });

  test('is sent over SSH if the command fails, which is run once', async () => {
    configure(PULL().replace('mkdir -p', 'echo x >>ran; echo no bucket >&2; exit 3; mkdir -p'));
    secretUrl(`${server.url}/bucket/{sha256}`);
    const run = await bastion.fleet('deploy', '--yes');
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toContain('release.pull.upload failed: no bucket');
    expect(readFileSync(join(bastion.dir, 'ran'), 'utf8')).toBe('x\n');
    expect(fetched()).toBe(0);
  });

  test('fails the hosts if fleet.yaml says so, and changes nothing', async () => {
    const before = practice.lab.hosts.map(({ home }) => readlinkSync(join(home, 'shop/current')));
    configure(PULL().replace('ca_file:', 'on_failure: fail, ca_file:'));
    secretUrl(`${server.url}/nothing-here?sig=${SECRET}`);
    const run = await bastion.fleet('deploy', '--yes');
    expect(run.code).toBe(4);
    expect(run.stdout + run.stderr).toContain('the server answered 404');
    expect(practice.lab.hosts.map(({ home }) => readlinkSync(join(home, 'shop/current')))).toEqual(
      before,
    );
    expectNoSecret(run.stdout + run.stderr);
  });

  test('is not needed if all hosts get it over SSH within the budget', async () => {
    configure(PULL().replace('ca_file:', 'when: auto, egress: 1MB/s, budget: 60s, ca_file:'));
    const run = await bastion.fleet('deploy', '--yes');
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr + run.stdout).not.toContain('fetched');
    expect(server.asked).toEqual([]);
  });

  test('without its URL, nothing is begun', async () => {
    configure(PULL());
    const run = await bastion.fleet('deploy', '--yes');
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('no secret for file:pull-url');
  });
});

test('a source that is no URL cannot be pulled without a place for it', async () => {
  configure('{ from: ./releases/good, pull: true }');
  const run = await bastion.fleet('deploy', '--yes');
  expect(run.stderr).toContain(
    'hosts cannot fetch this release themselves: release.from is not a URL',
  );
});
