import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { installCommand, runCommand, serveCommand } from '../../src/host/command.js';
import { loadHostProgram } from '../../src/host/program.js';
import { createFakeHost, type FakeHost } from '../host/support/fake-host.js';

/** Only root can play the other users. */
const isRoot = process.getuid?.() === 0;
const program = loadHostProgram();

let host: FakeHost;
afterEach(() => host.stop());

const inRoot = (path: string): string => join(host.root, path);

describe.runIf(isRoot)('a program that another user put in the place of ours', () => {
  const steps = [{ verb: 'facts', args: [] }] as const;
  const [login, app] = [1500, 1600];
  const by = (uid: number, command: string, input = '') =>
    spawnSync(
      'setpriv',
      [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '/bin/sh', '-c', command],
      {
        env: host.env,
        input,
        encoding: 'utf8',
      },
    );
  /** `/opt/shop` as `deploy:appuser 2775`, so that the app may write there. */
  const opened = async (): Promise<string> => {
    host = createFakeHost();
    chmodSync(host.dir, 0o755);
    mkdirSync(host.root);
    chownSync(host.root, login, app);
    chmodSync(host.root, 0o2775);
    return `echo ran >${host.dir}/ran-$(id -u)`;
  };
  const ran = (): boolean => existsSync(join(host.dir, `ran-${login}`));
  const commands = (): readonly string[] => [
    runCommand(program, host.root, steps),
    serveCommand(program, host.root, { id: 1, words: ['step', 'facts', `root=${host.root}`] }),
    installCommand(program, host.root, steps),
  ];

  test.each([
    ['a file of its own', ''],
    ['a link to a file of the login', 'link'],
    ['a folder of its own with a file of the login in it', 'given'],
  ])('is not run: %s', async (_, how) => {
    const evil = await opened();
    chmodSync(host.dir, 0o777);
    const bin = `${host.root}/.fleet/bin`;
    by(login, `echo '${evil}' >${host.dir}/evil; chmod 755 ${host.dir}/evil`);
    by(app, `umask ${how === 'given' ? '000' : '022'}; mkdir -p ${bin}`);
    const path = `${bin}/${program.sha256}`;
    if (how === 'link') by(app, `ln -s ${host.dir}/evil ${path}`);
    else if (how === 'given') by(login, `cp ${host.dir}/evil ${path}`);
    else by(app, `echo '${evil}' >${path}; chmod 755 ${path}`);
    expect(existsSync(path)).toBe(true);
    for (const command of commands()) by(login, command, program.text);
    expect(ran()).toBe(false);
  });

  test('is not run where a default ACL or chmod -R made ours writable', async () => {
    await opened();
    expect(by(login, installCommand(program, host.root, steps), program.text).status).toBe(0);
    spawnSync('chmod', ['g+w', inRoot(`.fleet/bin/${program.sha256}`)]);
    expect(by(login, runCommand(program, host.root, steps)).status).toBe(69);
    spawnSync('chmod', ['g-w', inRoot(`.fleet/bin/${program.sha256}`)]);
    expect(by(login, runCommand(program, host.root, steps)).status).toBe(0);
    spawnSync('chmod', ['g+w', inRoot('.fleet/bin')]);
    expect(by(login, runCommand(program, host.root, steps)).status).toBe(69);
    expect(by(login, installCommand(program, host.root, steps), program.text).status).toBe(72);
  });

  test('does not have ours written through a link of its own', async () => {
    await opened();
    by(app, `mkdir -p ${host.dir}/x; mkdir -m 777 ${host.root}/.fleet ${host.root}/.fleet/bin`);
    expect(by(login, installCommand(program, host.root, steps), program.text).status).toBe(72);
    expect(existsSync(inRoot(`.fleet/bin/${program.sha256}`))).toBe(false);
  });
});
