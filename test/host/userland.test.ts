import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadHostProgram } from '../../src/host/program.js';
import { readFacts } from '../../src/host/reply/facts.js';
import { factsStep, renewStep } from '../../src/host/steps/steps.js';
import { claim, deploy, ownership, revert } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE } from './support/fake-host.js';
import { fakeRelease } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';

let host: FakeHost;
beforeEach(() => {
  host = createFakeHost();
  host.unit('shop.service', { cwd: join(host.root, 'current') });
});
afterEach(() => host.stop());

const one = fakeRelease(1);
const two = fakeRelease(2);

/** Programs of the fake host that call an applet of the same name. */
function applets(box: string, names: string): void {
  for (const name of names.split(' ')) {
    rmSync(join(host.dir, 'bin', name), { force: true });
    symlinkSync(`/usr/bin/${box}`, join(host.dir, 'bin', name));
  }
}

/** Two releases one after the other, and the way back of the second. */
async function thereAndBack(): Promise<void> {
  expect(codeOf(await deploy(host, ownership(1), { from: null, to: one }))).toBe('ok');
  expect(codeOf(await deploy(host, ownership(2), { from: one.id, to: two }))).toBe('ok');
  expect(host.current()).toBe(`releases/${two.id}`);
  const by = ownership(3);
  expect(codeOf(await deploy(host, by, { from: two.id, to: one }))).toBe('ok');
  expect(host.current()).toBe(`releases/${one.id}`);
  expect(host.cwd('shop.service')).toBe(join(host.root, 'releases', one.id));
}

test('the program is plain ASCII, since a shell may read it in any locale', () => {
  expect(loadHostProgram().text).toMatch(/^[\t\n\x20-\x7e]*$/);
});

test('a host of toybox alone is deployed to and back', async () => {
  applets(
    'toybox',
    'cat chmod date df flock head id ln ls mkdir mv readlink rm sha256sum sleep sync tar tee timeout wc',
  );
  await thereAndBack();
});

test('a host of busybox alone is deployed to and back', async () => {
  applets(
    'busybox',
    'cat chmod date df gzip head id ln ls mkdir mv readlink rm sha256sum sleep sync tar tee timeout tr wc',
  );
  await thereAndBack();
});

/** As mv of rust coreutils 0.0.30: it follows both links, and knows a link to a file alone. */
const EARLY_MV = `#!/bin/sh
for last; do :; done
for file; do case $file in -*) ;; *) [ "$file" = "$last" ] || from=$file ;; esac; done
[ -e "$from" ] || { echo "mv: cannot stat '$from'" >&2; exit 1; }
if [ -d "$from" ] && [ -L "$from" ]; then echo "mv: Directory not empty" >&2; exit 1; fi
case " $* " in *" -T "*) [ ! -d "$last" ] || exit 1 ;; esac
exec /bin/mv "$@"
`;

test('an mv that moves no link to a folder is deployed with and back', async () => {
  host.tool('mv', EARLY_MV);
  for (const name of ['perl', 'python3']) host.tool(name, '#!/bin/sh\nexit 1\n');
  await thereAndBack();
});

const NO_LINK =
  '#!/bin/sh\ncase "$*" in *current*) echo "mv: odd" >&2; exit 1;; esac\nexec /bin/mv "$@"\n';

test('where mv cannot rename over current, what else renames does it', async () => {
  host.tool('mv', NO_LINK);
  await thereAndBack();
});

test('where nothing renames over current, it stays and the host says why', async () => {
  expect(codeOf(await deploy(host, ownership(1), { from: null, to: one }))).toBe('ok');
  host.tool('mv', NO_LINK);
  for (const name of ['perl', 'python3']) host.tool(name, '#!/bin/sh\nexit 1\n');
  const outcome = await deploy(host, ownership(2), { from: one.id, to: two });
  expect(outcome).toMatchObject({
    failure: { code: 'link_failed', message: expect.stringContaining('mv on this host') },
  });
  expect(host.current()).toBe(`releases/${one.id}`);
  expect(codeOf(await host.run([revert(ownership(2))]))).toBe('ok');
  expect(host.state()).toMatchObject({ phase: 'idle' });
});

test('a link that a killed step has left does not make the root unsafe', async () => {
  await deploy(host, ownership(1), { from: null, to: one });
  symlinkSync('releases/x', join(host.root, '.fleet/current'));
  expect(codeOf(await deploy(host, ownership(2), { from: one.id, to: two }))).toBe('ok');
  expect(lstatSync(join(host.root, 'current')).isSymbolicLink()).toBe(true);
});

const NO_WAIT = `#!/bin/sh
case " $* " in *" -w "*) echo "flock: Unknown option 'w'" >&2; exit 1 ;; esac
exec /usr/bin/flock "$@"
`;

describe('a flock that knows no -w', () => {
  test('locks, and waits for a step that has the lock', async () => {
    await host.run([claim(ownership(1), null)]);
    host.tool('flock', NO_WAIT);
    const lock = join(host.root, '.fleet/lock');
    const holder = spawn('/usr/bin/flock', [lock, 'sh', '-c', 'echo locked; sleep 0.5']);
    await once(holder.stdout, 'data');
    expect(codeOf(await host.run([renewStep(ownership(1), 1000)]))).toBe('ok');
    expect(holder.exitCode).toBe(0);
  });

  test('one that cannot lock at all is not taken for a lock that another step holds', async () => {
    await host.run([claim(ownership(1), null)]);
    host.tool('flock', '#!/bin/sh\necho "flock: 9: No locks available" >&2\nexit 71\n');
    expect(await host.run([renewStep(ownership(1), 1000)])).toMatchObject({
      failure: { code: 'step_failed', message: expect.stringContaining('No locks available') },
    });
  });
});

test('a sleep that knows whole seconds alone is enough', async () => {
  host.tool('sleep', '#!/bin/sh\ncase $1 in 0.*) exit 1 ;; esac\nexec /bin/sleep "$1"\n');
  expect(codeOf(await deploy(host, ownership(1), { from: null, to: one }))).toBe('ok');
});

async function unfit(doctor: boolean): Promise<readonly string[] | undefined> {
  const outcome = await host.run([factsStep(SERVICE, [], { releases: false, doctor })]);
  return readFacts(outcome.events)?.unfitTools;
}

const ODD_TAR =
  '#!/bin/sh\ncase "$*" in *-t*) echo "hrw h == f" ;; *) exec /bin/tar "$@" ;; esac\n';

test('tools are tried at the first contact, and by a doctor', async () => {
  expect(await unfit(false)).toEqual([]);
  host.tool('tar', ODD_TAR);
  host.tool('flock', '#!/bin/sh\nexit 1\n');
  expect(await unfit(false)).toEqual(['tar', 'flock']);
  rmSync(join(host.dir, 'bin/flock'));
  await host.run([claim(ownership(1), null)]);
  expect(await unfit(false)).toEqual([]);
  expect(await unfit(true)).toEqual(['tar']);
});

test('what a login sets for the tools is not theirs', async () => {
  Object.assign(host.env, {
    POSIXLY_CORRECT: '1',
    CDPATH: '/tmp:/',
    ENV: '/nowhere',
    TAR_OPTIONS: '--verbose',
    QUOTING_STYLE: 'c',
    TIME_STYLE: 'full-iso',
    TMPDIR: '/nowhere',
    LC_ALL: 'tr_TR.UTF-8',
    SYSTEMD_LOG_LEVEL: 'debug',
  });
  const seen = join(host.dir, 'seen');
  host.tool('ln', `#!/bin/sh\nexport -p >>${seen}\nexec /bin/ln "$@"\n`);
  await thereAndBack();
  expect(readFileSync(seen, 'utf8')).not.toMatch(/POSIXLY|SYSTEMD_|TMPDIR|CDPATH|tr_TR|TAR_OPT/);
});
