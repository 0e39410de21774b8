import { spawnSync } from 'node:child_process';
import { lchownSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { UnitReading } from '../../src/host/protocol/protocol.js';
import { readProbe, readStatus } from '../../src/host/reply/facts.js';
import { probeStep, statusStep } from '../../src/host/steps/steps.js';
import type { ReleaseId } from '../../src/model/names.js';
import type { Service } from '../../src/model/runs/app.js';
import { activationSteps, claim, deploy, ownership, revert, WATCH } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE } from './support/fake-host.js';
import { fakeRelease } from './support/fake-release.js';

const one = fakeRelease(1);
const two = fakeRelease(2);

let host: FakeHost;
/** A host on `one` whose process tells nothing of it: cwd and exe lie elsewhere, as those of another user do. */
beforeEach(async () => {
  host = createFakeHost();
  host.unit('shop.service', { cwd: '/' });
  expect((await deploy(host, ownership(1), { from: null, to: one })).kind).toBe('ok');
  await host.run([claim(ownership(2), one.id)]);
  await host.run([two.stage(ownership(2))], two.payload);
});
afterEach(() => host.stop());

const systemctl = (...args: readonly string[]) =>
  spawnSync(join(host.dir, 'bin/systemctl'), args, { env: host.env });

function moveLink(to: ReleaseId): void {
  rmSync(join(host.root, 'current'));
  symlinkSync(`releases/${to}`, join(host.root, 'current'));
}

async function look(service: Service = SERVICE): Promise<UnitReading> {
  const outcome = await host.run([statusStep(service)]);
  const [unit] = readStatus(outcome.events)?.units ?? [];
  if (unit === undefined) throw new Error('the unit was not read');
  return unit;
}

/** Ages in seconds, as stat(1) tells them beside the present. */
interface Ages {
  readonly made: number;
  readonly moved?: number;
  readonly invocation?: number;
}

/** A stat that tells these times, to whole seconds as some do. */
function stamp({ made, moved = made, invocation }: Ages): void {
  const now = Math.floor(Date.now() / 1000);
  const line = (m: number, c: number, name: string) =>
    `${now - m}|2026-01-01 00:00:00.000 +0100|${now - c}|2026-01-01 00:00:00|${name}`;
  const told = [
    line(0, 0, '/proc/self/'),
    line(made, moved, `${host.root}/current`),
    ...(invocation === undefined
      ? []
      : [line(invocation, invocation, '/run/systemd/units/invocation:shop.service')]),
  ];
  host.tool('stat', `#!/bin/sh\ncat <<'END'\n${told.join('\n')}\nEND\n`);
}

/** Unit and process as systemctl shows them where /proc does not: started so many seconds ago. */
function hideProcess(age: number): void {
  const up = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  const shown = {
    LoadState: 'loaded',
    ActiveState: 'active',
    SubState: 'running',
    Type: 'simple',
    MainPID: 4_194_304,
    InvocationID: 'ab12',
    ExecMainStartTimestampMonotonic: Math.round((up - age) * 1e6),
  };
  const lines = Object.entries(shown).map(([key, value]) => `${key}=${value}`);
  host.tool('systemctl', `#!/bin/sh\ncat <<'END'\n${lines.join('\n')}\nEND\n`);
}

describe('a process that tells nothing of itself', () => {
  test('runs what fleet verified it on, for as long as it is that very process', async () => {
    const verified = { serving: one.id, servingBy: 'record', pending: false, restarted: false };
    expect(await look()).toMatchObject(verified);
    moveLink(two.id);
    expect(await look()).toMatchObject({ ...verified, pending: true });
    moveLink(one.id);
    expect(await look()).toMatchObject(verified);
  });

  test('runs what a way back has verified it on', async () => {
    await host.run(activationSteps(ownership(2), one.id, two.id));
    expect(await look()).toMatchObject({ serving: two.id, servingBy: 'record' });
    await host.run([revert(ownership(2))]);
    expect(await look()).toMatchObject({ serving: one.id, servingBy: 'record' });
  });

  test('runs what the link names, if it was started after the link was moved', async () => {
    moveLink(two.id);
    systemctl('restart', 'shop.service');
    const found = { serving: two.id, servingBy: 'start-time', pending: false, restarted: true };
    expect(await look()).toMatchObject(found);
  });

  test('waits for a restart if it was started before, and what it runs is not guessed', async () => {
    systemctl('restart', 'shop.service');
    stamp({ made: -5 });
    moveLink(two.id);
    expect(await look()).toMatchObject({ serving: null, servingBy: null, pending: true });
  });

  test('is not known where the link was only given to another owner since', async () => {
    systemctl('restart', 'shop.service');
    stamp({ made: 100, moved: -5 });
    lchownSync(join(host.root, 'current'), process.getuid?.() ?? 0, process.getgid?.() ?? 0);
    expect(await look()).toMatchObject({ serving: null, pending: false, restarted: true });
  });

  test('is not known where the clock was set between the two, one way or the other', async () => {
    systemctl('restart', 'shop.service');
    stamp({ made: 100, invocation: 200 });
    expect(await look()).toMatchObject({ serving: null, pending: false });
    stamp({ made: -100, invocation: -200 });
    expect(await look()).toMatchObject({ serving: null, pending: false });
  });

  test('is not known where stat is not there', async () => {
    systemctl('restart', 'shop.service');
    host.tool('stat', '#!/bin/sh\nexit 127\n');
    expect(await look()).toMatchObject({ serving: null, servingBy: null, pending: false });
  });

  test('is never behind with a reload, which starts none', async () => {
    moveLink(two.id);
    systemctl('restart', 'shop.service');
    stamp({ made: -5 });
    const reload = { ...SERVICE, action: 'reload' } as const;
    expect(await look(reload)).toMatchObject({ serving: null, pending: false });
  });
});

describe('a process that /proc hides', () => {
  test.each([
    ['after', 50, { serving: one.id, servingBy: 'start-time', pending: false }],
    ['before', 500, { serving: null, servingBy: null, pending: true }],
  ] as const)('is judged by when systemd has started it: %s the link', async (_, age, found) => {
    hideProcess(age);
    stamp({ made: 200 });
    expect(await look()).toMatchObject(found);
  });

  test('is judged by what systemd leaves at each start of a unit, too', async () => {
    hideProcess(-1000);
    stamp({ made: 200, invocation: 300 });
    expect(await look()).toMatchObject({ serving: null, pending: true });
    stamp({ made: 200, invocation: 100 });
    expect(await look()).toMatchObject({ serving: one.id, servingBy: 'start-time' });
  });
});

describe('a gate', () => {
  const gate = async () =>
    readProbe((await host.run([probeStep(SERVICE, [])])).events) ?? { reason: '' };

  test('notices a link that was moved by hand under the process that was verified', async () => {
    expect(await gate()).toMatchObject({ healthy: true });
    moveLink(two.id);
    expect((await gate()).reason).toBe(`shop.service still runs release ${one.id}`);
  });

  test('does not hold a release against a unit that is only reloaded', async () => {
    moveLink(two.id);
    const reload = { ...SERVICE, action: 'reload' } as const;
    const probe = readProbe((await host.run([probeStep(reload, [])])).events);
    expect(probe).toMatchObject({ healthy: true });
  });
});

describe('a process that a restart has left, and that systemd counts to the new invocation,', () => {
  /** From now on `systemctl restart` leaves the process, under an invocation of its own. */
  function leaveProcess(): void {
    const real = `${host.dir}/bin/systemctl-real`;
    host.tool('systemctl-real', readFileSync(join(host.dir, 'bin/systemctl'), 'utf8'));
    const invocation = join(host.dir, 'units/shop.service/invocation');
    const left = `{ echo $$ >${invocation}; exit 0; }`;
    host.tool('systemctl', `#!/bin/sh\n[ "$1" != restart ] || ${left}\nexec ${real} "$@"\n`);
  }
  const watch = { ...WATCH, healthyDeadlineMs: 500 };
  const by = ownership(2);

  test('is seen by verify', async () => {
    leaveProcess();
    expect(await host.run(activationSteps(by, one.id, two.id, watch))).toMatchObject({
      failure: {
        step: 'verify',
        message: expect.stringContaining('still has the process from before the restart'),
      },
    });
  });

  test('is what a rollback needs, where it has never left the release to go back to', async () => {
    leaveProcess();
    await host.run(activationSteps(by, one.id, two.id, watch));
    expect(await host.run([revert(by, watch)])).toMatchObject({
      kind: 'ok',
      replies: [{ phase: 'idle' }],
    });
  });

  test('is not what a rollback needs, where it runs the release that was bad', async () => {
    await host.run(activationSteps(by, one.id, two.id, watch));
    leaveProcess();
    expect(await host.run([revert(by, watch)])).toMatchObject({ failure: { code: 'host_down' } });
  });
});

describe('what fleet left behind', () => {
  const left = async () => readStatus((await host.run([statusStep(SERVICE)])).events)?.state.left;

  test('is where it has moved the link, whoever has moved it since', async () => {
    expect(await left()).toBe(one.id);
    await host.run(activationSteps(ownership(2), one.id, two.id));
    expect(await left()).toBe(one.id);
    await host.run([revert(ownership(2))]);
    moveLink(two.id);
    expect(await left()).toBe(one.id);
  });
});

test('units that cannot be read are reported, with the words of systemctl', async () => {
  host.tool('systemctl', '#!/bin/sh\necho "Failed to connect to bus: Host is down" >&2\nexit 1\n');
  const outcome = await host.run([statusStep(SERVICE)]);
  expect(readStatus(outcome.events)).toMatchObject({
    units: [],
    unread: [{ what: 'units', why: 'Failed to connect to bus: Host is down' }],
  });
});

test('an answer that leaves a unit out is not one about all of them', async () => {
  host.tool('systemctl', "#!/bin/sh\nprintf '%s\\n' LoadState=loaded ActiveState=active\n");
  const service = { ...SERVICE, units: ['shop.service', 'worker.service'] };
  const outcome = await host.run([statusStep(service)]);
  expect(readStatus(outcome.events)).toMatchObject({
    units: [],
    unread: [{ what: 'units', why: 'systemctl show did not list worker.service' }],
  });
});

test('a state that names another boot and process is no proof', async () => {
  const file = join(host.root, '.fleet/state');
  const state = readFileSync(file, 'utf8');
  writeFileSync(file, state.replaceAll(/(baseline=shop.service:\d+@\d+:)[^:]*/g, '$1other'));
  expect(await look()).toMatchObject({ servingBy: 'start-time', restarted: true });
});
