import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeKeyPair } from '../../src/lab/ssh/key-pair.js';
import { createBastion } from './support/fake-context.js';

const CONFIG = 'app: shop\nroot: /opt/shop\nservice: { unit: shop.service }\n';
const INVENTORY = `ssh: { user: deploy, identity_file: ../key, known_hosts: ../known_hosts }
groups:
  web: { hosts: [ { name: web01, address: 127.0.0.1, port: 1 } ] }
`;

function bastionWith(config: string, inventory: string) {
  const bastion = createBastion();
  mkdirSync(join(bastion.dir, 'inventories'));
  writeFileSync(join(bastion.dir, 'fleet.yaml'), config);
  writeFileSync(join(bastion.dir, 'inventories/prod.yaml'), inventory);
  writeFileSync(join(bastion.dir, 'key'), makeKeyPair().privateKey, { mode: 0o600 });
  return bastion;
}

describe('the command line', () => {
  test('lists every command', async () => {
    const { code, stdout } = await createBastion().fleet('--help');
    expect(code).toBe(0);
    for (const name of [
      'init',
      'check',
      'inventory',
      'deploy',
      'rollback',
      'recover',
      'plan',
      'status',
      'doctor',
      'releases',
      'history',
      'show',
      'exec',
      'lab',
      'schema',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
  });

  test('suggests the command that was meant, and ends with 2', async () => {
    const { code, stderr } = await createBastion().fleet('rolback');
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean rollback?');
  });

  test('refuses a flag it does not know, and a value of the wrong kind', async () => {
    const bastion = createBastion();
    expect(await bastion.fleet('deploy', '--forse')).toMatchObject({ code: 2 });
    expect(await bastion.fleet('deploy', '--forks', '0')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('whole number above 0'),
    });
    expect(await bastion.fleet('deploy', '--output', 'pretty')).toMatchObject({ code: 2 });
  });
});

test('a usage error under --json is one object on stdout', async () => {
  const { code, stdout } = await createBastion().fleet('deploy', '--forks', 'x', '--json');
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, error: { code: 'usage' } });
});

test('--json and --output ndjson are refused together', async () => {
  const flags = ['-g', 'web', '--yes', '--json', '--output', 'ndjson'];
  expect(await createBastion().fleet('deploy', ...flags)).toMatchObject({ code: 2 });
});

describe('setting up', () => {
  test('init writes what check finds valid, and never overwrites', async () => {
    const bastion = createBastion();
    expect(await bastion.fleet('init')).toMatchObject({ code: 0 });
    expect(await bastion.fleet('check')).toMatchObject({ code: 0 });
    const before = readFileSync(join(bastion.dir, 'fleet.yaml'), 'utf8');
    expect(await bastion.fleet('init')).toMatchObject({ code: 2 });
    expect(readFileSync(join(bastion.dir, 'fleet.yaml'), 'utf8')).toBe(before);
  });

  test('check names file, line and column of each mistake', async () => {
    const { fleet } = bastionWith(`${CONFIG}polcy: {}\nprobes: [{ tcp: nine }]\n`, INVENTORY);
    const { code, stderr } = await fleet('check');
    expect(code).toBe(2);
    expect(stderr).toContain('fleet.yaml:4:1');
    expect(stderr).toContain('policy');
    expect(stderr).toContain('fleet.yaml:5:');
  });

  test('without a config says where it looked and how to begin', async () => {
    const { code, stderr } = await createBastion().fleet('check');
    expect(code).toBe(2);
    expect(stderr).toContain('fleet init');
  });

  test('check --json prints one object for a refusal too', async () => {
    const { fleet } = bastionWith('app: [', INVENTORY);
    const { code, stdout } = await fleet('check', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, ok: false });
  });
});

describe('a rollout without a terminal', () => {
  test('is refused without --yes, before anything is read', async () => {
    const { fleet } = createBastion();
    const { code, stderr } = await fleet('deploy', '-g', 'web');
    expect(code).toBe(2);
    expect(stderr).toContain('--yes');
  });

  test('of no group, an unknown group or an empty selection is refused', async () => {
    const { fleet } = bastionWith(CONFIG, INVENTORY);
    const refused = { code: 2, stdout: '' };
    expect(await fleet('deploy', '--yes')).toMatchObject(refused);
    expect(await fleet('deploy', '--yes', '-g', 'wep')).toMatchObject({
      ...refused,
      stderr: expect.stringContaining('web'),
    });
    expect(await fleet('deploy', '--yes', '-g', 'web', '-l', '!web01')).toMatchObject(refused);
  });

  test('over hosts that are down ends with 9 and names them', async () => {
    const { fleet } = bastionWith(CONFIG, INVENTORY);
    const { code, stderr } = await fleet('rollback', '--yes', '-g', 'web');
    expect(code).toBe(9);
    expect(stderr).toContain('web01');
  });

  test('prints its refusal as one object under --json', async () => {
    const { fleet } = bastionWith(CONFIG, INVENTORY);
    const { code, stdout } = await fleet('rollback', '--yes', '--json', '-g', 'web');
    expect(code).toBe(9);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      exitCode: 9,
      error: { code: 'unreachable' },
    });
  });

  test('two names for one address are refused by check', async () => {
    const twin = '{ name: web02, address: 127.0.0.1, port: 1 }';
    const { fleet } = bastionWith(CONFIG, INVENTORY.replace(' ] }', `, ${twin} ] }`));
    const { code, stderr } = await fleet('check');
    expect(code).toBe(2);
    expect(stderr).toContain('web01');
    expect(stderr).toContain('web02');
  });
});

describe('records', () => {
  test('of a bastion without any run are empty, not an error', async () => {
    const { fleet } = bastionWith(CONFIG, INVENTORY);
    expect(await fleet('history')).toMatchObject({ code: 0, stdout: 'No runs yet.\n' });
    expect(await fleet('show', '2026')).toMatchObject({ code: 2 });
  });
});
