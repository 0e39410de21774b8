import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { OUTPUT_SCHEMAS } from '../../src/ui/json-schema.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { createBastion, type Ran } from './support/fake-context.js';
import { leaveClaimed } from './support/practice-bastion.js';
import { argumentsOf } from './support/shell-words.js';

const practice = practiceLab({ hosts: 3 });

const CONFIG = `
release: { keep: 5 }
policy: { waves: [1, rest], max_unavailable: 100%, min_healthy_time: 50ms, healthy_deadline: 8s, on_failure: hold }
apps:
  shop: { root: ~/shop, service: { unit: shop.service } }
  worker: { root: ~/worker, service: { unit: "worker@{1..2}.service" }, groups: [workers] }
`;

const GROUPS = `
groups:
  workers: { hosts: [web02, web03] }
`;

const UNIT = (root: string): string =>
  `[Service]\nWorkingDirectory=%h/${root}/current\nExecStart=/bin/sleep 3600\nTimeoutStopSec=2s\n`;

let minutes = 0;
const bastion = createBastion(() => new Date(Date.UTC(2026, 0, 2, 3, minutes)));

function typed(command: string): Promise<Ran> {
  minutes += 10;
  const { inventoryFile } = practice.lab;
  const [name = '', ...words] = argumentsOf(`fleet ${command}`);
  const plan = name === 'plan' || name === 'lock' ? words.splice(0, 1) : [];
  return bastion.fleet(name, ...plan, '-i', inventoryFile, '-i', 'groups.yaml', ...words);
}

function source(name: string): string {
  mkdirSync(join(bastion.dir, name), { recursive: true });
  writeFileSync(join(bastion.dir, name, 'page'), name);
  return `./${name}`;
}

const deploy = (app: string, name: string): Promise<Ran> =>
  typed(`deploy --app ${app} -g prod --yes --from ${source(name)}`);

/** What every host has of an app. */
const pages = (app: string): readonly string[] =>
  practice.lab.hosts.map(({ home }) => {
    const page = join(home, app, 'current/page');
    return existsSync(page) ? readFileSync(page, 'utf8') : '';
  });

beforeAll(async () => {
  writeFileSync(join(bastion.dir, 'fleet.yaml'), CONFIG);
  writeFileSync(join(bastion.dir, 'groups.yaml'), GROUPS);
  for (const { dir } of practice.lab.hosts) {
    const units = join(dir, 'etc/systemd/system');
    writeFileSync(join(units, 'shop.service'), UNIT('shop'));
    for (const index of [1, 2])
      writeFileSync(join(units, `worker@${index}.service`), UNIT('worker'));
  }
  // At once, on the same hosts: each app has its own root, lock and limits.
  const both = await Promise.all([deploy('shop', 'a'), deploy('worker', 'w')]);
  expect(both.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual([0, 0]);
}, 120_000);

describe('two apps of one project', () => {
  test('are deployed at once to the same hosts, each to the hosts of its own groups', () => {
    expect(pages('shop')).toEqual(['a', 'a', 'a']);
    expect(pages('worker')).toEqual(['', 'w', 'w']);
  });

  test.each([
    'deploy -g prod --yes --from ./a',
    'deploy -g prod --dry-run --from ./a',
    'plan rollback -g prod',
    'rollback -g prod --yes',
    'recover -g prod',
    'lock release -g prod --force',
    'doctor -g prod --install-guard --yes',
  ])('%s is refused without the name of an app, and says which there are', async (command) => {
    expect(await typed(command)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /fleet.yaml has several apps, and none is named[\s\S]*--app shop, or --app worker/,
      ),
    });
  });

  test('a name that is not there is refused with the nearest', async () => {
    expect(await typed('status --app shp -g prod')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no app shp[\s\S]*shop/),
    });
  });

  test('an app is refused on hosts that none of its groups has', async () => {
    expect(await typed('plan deploy --app worker -g prod -l web01 --from ./w')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no selected host has the app worker[\s\S]*workers/),
    });
  });

  test.each(['status', 'releases', 'doctor', 'lock status'] as const)(
    '%s shows all of them, and one as if it were alone',
    async (command) => {
      const all = await typed(`${command} -g prod`);
      expect(all.stdout).toMatch(/^App shop\n[\s\S]*\n\nApp worker\n/);
      const one = await typed(`${command} --app worker -g prod`);
      expect(one.stdout).not.toContain('App ');
      const [name] = command.split(' ');
      const schema = OUTPUT_SCHEMAS[name as 'status'];
      const json = JSON.parse((await typed(`${command} -g prod --json`)).stdout);
      expect(schema.parse(json)).toMatchObject({ apps: [{ app: 'shop' }, { app: 'worker' }] });
      const alone = JSON.parse((await typed(`${command} --app shop -g prod --json`)).stdout);
      expect(schema.parse(alone)).toMatchObject({ app: 'shop', group: 'prod' });
    },
  );

  test('have one history, of all and of one', async () => {
    const all = await typed('history');
    expect(all.stdout).toMatch(/RUN +APP +KIND/);
    expect(all.stdout).toContain(' shop ');
    expect(all.stdout).toContain(' worker ');
    const one = await typed('history --app worker --json');
    expect(JSON.parse(one.stdout)).toMatchObject({ runs: [{ app: 'worker' }] });
  });

  test('have an own lock on each host', async () => {
    leaveClaimed(practice.lab, 3600);
    const blocked = await typed('plan deploy --app shop -g prod --from ./a');
    const { stdout } = await typed('lock status --app worker -g prod');
    const free = await typed('lock release --app shop -g prod --force');
    expect(blocked.stderr).toContain('fleet recover --app shop -g');
    expect(stdout).toBe('Nothing is locked.\n');
    expect(free.code).toBe(0);
  });

  test('run a command on all selected hosts, which the log of each app there has', async () => {
    expect(await typed('exec -g prod echo hi')).toMatchObject({ code: 0 });
    const traces = practice.lab.hosts.map(({ home }) =>
      ['shop', 'worker'].filter(
        (app) =>
          existsSync(join(home, app, '.fleet/log')) &&
          readFileSync(join(home, app, '.fleet/log'), 'utf8').includes('"verb":"log_exec"'),
      ),
    );
    expect(traces).toEqual([['shop'], ['shop', 'worker'], ['shop', 'worker']]);
  });

  test('are named in each command that fleet prints', async () => {
    const next = await deploy('shop', 'b');
    expect(next.stdout + next.stderr).toMatch(/fleet rollback --app shop -g prod --to /);
    const back = await typed('rollback --app shop -g prod --yes');
    expect(back.code).toBe(0);
    expect(pages('shop')).toEqual(['a', 'a', 'a']);
    expect(pages('worker')).toEqual(['', 'w', 'w']);
  });
});

test('a project with one app needs no name, and takes its own', async () => {
  const alone = createBastion();
  writeFileSync(
    join(alone.dir, 'fleet.yaml'),
    'app: shop\nroot: ~/shop\nservice: { unit: shop.service }\n',
  );
  const { inventoryFile } = practice.lab;
  const status = await alone.fleet('status', '-i', inventoryFile, '-g', 'prod');
  const named = await alone.fleet('status', '--app', 'shop', '-i', inventoryFile, '-g', 'prod');
  expect(status.stdout).toBe(named.stdout);
  expect(status.stdout).not.toContain('App ');
  const wrong = await alone.fleet('status', '--app', 'worker', '-i', inventoryFile, '-g', 'prod');
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('known: shop') });
});

describe('plans in files', () => {
  test('name their app, so no --app is needed, and no other is taken', async () => {
    const plan = await typed(
      `plan deploy --app worker -g prod --from ${source('w2')} --out plan.json`,
    );
    expect(plan).toMatchObject({ code: 0 });
    expect(await typed('apply plan.json --yes --app shop')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /the plan is of the app worker, not of shop[\s\S]*leave out --app/,
      ),
    });
    expect(await typed('apply plan.json --yes')).toMatchObject({ code: 0 });
    expect(pages('worker')).toEqual(['', 'w2', 'w2']);
    expect(pages('shop')).toEqual(['a', 'a', 'a']);
  }, 60_000);

  test('apply also if the file has got other apps since', async () => {
    const file = join(bastion.dir, 'fleet.yaml');
    const { policy } = parse(CONFIG) as { policy: unknown };
    const alone = { app: 'shop', root: '~/shop', service: { unit: 'shop.service' } };
    writeFileSync(file, stringify({ ...alone, release: { keep: 5 }, policy }));
    const plan = await typed(`plan deploy -g prod --from ${source('b')} --out plan.json`);
    writeFileSync(file, CONFIG);
    expect(plan).toMatchObject({ code: 0 });
    expect(await typed('apply plan.json --yes')).toMatchObject({ code: 0 });
    expect(pages('shop')).toEqual(['b', 'b', 'b']);
  }, 60_000);
});
