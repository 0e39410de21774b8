import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadHostProgram } from '../../src/host/program.js';
import { unclaimStep } from '../../src/host/steps/steps.js';
import { claim, deploy, ownership } from './support/deploy.js';
import { createFakeHost, type FakeHost } from './support/fake-host.js';
import { fakeRelease } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';

const one = fakeRelease(1);

/** The program without its last lines, which begin a call: its functions are there to be called. */
const { text } = loadHostProgram();
const functions = text.slice(0, text.lastIndexOf('\nif [ "$'));

describe('the one delete', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'fleet-remove-'));
    for (const folder of ['shop/releases/one', 'shop/.fleet/releases', 'mine']) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    for (const file of ['shop/current', 'shop/.fleet/state', 'shop/.fleet/releases/one']) {
      writeFileSync(join(root, file), '');
    }
    writeFileSync(join(root, 'functions'), functions);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const everything = () => readdirSync(root, { recursive: true }).sort();

  function remove(place: string, name: string): string {
    // The whole of it is more than one argument may hold.
    const program = join(root, 'functions');
    const call =
      '. "$4"; trap tell EXIT; R=$1 F=$1/.fleet D=$1/releases S_phase=idle VERB=test; remove "$2" "$3"; echo removed';
    const args = ['-c', call, 'sh', join(root, 'shop'), place, name, program];
    return spawnSync('sh', args, { encoding: 'utf8' }).stdout;
  }

  test.each([
    ['releases', 'one'],
    ['releases', '.tmp-'],
    ['releases', '.tmp-x/../one'],
    ['releases', '.tmp-x/../../../mine'],
    ['releases', ''],
    ['root', 'current'],
    ['root', 'releases'],
    ['root', '.'],
    ['root', '.current-x/../current'],
    ['.fleet', 'state'],
    ['.fleet', 'releases'],
    ['.fleet', 'spool-x/../state'],
    ['.fleet/releases', '../state'],
    ['.fleet/releases', '*'],
    ['.fleet/links', '../state'],
    ['.fleet/links', ''],
    ['shared', 'x'],
    ['..', 'mine'],
    ['', 'mine'],
  ])('will not delete %j/%j', (place, name) => {
    const before = everything();
    expect(remove(place, name)).toContain('"code":"step_failed"');
    expect(everything()).toEqual(before);
  });

  test('deletes what is its own, however it is protected, and what is not there', () => {
    const half = join(root, 'shop/releases/.tmp-x');
    mkdirSync(join(half, 'locked'), { recursive: true, mode: 0o500 });
    expect(remove('releases', '.tmp-x')).toBe('removed\n');
    expect(remove('releases', '.tmp-x')).toBe('removed\n');
    expect(existsSync(half)).toBe(false);
  });

  test('follows no link to another folder', () => {
    const releases = join(root, 'shop/releases');
    renameSync(releases, join(root, 'theirs'));
    mkdirSync(join(root, 'theirs/.tmp-x'));
    symlinkSync(join(root, 'theirs'), releases);
    expect(remove('releases', '.tmp-x')).toContain('is not a folder of its own');
    expect(existsSync(join(root, 'theirs/.tmp-x'))).toBe(true);
  });
});

describe('a claim', () => {
  let host: FakeHost;
  beforeEach(async () => {
    host = createFakeHost();
    host.unit('shop.service', { cwd: join(host.root, 'current') });
    await deploy(host, ownership(1), { from: null, to: one });
  });
  afterEach(() => host.stop());

  test('sweeps what other transactions have left, and nothing else', async () => {
    const by = ownership(2);
    const left = ['releases/.tmp-T', '.current-T', '.fleet/spool-T', '.fleet/marker-T'];
    const more = ['releases/.tmp-version-T', '.fleet/action-T'];
    const ours = [...left, ...more].map((path) => path.replace('T', by.txn));
    const others = [...left, ...more].map((path) => path.replace('T', 'run0-web1'));
    const theirs = ['releases/mine', 'releases/.mine', '.mine', '.fleet/mine', 'shared/mine'];
    for (const path of [...ours, ...others, ...theirs]) mkdirSync(join(host.root, path));
    expect(codeOf(await host.run([claim(by, one.id), unclaimStep(by)]))).toBe('ok');
    const there = (path: string) => existsSync(join(host.root, path));
    expect([...ours, ...theirs].filter((path) => !there(path))).toEqual([]);
    expect(others.filter(there)).toEqual([]);
  });
});
