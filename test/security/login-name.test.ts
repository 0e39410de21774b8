import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHostClient } from '../../src/host/client.js';
import { withLogin } from '../../src/host/login.js';
import { loadHostProgram } from '../../src/host/program.js';
import { readFacts } from '../../src/host/reply/facts.js';
import { armStep, factsStep } from '../../src/host/steps/steps.js';
import { claim, deploy, ownership, WATCH } from '../host/support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE, SHELLS } from '../host/support/fake-host.js';
import { fakeRelease } from '../host/support/fake-release.js';
import { localConnection } from '../host/support/local-connection.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const by = ownership(2);

/** The login has uid 1000 and is called deploy; app has 1001. */
const ID = `#!/bin/sh
echo "$*" >>"\${0%/bin/*}/asked"
case $* in
  -u | '-u deploy') echo 1000 ;;
  '-u app') echo 1001 ;;
  '-u root') echo 0 ;;
  -un) echo deploy ;;
  *) exit 1 ;;
esac
`;

/** Allows everything, and has the listing that a test puts there. */
const SUDO = `#!/bin/sh
case $* in
  '-n -l') cat "\${0%/bin/*}/listing" 2>/dev/null ;;
  '-n -l '*) ;;
  -V) echo 'Sudo version 1.9.13p3' ;;
  *) echo "$*" >>"\${0%/bin/*}/sudo-calls"; shift; exec "$@" ;;
esac
`;

let host: FakeHost;
beforeEach(() => {
  host = createFakeHost();
});
afterEach(() => host.stop());

/** A client of the host as its login user sees it, with this LOGNAME. */
function clientOf(user: string, logname: string) {
  host.tool('id', ID);
  host.tool('sudo', SUDO);
  const connect = localConnection({ env: { ...host.env, LOGNAME: logname } });
  return withLogin(
    createHostClient({ connect, root: host.root, program: loadHostProgram() }),
    user,
  );
}

const read = (name: string): string =>
  existsSync(join(host.dir, name)) ? readFileSync(join(host.dir, name), 'utf8') : '';

describe.each([
  ['deploy', 'deploy', 'deploy'],
  // What .bashrc or sshd's environment may say counts for nothing.
  ['deploy', 'root', 'deploy'],
  ['deploy', '', 'deploy'],
  // A login that is forced to be another user: it goes by its number, which no line of sudoers has.
  ['app', 'deploy', '1000'],
  ['root', 'deploy', '1000'],
  ['DOM\\deploy', 'DOM\\deploy', '1000'],
])('a login that the inventory calls %s, with LOGNAME %j', (user, logname, uid) => {
  test(`arms its timer as ${uid}, the first word of all`, async () => {
    host.unit('shop.service', { cwd: join(host.root, 'current') });
    await deploy(host, ownership(1), { from: null, to: one });
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    const move = {
      from: one.id,
      to: two.id,
      version: '{}',
      deadMan: 'system',
      withinMs: 60_000,
    } as const;
    const outcome = await clientOf(user, logname).run([armStep(by, move, WATCH)], {
      timeoutMs: 10_000,
    });
    expect(outcome.kind).toBe('ok');
    const call = read('sudo-calls')
      .split('\n')
      .find((line) => line.includes('systemd-run'));
    expect(call).toMatch(
      new RegExp(`^-n systemd-run --uid=${uid} --quiet --collect --unit=fleet-`),
    );
    expect(call?.match(/--uid/g)).toHaveLength(1);
  });
});

async function factsOf(options: Partial<Parameters<typeof factsStep>[2]>, logname = 'deploy') {
  const step = factsStep(SERVICE, [], { releases: false, tiers: true, ...options });
  const outcome = await clientOf('deploy', logname).run([step], { timeoutMs: 10_000 });
  return readFacts(outcome.events);
}

test('doctor learns from the system who is logged in, not from LOGNAME', async () => {
  expect(await factsOf({ doctor: true }, 'root')).toMatchObject({ user: 'deploy', uid: 1000 });
});

test('a run asks for no name, which would cost a process', async () => {
  expect((await factsOf({}))?.user).toBeNull();
  expect(
    read('asked')
      .split('\n')
      .filter((line) => line !== '-u' && line !== ''),
  ).toEqual([]);
});

const OLD = `/usr/bin/systemd-run ^--quiet --collect --unit=fleet-[A-Za-z0-9._-]+ --uid=1000
        --on-active=[0-9]+ms /bin/sh /opt/shop/\\.fleet/bin/[0-9a-f]+ guard=1$`;
const NEW =
  '^/(usr/)?bin/systemd-run$ ^--uid=deploy --quiet\n        --collect --unit=fleet-[A-Za-z0-9._-]+ guard=1$';

// busybox takes its own id, so that root is root there.
describe.each(SHELLS.filter((shell) => shell !== 'busybox'))(
  'what sudo lists, read in %s,',
  (shell) => {
    test.each([
      ['nothing', '', false],
      ['all', '(ALL) NOPASSWD: ALL', false],
      ['the line of today', `(root) NOPASSWD: ${NEW}`, false],
      ['an old line', `(root) NOPASSWD: ${OLD}`, true],
      [
        'an old line of another app',
        `(root) NOPASSWD: ${OLD.replace('/opt/shop', '/opt/other')}`,
        true,
      ],
      ['an old line beside all', `(ALL) ALL\n    (root) NOPASSWD: ${OLD}`, true],
      ['both', `(root) NOPASSWD: ${NEW}, ${OLD}`, true],
      ['both, the other way round', `(root) NOPASSWD: ${OLD}\n    (root) NOPASSWD: ${NEW}`, true],
      ['another user', `(root) NOPASSWD: ${NEW.replace('deploy', '0')}`, true],
      ['any arguments', '(root) NOPASSWD: /usr/bin/systemd-run *', true],
      ['any arguments, at the end', '(root) NOPASSWD: /usr/bin/systemd-run', true],
      ['any arguments, among others', '(root) NOPASSWD: /usr/bin/systemd-run, /usr/bin/true', true],
      ['a line that forbids it', '(root) ALL, !/usr/bin/systemd-run', false],
      ['the service', '(root) NOPASSWD: /usr/bin/systemctl restart shop.service', false],
    ])('%s', async (_, line, unsafe) => {
      host.stop();
      host = createFakeHost(shell);
      appendFileSync(join(host.dir, 'listing'), `User deploy may run:\n    ${line}\n`);
      expect((await factsOf({ doctor: true }))?.unsafeTimer).toBe(unsafe);
    });
  },
);
