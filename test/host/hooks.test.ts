import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startTimeOf } from '../../src/files/process-identity.js';
import type { CallOutcome } from '../../src/host/client.js';
import { type HookOnHost, hookStep } from '../../src/host/steps/hook-step.js';
import { confirmStep, unclaimStep } from '../../src/host/steps/steps.js';
import { activationSteps, claim, deploy, ownership } from './support/deploy.js';
import { ALL_SHELLS, type FakeHost, type Shell } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { hostsAfter } from './support/templates.js';

let host: FakeHost;
afterEach(() => host.stop());

const one = fakeRelease(1);
const two = fakeRelease(2);
const by = ownership(2);

const hookOf = (command: string, change: Partial<HookOnHost> = {}): HookOnHost => ({
  key: 'before_activate-1.1',
  point: 'before_activate',
  work: { kind: 'command', command },
  folder: { kind: 'release', id: two.id },
  timeoutMs: 10_000,
  env: [['FLEET_APP', 'shop']],
  ...change,
});

const hook = (command: string, change: Partial<HookOnHost> = {}) =>
  hookStep(by, hookOf(command, change));

const withOne = hostsAfter(async (template) => {
  await deploy(template, ownership(1), { from: null, to: one });
});

/** A host on release one, with release two staged by the run. */
async function staged(shell?: Shell): Promise<void> {
  host = await withOne(shell);
  expect(await host.run([claim(by, one.id)])).toMatchObject({ kind: 'ok' });
  expect(await host.run([two.stage(by)], two.payload)).toMatchObject({ kind: 'ok' });
}

const notesOf = ({ events }: CallOutcome): readonly string[] =>
  events.flatMap((event) => (event.event === 'note' ? [event.message] : []));

const record = (key = 'before_activate-1.1'): string => join(host.root, '.fleet/hooks/run2', key);

describe.each(ALL_SHELLS)('on a host whose sh is %s', (shell) => {
  test('a hook runs in the release, with its variables, and its lines come as notes', async () => {
    await staged(shell);
    const command = 'pwd -P; echo "$FLEET_APP $FLEET_ROOT"; echo oops >&2; cat; echo end';
    const outcome = await host.run([hook(command)]);
    expect(outcome).toMatchObject({ kind: 'ok', replies: [{ verb: 'hook', ok: true }] });
    const folder = join(host.root, 'releases', two.id);
    expect(notesOf(outcome)).toEqual([folder, `shop ${host.root}`, 'oops', 'end']);
  });

  test('a hook that fails says so with its exit code and its last lines', async () => {
    await staged(shell);
    const outcome = await host.run([hook('echo first; echo last; exit 7')]);
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: { code: 'hook_failed', message: 'exit 7', stderr: ['first', 'last'] },
    });
  });

  test('asked again, the host answers with the recorded end and runs nothing', async () => {
    await staged(shell);
    const count = join(host.dir, 'count');
    const step = hook(`echo ran >>${count}; exit 3`);
    for (const _ of [1, 2]) {
      expect(await host.run([step])).toMatchObject({
        kind: 'failed',
        failure: { code: 'hook_failed', message: 'exit 3' },
      });
    }
    expect(readFileSync(count, 'utf8')).toBe('ran\n');
  });

  test('a hook that takes too long is ended with all that it started', async () => {
    await staged(shell);
    const file = join(host.dir, 'child');
    const command = `sh -c 'echo $$ >${file}; exec sleep 100' & sleep 60`;
    const began = Date.now();
    const outcome = await host.run([hook(command, { timeoutMs: 500 })]);
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: { code: 'hook_failed', message: 'not done after 1 s' },
    });
    expect(Date.now() - began).toBeLessThan(8_000);
    const child = Number(readFileSync(file, 'utf8'));
    expect(child).toBeGreaterThan(1);
    await expect.poll(() => startTimeOf(child)).toBe(null);
  });

  test('what a hook leaves running does not hold the step, even with its output open', async () => {
    await staged(shell);
    const began = Date.now();
    const outcome = await host.run([hook('sleep 20 & echo started; exit 3')]);
    expect(outcome).toMatchObject({ failure: { message: 'exit 3', stderr: ['started'] } });
    expect(notesOf(outcome)).toEqual(['started']);
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  test('much output neither floods the channel nor fills the disk, and its end is kept', async () => {
    await staged(shell);
    const command =
      'dd if=/dev/zero bs=1024 count=50000 2>/dev/null | tr "\\0" x; echo; echo bye; exit 1';
    const outcome = await host.run([hook(command)]);
    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'hook_failed' } });
    expect(outcome.kind === 'failed' && outcome.failure.stderr?.at(-1)).toBe('bye');
    const kept = readdirSync(join(host.root, '.fleet/hooks/run2')).map(
      (name) => statSync(record(name)).size,
    );
    expect(kept.reduce((sum, size) => sum + size, 0)).toBeLessThan(400_000);
  });
});

test('a hook that was interrupted is never run again in silence', async () => {
  await staged();
  mkdirSync(join(host.root, '.fleet/hooks/run2'), { recursive: true });
  writeFileSync(record(), 'started some-boot\n');
  expect(await host.run([hook('touch ran')])).toMatchObject({
    kind: 'failed',
    failure: { code: 'hook_interrupted' },
  });
  expect(existsSync(join(host.root, 'releases', two.id, 'ran'))).toBe(false);
});

test('a hook that the full disk kept from beginning runs when it is asked for again', async () => {
  await staged();
  expect((await host.run([hook('true', { key: 'before_activate-2.1' })])).kind).toBe('ok');
  host.tool('sync', '#!/bin/sh\nexit 1\n');
  host.tool('df', '#!/bin/sh\necho head\necho "/dev/x 1000 1000 0 100% /"\n');
  expect(await host.run([hook('echo ran')])).toMatchObject({ failure: { code: 'disk_full' } });
  for (const name of ['sync', 'df']) rmSync(join(host.dir, 'bin', name));
  const again = await host.run([hook('echo ran')]);
  expect(again.kind).toBe('ok');
  expect(notesOf(again)).toEqual(['ran']);
});

test('a daemon that a hook leaves behind may go on printing', async () => {
  await staged();
  const file = join(host.dir, 'alive');
  const daemon = `(sleep 2; echo one; echo two; echo "$?" >${file}) & echo started`;
  expect((await host.run([hook(daemon)])).kind).toBe('ok');
  await expect.poll(() => existsSync(file), { timeout: 10_000 }).toBe(true);
});

test('a step that is killed while its hook runs leaves a hook that counts as interrupted', async () => {
  await staged();
  const step = hook('kill -9 "$PPID"');
  expect((await host.run([step])).kind).toBe('lost');
  expect(await host.run([step])).toMatchObject({ failure: { code: 'hook_interrupted' } });
});

test('what a killed step has left of its hook is ended before its fate is told', async () => {
  await staged();
  const file = join(host.dir, 'left');
  const step = hook(`echo $$ >${file}; kill -9 "$PPID"; sleep 60`);
  expect((await host.run([step])).kind).toBe('lost');
  const left = Number(readFileSync(file, 'utf8'));
  expect(startTimeOf(left)).not.toBeNull();
  expect(await host.run([step])).toMatchObject({ failure: { code: 'hook_interrupted' } });
  expect(startTimeOf(left)).toBeNull();
});

test('a repeated call waits for its twin, and has its answer', async () => {
  await staged();
  const count = join(host.dir, 'count');
  const step = hook(`echo ran >>${count}; sleep 1; exit 4`);
  const outcomes = await Promise.all([host.run([step]), host.run([step])]);
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ failure: { code: 'hook_failed', message: 'exit 4' } });
  }
  expect(readFileSync(count, 'utf8')).toBe('ran\n');
});

test('a hook of an older epoch does not run, and one that runs meanwhile still has its end recorded', async () => {
  await staged();
  const slow = host.run([hook('echo begun; sleep 1')]);
  await expect.poll(() => existsSync(record())).toBe(true);
  await host.run([unclaimStep(by)]);
  const next = ownership(3);
  expect((await host.run([claim(next, one.id)])).kind).toBe('ok');
  expect(await slow).toMatchObject({ kind: 'failed', failure: { code: 'fenced' } });
  expect(readFileSync(record(), 'utf8')).toMatch(/^started .*\nended 0\n$/);
  const late = await host.run([hook('touch ran', { key: 'before_activate-2.1' })]);
  expect(late).toMatchObject({ failure: { code: 'fenced' } });
  expect(existsSync(record('before_activate-2.1'))).toBe(false);
});

test('a hook after the activation runs only while the host is verified', async () => {
  await staged();
  const after = (number: number) =>
    hook('true', { key: `after_activate-${number}.t`, point: 'after_activate' });
  const steps = activationSteps(by, one.id, two.id);
  const refused = { failure: { code: 'wrong_phase' } };
  expect(await host.run([after(1)])).toMatchObject(refused);
  await host.run(steps.slice(0, 2));
  expect(await host.run([after(1)])).toMatchObject(refused);
  await host.run(steps.slice(2));
  expect((await host.run([after(1)])).kind).toBe('ok');
  await host.run([confirmStep(by, NOW)]);
  expect(await host.run([after(2)])).toMatchObject(refused);
});

test('a hook at the end runs after the lock was given up, and not once another run had the host', async () => {
  await staged();
  await host.run([unclaimStep(by)]);
  const end = { key: 'after_run-1.1', point: 'after_run', folder: { kind: 'current' } } as const;
  const outcome = await host.run([hook('pwd -P', end)]);
  expect(notesOf(outcome)).toEqual([join(host.root, 'releases', one.id)]);
  await host.run([claim(ownership(3), one.id), unclaimStep(ownership(3))]);
  const late = await host.run([hook('pwd', { ...end, key: 'after_run-1.2' })]);
  expect(late).toMatchObject({ failure: { code: 'fenced' } });
});

test('a script of a release that does not have it is passed over, and one that has it runs', async () => {
  await staged();
  const script = { kind: 'script', path: 'rollback.sh' } as const;
  const missing = await host.run([hook('', { work: script })]);
  expect(missing.kind).toBe('ok');
  expect(notesOf(missing)).toEqual(['no rollback.sh in this release']);
  writeFileSync(join(host.root, 'releases', two.id, 'rollback.sh'), 'echo back; exit 5\n');
  const found = await host.run([hook('', { key: 'before_activate-script.2', work: script })]);
  expect(notesOf(found)).toEqual(['back']);
  expect(found).toMatchObject({ failure: { message: 'exit 5' } });
});

test('records of old runs are deleted', async () => {
  await staged();
  const folder = join(host.root, '.fleet/hooks');
  for (let run = 10; run < 30; run += 1) mkdirSync(join(folder, `old${run}`), { recursive: true });
  expect((await host.run([hook('true')])).kind).toBe('ok');
  expect(readdirSync(folder)).toEqual([
    ...Array.from({ length: 9 }, (_, index) => `old${21 + index}`),
    'run2',
  ]);
});

test('only variables of fleet can be set, to one line of any text', async () => {
  await staged();
  const value = `O'Neil "x" $(id) Jörg \\n`;
  const shown = await host.run([
    hook('printf "%s\\n" "$FLEET_REASON"', { env: [['FLEET_REASON', value]] }),
  ]);
  expect(notesOf(shown)).toEqual([value]);
  for (const name of ['PATH', 'LD_PRELOAD', 'FLEET_X;id']) {
    const refused = await host.run([hook('true', { env: [[name, 'x']] })]);
    expect(refused).toMatchObject({ failure: { code: 'usage' } });
  }
});
