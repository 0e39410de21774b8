import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { loadHostProgram } from '../../src/host/program.js';
import { readFacts } from '../../src/host/reply/facts.js';
import {
  activateStep,
  confirmStep,
  factsStep,
  type Ownership,
  pruneSteps,
  unclaimStep,
} from '../../src/host/steps/steps.js';
import { unitsStep } from '../../src/host/steps/unit-file-step.js';
import type { ReleaseId } from '../../src/model/names.js';
import { activationSteps, claim, deploy, ownership, revert, WATCH } from './support/deploy.js';
import { createFakeHost, type FakeHost, SERVICE, SHELLS } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';

const one = fakeRelease(1);
const two = fakeRelease(2);

let host: FakeHost;
afterEach(() => host.stop());

const folder = (): string => join(host.dir, 'etc/systemd/system');
const fileOf = (name = 'shop.service'): string => join(folder(), name);
const installed = (name = 'shop.service'): string | null =>
  existsSync(fileOf(name)) ? readFileSync(fileOf(name), 'utf8') : null;
const text = (what: string): string =>
  `[Service]\n# it's "${what}" $(id) %% \\x\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n`;

const units = (by: Ownership, id: ReleaseId, ...files: readonly (readonly [string, string])[]) =>
  unitsStep(by, id, {
    scope: 'system',
    files: files.map(([name, content]) => ({ name, text: content, hosts: [], before: null })),
  });

/** A host that runs release one, with the unit file that someone else has installed, or none. */
async function begin(before: string | null, shell?: (typeof SHELLS)[number]): Promise<void> {
  host = createFakeHost(shell);
  // The tests' own systemd would be asked.
  host.tool('systemd-analyze', '#!/bin/sh\nexit 0\n');
  host.unit('shop.service', { cwd: join(host.root, 'current') });
  mkdirSync(folder(), { recursive: true });
  if (before !== null) writeFileSync(fileOf(), before);
  await deploy(host, ownership(1), { from: null, to: one });
}

const by = ownership(2);

async function stageTwo(...files: readonly (readonly [string, string])[]): Promise<void> {
  await host.run([claim(by, one.id)]);
  await host.run([two.stage(by)], two.payload);
  expect(await host.run([units(by, two.id, ...files)])).toMatchObject({ kind: 'ok' });
}

const activate = () => host.run(activationSteps(by, one.id, two.id));

const kept = (): readonly string[] => readdirSync(join(host.root, '.fleet/units')).sort();

describe.each(SHELLS)('a unit file of a release, in %s', (shell) => {
  test('is installed when the release is activated, and not before', async () => {
    await begin('old\n', shell);
    await stageTwo(['shop.service', text('two')]);
    expect(installed()).toBe('old\n');
    expect(await activate()).toMatchObject({ kind: 'ok' });
    expect(installed()).toBe(text('two'));
    expect(host.actions().slice(-2)).toEqual(['daemon-reload', 'restart shop.service']);
    expect(readdirSync(folder())).toEqual(['shop.service']);
  });

  test('goes back with the release, byte for byte, and the unit is restarted by it', async () => {
    await begin('old without an end', shell);
    await stageTwo(['shop.service', text('two')]);
    await activate();
    expect(await host.run([revert(by), unclaimStep(by)])).toMatchObject({ kind: 'ok' });
    expect(installed()).toBe('old without an end');
    expect(host.actions().slice(-2)).toEqual(['daemon-reload', 'restart shop.service']);
    expect(host.state()).toMatchObject({ phase: 'idle' });
  });
});

describe('a unit file of a release', () => {
  test('goes back when the automatic rollback timer fires', async () => {
    await begin('old\n');
    await stageTwo(['shop.service', text('two')]);
    await activate();
    const program = join(host.root, '.fleet/bin', loadHostProgram().sha256);
    const words = [program, 'step', 'revert', `root=${host.root}`, `txn=${by.txn}`, 'guard=1'];
    expect(spawnSync(join(host.dir, 'bin/sh'), words, { env: host.env }).status).toBe(0);
    expect(installed()).toBe('old\n');
    expect(host.current()).toBe(`releases/${one.id}`);
  });

  test('goes back at boot, before the unit starts', async () => {
    await begin('old\n');
    await stageTwo(['shop.service', text('two')]);
    await activate();
    const state = join(host.root, '.fleet/state');
    writeFileSync(state, `${readFileSync(state, 'utf8')}boot=another\n`);
    expect(await host.run([{ verb: 'guard', args: [] }])).toMatchObject({ kind: 'ok' });
    expect(installed()).toBe('old\n');
    expect(host.current()).toBe(`releases/${one.id}`);
  });

  test('that fleet brought is stopped, disabled and deleted where none was before', async () => {
    await begin('old\n');
    host.unit('more.service', { cwd: join(host.root, 'current') });
    await stageTwo(['shop.service', 'old\n'], ['more.service', text('more')]);
    const watch = { ...WATCH, service: { ...SERVICE, units: ['shop.service', 'more.service'] } };
    expect(await host.run(activationSteps(by, one.id, two.id, watch))).toMatchObject({
      kind: 'ok',
    });
    expect(host.actions()).toContain('enable more.service');
    expect(host.cwd('more.service')).toContain(two.id);
    expect(await host.run([revert(by, watch)])).toMatchObject({ kind: 'ok' });
    expect(installed('more.service')).toBeNull();
    expect(installed()).toBe('old\n');
    expect(host.actions()).toEqual(
      expect.arrayContaining(['stop more.service', 'disable more.service']),
    );
    expect(host.cwd('more.service')).toBeNull();
    expect(host.cwd('shop.service')).toContain(one.id);
  });

  test('that was there before is never deleted, and is what a later rollback installs', async () => {
    await begin('old\n');
    await stageTwo(['shop.service', text('two')]);
    await activate();
    await host.run([confirmStep(by, NOW), unclaimStep(by)]);
    expect(kept()).toEqual(['.back', one.id, two.id].sort());
    const back = ownership(3);
    await host.run([claim(back, two.id)]);
    expect(await host.run(activationSteps(back, two.id, one.id))).toMatchObject({ kind: 'ok' });
    expect(installed()).toBe('old\n');
    await host.run([confirmStep(back, NOW)]);
    await host.run(pruneSteps(back, [two.id]));
    expect(kept()).toContain(two.id);
  });

  test('waits until the activation: a release that is deployed again keeps its own until then', async () => {
    await begin('old\n');
    await stageTwo(['shop.service', text('two')]);
    await activate();
    await host.run([confirmStep(by, NOW), unclaimStep(by)]);
    const again = ownership(3);
    await host.run([claim(again, two.id)]);
    await host.run([two.stage(again), units(again, two.id, ['shop.service', text('other')])]);
    await host.run([unclaimStep(again)]);
    const own = join(host.root, '.fleet/units', two.id, 'shop.service');
    expect(readFileSync(own, 'utf8')).toBe(text('two'));
    // A later run that brings none installs what the release had.
    const last = ownership(4);
    await host.run([claim(last, two.id)]);
    expect(await host.run(activationSteps(last, two.id, two.id))).toMatchObject({ kind: 'ok' });
    expect(installed()).toBe(text('two'));
  });

  test('is deleted with its release', async () => {
    await begin('old\n');
    await stageTwo(['shop.service', text('two')]);
    await activate();
    await host.run([confirmStep(by, NOW), unclaimStep(by)]);
    const three = fakeRelease(3);
    await deploy(host, ownership(3), { from: two.id, to: three });
    const next = ownership(4);
    await host.run([claim(next, three.id)]);
    await host.run([unclaimStep(next)]);
    await host.run([claim(ownership(5), three.id)]);
    const steps = [...activationSteps(ownership(5), three.id, two.id)];
    await host.run([...steps, confirmStep(ownership(5), NOW)]);
    await host.run(pruneSteps(ownership(5), [one.id]));
    expect(kept()).not.toContain(one.id);
  });

  test('is not touched where another release has none', async () => {
    await begin('old\n');
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    expect(await activate()).toMatchObject({ kind: 'ok' });
    expect(installed()).toBe('old\n');
    expect(host.actions()).not.toContain('daemon-reload');
  });

  test('that systemd cannot use leaves the link where it was, and goes back', async () => {
    await begin('old\n');
    await stageTwo(['shop.service', text('two')]);
    host.unit('shop.service', { load: 'bad-setting' });
    expect(codeOf(await activate())).toBe('unit_unknown');
    expect(host.current()).toBe(`releases/${one.id}`);
    host.unit('shop.service', { load: 'loaded' });
    expect(await host.run([revert(by)])).toMatchObject({ kind: 'ok' });
    expect(installed()).toBe('old\n');
  });

  test('that systemd-analyze refuses changes nothing', async () => {
    await begin('old\n');
    host.tool(
      'systemd-analyze',
      '#!/bin/sh\nfor last; do :; done\necho "$last:2: Missing \'=\', ignoring line." >&2\necho "shop.service: Command /x is not executable: No such file" >&2\nexit 1\n',
    );
    await host.run([claim(by, one.id)]);
    await host.run([two.stage(by)], two.payload);
    const outcome = await host.run([units(by, two.id, ['shop.service', text('two')])]);
    expect(codeOf(outcome)).toBe('unit_unfit');
    expect(outcome).toMatchObject({
      failure: { message: expect.stringContaining("shop.service:2: Missing '='") },
    });
    expect(kept()).not.toContain(two.id);
  });

  test('whose programs come only with the release is not refused for that', async () => {
    await begin('old\n');
    host.tool(
      'systemd-analyze',
      '#!/bin/sh\necho "shop.service: Command /x is not executable: No such file" >&2\necho "other.service:1: Unknown" >&2\nexit 1\n',
    );
    await stageTwo(['shop.service', text('two')]);
  });

  test('does not replace a link', async () => {
    await begin(null);
    symlinkSync('/dev/null', fileOf());
    await stageTwo(['shop.service', text('two')]);
    expect(codeOf(await activate())).toBe('step_failed');
    expect(host.current()).toBe(`releases/${one.id}`);
  });

  test.each(['../x.service', '.x.service', 'x.conf', 'a b.service', '-x'])(
    'cannot have the name %s',
    async (name) => {
      await begin('old\n');
      await host.run([claim(by, one.id)]);
      expect(codeOf(await host.run([units(by, two.id, [name, 'x\n'])]))).toBe('usage');
    },
  );

  test('is read by facts, with its sum', async () => {
    await begin('[Unit]\n\tDescription=a "b"\n');
    const service = { ...SERVICE, templates: [{ name: 'shop.service', path: '' }] };
    const more = [...service.templates, { name: 'none@.service', path: '' }];
    const step = factsStep({ ...service, templates: more }, [], { releases: false });
    const { events } = await host.run([step]);
    expect(readFacts(events)?.unitFiles).toMatchObject([
      {
        unit: 'shop.service',
        found: 'file',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        lines: ['[Unit]', 'Description=a "b"'],
        lacking: [],
      },
      { unit: 'none@.service', found: 'absent' },
    ]);
  });
});

/** Kills the step before its Nth command, then sends it again, as the engine does. */
describe('a step that is killed while it changes unit files', () => {
  const TOOLS = ['cat', 'cp', 'mv', 'mkdir', 'rm', 'sync', 'tee'];

  function killAt(at: number): void {
    mkdirSync(join(host.dir, 'traps'), { recursive: true });
    writeFileSync(join(host.dir, 'count'), `${at}\n`);
    for (const tool of [...TOOLS, 'systemctl']) {
      const real = tool === 'systemctl' ? join(host.dir, 'bin/systemctl') : `/usr/bin/${tool}`;
      writeFileSync(
        join(host.dir, 'traps', tool),
        `#!/bin/dash\nread -r n <"${host.dir}/count"\necho $((n - 1)) >"${host.dir}/count"\n[ "$n" != 1 ] || kill -9 0\nexec ${real} "$@"\n`,
        { mode: 0o755 },
      );
    }
  }
  const disarm = (): void => rmSync(join(host.dir, 'traps'), { recursive: true, force: true });

  test('has one of the two texts whole at any moment, and is finished by being sent again', async () => {
    for (let at = 1; at < 40; at += 3) {
      await begin('old\n');
      await stageTwo(['shop.service', text('two')]);
      killAt(at);
      await activate();
      disarm();
      expect(['old\n', text('two')]).toContain(installed());
      expect(await activate(), `at ${at}`).toMatchObject({ kind: 'ok' });
      expect(installed()).toBe(text('two'));
      killAt(at);
      await host.run([revert(by)]);
      disarm();
      expect(['old\n', text('two')]).toContain(installed());
      expect(await host.run([revert(by)]), `back at ${at}`).toMatchObject({ kind: 'ok' });
      expect(installed()).toBe('old\n');
      host.stop();
    }
    await begin('old\n');
  }, 120_000);

  test('after which the run is given up puts the file back', async () => {
    await begin('old\n');
    await stageTwo(['shop.service', text('two')]);
    host.unit('shop.service', { load: 'bad-setting' });
    await host.run([...activationSteps(by, one.id, two.id).slice(0, 1), activateStep(by, SERVICE)]);
    expect(installed()).toBe(text('two'));
    host.unit('shop.service', { load: 'loaded' });
    expect(await host.run([unclaimStep(by)])).toMatchObject({ kind: 'ok' });
    expect(installed()).toBe('old\n');
  });
});
