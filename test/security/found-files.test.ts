import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { distrustOf, ownersOf } from '../../src/config/paths/owners.js';
import { loadProject } from '../../src/config/project.js';
import { createBastion } from '../cli/support/fake-context.js';
import { folderOf, person } from '../config/support/inventory-folder.js';
import { refusalOf } from '../config/support/shown.js';

/** Only root can play another user of the bastion. */
const isRoot = process.getuid?.() === 0;
const OTHER = 65_534;

const FLEET = 'app: shop\nroot: /opt/shop\nservice: { unit: shop.service }\n';
const HOSTS = 'groups: { prod: { hosts: [h1] } }\n';
const COMMANDS = [
  'check',
  'check --run-programs',
  'inventory',
  'status -g all',
  'plan deploy -g all',
  'deploy -g all --yes',
  'doctor -g all',
  'recover -g all',
  'history',
];

/** A folder as another user leaves it, with a program that says whether it ran. */
function trap(): {
  readonly dir: string;
  readonly ran: string;
  readonly bastion: ReturnType<typeof createBastion>;
} {
  const bastion = createBastion();
  const { dir } = bastion;
  const ran = join(dir, 'ran');
  mkdirSync(join(dir, 'inventories'));
  writeFileSync(join(dir, 'fleet.yaml'), FLEET);
  const evil = `#!/bin/sh\n: >${ran}\necho '{"all":{"hosts":["h1"]}}'\n`;
  writeFileSync(join(dir, 'inventories/evil'), evil, { mode: 0o777 });
  return { dir, ran, bastion };
}

describe.runIf(isRoot)('what another user left is not followed', () => {
  test.each(COMMANDS)('by fleet %s', async (words) => {
    const { dir, ran, bastion } = trap();
    for (const path of ['fleet.yaml', 'inventories', 'inventories/evil']) {
      chownSync(join(dir, path), OTHER, OTHER);
    }
    const { code, stderr } = await bastion.fleet(...words.split(' '));
    expect(stderr).toContain('belongs to nobody');
    expect(stderr).toContain(`-c ${join(dir, 'fleet.yaml')}`);
    expect(code).toBe(2);
    expect(existsSync(ran)).toBe(false);
  });

  test('also where the config is named, as far as a program goes', async () => {
    const { dir, ran, bastion } = trap();
    for (const path of ['fleet.yaml', 'inventories', 'inventories/evil']) {
      chownSync(join(dir, path), OTHER, OTHER);
    }
    const named = ['-c', join(dir, 'fleet.yaml')];
    for (const more of [
      [],
      ['-i', join(dir, 'inventories')],
      ['-i', join(dir, 'inventories/evil')],
    ]) {
      const { code, stderr } = await bastion.fleet('inventory', ...named, ...more);
      expect({ code, stderr }).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('runs an inventory program only if'),
      });
    }
    expect(existsSync(ran)).toBe(false);
  });
});

describe('a file that was found', () => {
  const project = async () => {
    const cwd = await folderOf({ 'fleet.yaml': FLEET, 'inventories/a.yaml': HOSTS });
    return { ...person, cwd };
  };
  const codeOf = async (request: Parameters<typeof loadProject>[0]): Promise<string> =>
    loadProject(request).then(
      () => 'ok',
      (error: { code: string }) => error.code,
    );

  test.each([
    ['fleet.yaml', 0o666],
    ['fleet.yaml', 0o646],
    ['inventories', 0o777],
    ['inventories', 0o1777],
    ['inventories/a.yaml', 0o666],
    ['.', 0o777],
  ])('%s is refused with mode %o', async (path, mode) => {
    const request = await project();
    chmodSync(join(request.cwd, path), mode);
    expect(await codeOf(request)).toBe('untrusted_file');
    chmodSync(join(request.cwd, path), mode & 0o755);
    expect(await codeOf(request)).toBe('ok');
  });

  test('is accepted below a folder like /tmp', async () => {
    const request = await project();
    const below = join(request.cwd, 'below');
    mkdirSync(below);
    for (const name of ['fleet.yaml', 'inventories']) {
      renameSync(join(request.cwd, name), join(below, name));
    }
    chmodSync(request.cwd, 0o1777);
    expect(await codeOf({ ...request, cwd: below })).toBe('ok');
    chmodSync(request.cwd, 0o777);
    expect(await codeOf({ ...request, cwd: below })).toBe('untrusted_file');
  });

  test('is named, with what is wrong and how to trust it', async () => {
    const request = await project();
    chmodSync(join(request.cwd, 'fleet.yaml'), 0o666);
    const refusal = await refusalOf(() => loadProject(request));
    expect(refusal.message).toMatch(
      /written .*fleet\.yaml: every user may write it \(mode 0666\)$/,
    );
    expect(refusal.hint).toBe(`if you trust it: -c ${join(request.cwd, 'fleet.yaml')}`);
  });

  test('may be named instead', async () => {
    const request = await project();
    chmodSync(join(request.cwd, 'fleet.yaml'), 0o666);
    chmodSync(join(request.cwd, 'inventories'), 0o777);
    expect(await codeOf({ ...request, configFile: 'fleet.yaml' })).toBe('untrusted_file');
    const paths = ['inventories'];
    expect(await codeOf({ ...request, configFile: 'fleet.yaml', inventoryPaths: paths })).toBe(
      'ok',
    );
  });

  test.runIf(isRoot)('that is a link is judged by its whole path too', async () => {
    const request = await project();
    const open = join(request.cwd, 'open');
    mkdirSync(open);
    renameSync(join(request.cwd, 'fleet.yaml'), join(request.cwd, 'real.yaml'));
    symlinkSync('../real.yaml', join(open, 'hop'));
    symlinkSync('open/hop', join(request.cwd, 'fleet.yaml'));
    expect(await codeOf(request)).toBe('ok');
    chmodSync(open, 0o777);
    expect(await codeOf(request)).toBe('untrusted_file');
  });

  test.runIf(isRoot)('of the user who called sudo is accepted, as git does', async () => {
    const request = await project();
    for (const path of ['.', 'fleet.yaml', 'inventories', 'inventories/a.yaml']) {
      chownSync(join(request.cwd, path), 1, 1);
    }
    expect(await codeOf(request)).toBe('untrusted_file');
    expect(await codeOf({ ...request, env: { SUDO_UID: '1' } })).toBe('ok');
    expect(await codeOf({ ...request, env: { SUDO_UID: '2' } })).toBe('untrusted_file');
    expect(await codeOf({ ...request, env: { SUDO_UID: 'x' } })).toBe('untrusted_file');
  });

  test.runIf(isRoot)('beside a named config may be of its owner, and of no one else', async () => {
    const request = { ...(await project()), configFile: 'fleet.yaml' };
    for (const path of ['.', 'fleet.yaml', 'inventories', 'inventories/a.yaml']) {
      chownSync(join(request.cwd, path), 1, 1);
    }
    expect(await codeOf(request)).toBe('ok');
    chownSync(join(request.cwd, 'inventories/a.yaml'), 2, 2);
    expect(await codeOf(request)).toBe('untrusted_file');
  });

  test.runIf(isRoot)('may be written by a group that only its owner is in', async () => {
    const cwd = await folderOf({ 'fleet.yaml': FLEET });
    const file = join(cwd, 'fleet.yaml');
    chmodSync(file, 0o664);
    // root:root, daemon:daemon: each a group of the user's own name.
    expect(await distrustOf(file, ownersOf({}))).toBeNull();
    chownSync(file, 0, 1);
    expect(await distrustOf(file, ownersOf({}))).toMatchObject({
      path: file,
      reason: 'group daemon may write it (mode 0664)',
    });
  });
});

describe('a check', () => {
  test('runs no inventory program without the flag for it, and says so', async () => {
    const { dir, ran, bastion } = trap();
    const first = await bastion.fleet('check');
    expect(first.code).toBe(0);
    expect(first.stdout).toContain('not read: inventories/evil, a program');
    expect(first.stdout).toContain('--run-programs');
    const json = JSON.parse((await bastion.fleet('check', '--json')).stdout);
    expect(json).toMatchObject({ ok: true, unread: ['inventories/evil, a program'] });
    expect(existsSync(ran)).toBe(false);
    writeFileSync(join(dir, 'inventories/a.yaml'), 'groups: { prod: { children: [from-evil] } }\n');
    expect((await bastion.fleet('check')).code).toBe(0);
    const told = await bastion.fleet('check', '--run-programs');
    expect(told.stderr).toContain('from-evil');
    expect(existsSync(ran)).toBe(true);
  });

  test('has ssh run nothing by Match exec, named by config_file or included', async () => {
    const bastion = createBastion();
    const ran = join(bastion.dir, 'ran');
    const files = {
      'fleet.yaml': FLEET,
      'inventories/a.yaml':
        'ssh: { config_file: ../ssh_config }\ngroups: { prod: { hosts: [h1] } }\n',
      ssh_config: `Host h1\n  User me\nInclude ${bastion.dir}/more\n`,
      more: `Match exec "touch ${ran}"\n  Port 23\n`,
    };
    mkdirSync(join(bastion.dir, 'inventories'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(bastion.dir, name), text);
    const { code, stdout } = await bastion.fleet('check');
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('more:1') });
    expect(existsSync(ran)).toBe(false);
    expect((await bastion.fleet('check', '--run-programs')).code).toBe(0);
    expect(existsSync(ran)).toBe(true);
  });
});

describe('an ssh_config that is named', () => {
  test.each(['ssh_config', 'more'])('is not read where others may write %s', async (name) => {
    const bastion = createBastion();
    const ran = join(bastion.dir, 'ran');
    const exec = `Match exec "touch ${ran}"\n  Port 23\n`;
    mkdirSync(join(bastion.dir, 'inventories'));
    const files = {
      'fleet.yaml': FLEET,
      'inventories/a.yaml':
        'ssh: { config_file: ../ssh_config }\ngroups: { prod: { hosts: [h1] } }\n',
      ssh_config: `Host h1\n  User me\nInclude ${bastion.dir}/more\n${exec}`,
      more: exec,
    };
    for (const [path, text] of Object.entries(files)) writeFileSync(join(bastion.dir, path), text);
    chmodSync(join(bastion.dir, name), 0o666);
    const { code, stderr } = await bastion.fleet('inventory');
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('every user may write it'),
    });
    expect(existsSync(ran)).toBe(false);
  });
});

test.runIf(isRoot)('the state folder of another user is refused', async () => {
  const bastion = createBastion();
  writeFileSync(join(bastion.dir, 'fleet.yaml'), FLEET);
  mkdirSync(join(bastion.dir, 'state'));
  expect((await bastion.fleet('history')).code).toBe(0);
  chmodSync(join(bastion.dir, 'state'), 0o777);
  const { code, stderr } = await bastion.fleet('history');
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('every user'),
  });
  chmodSync(join(bastion.dir, 'state'), 0o700);
  chownSync(join(bastion.dir, 'state'), OTHER, OTHER);
  expect((await bastion.fleet('history')).stderr).toContain('belongs to nobody');
});

test('an executable file that is neither a script nor a binary is no inventory program', async () => {
  const cwd = await folderOf({
    'fleet.yaml': FLEET,
    'inventories/a.yaml': HOSTS,
    'inventories/README': 'touch ran; exit 1\n',
    'inventories/hosts.bak': 'h2\n',
  });
  for (const name of ['README', 'hosts.bak', 'a.yaml']) {
    chmodSync(join(cwd, 'inventories', name), 0o755);
  }
  const { inventory } = await loadProject({ ...person, cwd });
  expect(inventory.hosts.map(({ name }) => name)).toEqual(['h1']);
});
