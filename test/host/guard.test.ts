import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHostClient } from '../../src/host/client.js';
import { guardHead, guardUnit } from '../../src/host/guard-unit.js';
import { loadHostProgram } from '../../src/host/program.js';
import type { Step } from '../../src/host/protocol/protocol.js';
import { readFacts } from '../../src/host/reply/facts.js';
import { installGuardStep, removeGuardStep } from '../../src/host/steps/guard-steps.js';
import { factsStep } from '../../src/host/steps/steps.js';
import { activationSteps, claim, deploy, ownership } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE, SHELLS } from './support/fake-host.js';
import { fakeRelease } from './support/fake-release.js';
import { localConnection } from './support/local-connection.js';
import { codeOf } from './support/refused-step.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const app = { name: 'shop', service: SERVICE };

let host: FakeHost;
/** As the command sends it: the tests' login is root. */
let install: Step;

const textFor = (service = SERVICE, root = host.root, user = 'root') => {
  const unit = guardUnit({ ...app, service, root }, user);
  if (unit.kind === 'none') throw new Error(unit.why);
  return unit.lines;
};
const asking = (step: Step, login: string): Step => ({
  ...step,
  args: [...step.args, ['login', login]],
});
const installOf = (lines: readonly string[], login = 'root') =>
  asking(installGuardStep(app, lines), login);
const removal = () => removeGuardStep(app, guardHead(host.root, 'root'));

afterEach(() => host.stop());

async function begin(shell?: (typeof SHELLS)[number]): Promise<void> {
  host = createFakeHost(shell);
  install = installOf(textFor());
  host.unit('shop.service', { cwd: join(host.root, 'current') });
  mkdirSync(join(host.dir, 'etc/systemd/system'), { recursive: true });
  await deploy(host, ownership(1), { from: null, to: one });
}

const unitFile = () => join(host.dir, 'etc/systemd/system/fleet-guard-shop.service');
const unitText = () => readFileSync(unitFile(), 'utf8');

async function guarded(service = SERVICE): Promise<boolean | undefined> {
  const { events } = await host.run([factsStep(service, [], { releases: false })]);
  return readFacts(events)?.guard;
}

/** What systemd does with the unit at boot. */
function boot() {
  const [, script = '', root = ''] =
    /^ExecStart=\/bin\/sh -c '([^']*)' fleet-guard (\S+)$/m.exec(unitText()) ?? [];
  const args = ['-c', script.replaceAll('$$', '$'), 'fleet-guard', root];
  return spawnSync(join(host.dir, 'bin/sh'), args, { env: host.env, encoding: 'utf8' });
}

/** Two is linked, and the host went down before anyone confirmed it. */
async function goDown(): Promise<void> {
  const by = ownership(2);
  await host.run([claim(by, one.id)]);
  await host.run([two.stage(by)], two.payload);
  await host.run(activationSteps(by, one.id, two.id));
  appendFileSync(join(host.root, '.fleet/state'), 'boot=an-earlier-one\n');
}

describe.each(SHELLS)('a guard, in %s', (shell) => {
  test('is installed, rolls the host back at its next boot, and is removed', async () => {
    await begin(shell);
    expect(await guarded()).toBe(false);
    expect(codeOf(await host.run([install]))).toBe('ok');
    expect(await guarded()).toBe(true);
    await goDown();
    expect(host.current()).toBe(`releases/${two.id}`);
    expect(boot()).toMatchObject({ status: 0, stdout: expect.stringContaining('"ok":true') });
    expect(host.current()).toBe(`releases/${one.id}`);
    expect(host.state()).toMatchObject({ phase: 'idle', run: 'run2' });
    expect(codeOf(await host.run([removal()]))).toBe('ok');
    expect(existsSync(unitFile())).toBe(false);
    expect(await guarded()).toBe(false);
  });
});

describe('the unit of a guard', () => {
  beforeEach(() => begin());

  test('starts before those of the app, and nothing requires it', async () => {
    await host.run([install]);
    const [first = '', ...lines] = unitText().trim().split('\n');
    expect(first).toBe(`# Written by fleet for ${host.root}`);
    expect(lines.filter((line) => !line.startsWith('ExecStart='))).toEqual([
      '[Unit]',
      'Description=Rolls shop back if the host went down during activation',
      'Before=shop.service',
      'After=nss-user-lookup.target',
      `RequiresMountsFor=${host.root}`,
      '',
      '[Service]',
      'Type=oneshot',
      'RemainAfterExit=yes',
      'User=root',
      'TimeoutStartSec=60',
      '',
      '[Install]',
      'WantedBy=multi-user.target',
    ]);
    expect(host.actions()).toContain('enable fleet-guard-shop.service');
  });

  test('waits for less where the app has a socket, which starts early', async () => {
    const service = { ...SERVICE, units: ['shop.socket', 'shop.service'] };
    await host.run([installOf(textFor(service))]);
    expect(unitText()).toContain('\nBefore=shop.socket shop.service\nDefaultDependencies=no\n');
    expect(unitText()).not.toContain('nss-user-lookup');
  });

  test('is taken note of where an admin has installed it', async () => {
    await host.run([install]);
    rmSync(join(host.root, '.fleet/guard'));
    expect(await guarded()).toBe(false);
    const outcome = await host.run([install]);
    expect(outcome).toMatchObject({ kind: 'ok', replies: [{ repeated: true }] });
    expect(await guarded()).toBe(true);
  });

  test('guards the units that it was installed for, as long as it is there', async () => {
    await host.run([install]);
    expect(await guarded({ ...SERVICE, units: ['other.service'] })).toBe(false);
    rmSync(unitFile());
    expect(await guarded()).toBe(false);
  });

  test('of someone else is neither replaced nor removed', async () => {
    writeFileSync(unitFile(), '# Written by fleet for /opt/elsewhere\n[Unit]\n');
    for (const step of [install, removal()]) {
      expect(await host.run([step])).toMatchObject({
        kind: 'failed',
        failure: { code: 'step_failed', message: expect.stringContaining('/opt/elsewhere') },
      });
    }
    expect(unitText()).toContain('/opt/elsewhere');
  });

  test('is not taken for a user that the login is not, above all not for root', async () => {
    host.tool(
      'id',
      '#!/bin/sh\ncase $*:$1 in -u:-u) echo 1000 ;; *) exec /usr/bin/id "$@" ;; esac\n',
    );
    host.tool('sudo', '#!/bin/sh\nshift\n[ "$1" = -l ] || exec "$@"\n');
    expect(await refusalOf(install)).toMatch(
      /the unit is for user root \(uid 0\), but the login has uid 1000/,
    );
    expect(await refusalOf(installOf(textFor(SERVICE, host.root, 'ghost'), 'ghost'))).toContain(
      'ghost',
    );
    expect(await refusalOf(installOf(textFor(), 'ghost'))).toBe('the unit is not for ghost');
    const two = textFor().flatMap((line) => (line === 'User=root' ? ['User=ghost'] : [line]));
    expect(await refusalOf(installOf(two))).toBe('the unit is not for root');
    expect(existsSync(unitFile())).toBe(false);
  });

  test('succeeds where there is nothing to roll back, or no one to do it', async () => {
    await host.run([install]);
    expect(boot()).toMatchObject({ status: 0, stdout: expect.stringContaining('repeated') });
    const state = join(host.root, '.fleet/state');
    for (const program of ['', 'f'.repeat(64), `../../${'f'.repeat(58)}`, 'abc']) {
      appendFileSync(state, `program=${program}\n`);
      expect(boot(), program).toMatchObject({ status: 0, stdout: '', stderr: '' });
    }
    rmSync(state);
    expect(boot()).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });
});

/** Over a connection of its own: a channel knows its user from its beginning. */
async function refusalOf(step: Step): Promise<string> {
  const connect = localConnection({ env: host.env });
  const client = createHostClient({ connect, root: host.root, program: loadHostProgram() });
  const outcome = await client.run([step], { timeoutMs: 10_000 });
  return outcome.kind === 'failed' ? outcome.failure.message : outcome.kind;
}
