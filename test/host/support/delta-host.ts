import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import type { SharedPath } from '../../../src/model/runs/app.js';
import { bytesOf, chosenBase, type Files, readFolder, stageOf, writeFiles } from './delta.js';
import { claim, ownership } from './deploy.js';
import { createFakeHost, type FakeHost, type Shell } from './fake-host.js';

/** The host of the last `stageBoth`. */
export let host: FakeHost;
const hosts: FakeHost[] = [];
/** A folder of the test's own. */
export let scratch = '';
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'fleet-delta-'));
});
afterEach(() => {
  for (const each of hosts.splice(0)) each.stop();
  rmSync(scratch, { recursive: true, force: true });
});

export const by = ownership(1);

/** Stages one tree whole, and another on top of it. */
export async function stageBoth(
  before: Files,
  after: Files,
  options: {
    readonly shell?: Shell;
    readonly shape?: (host: FakeHost) => void;
    readonly shared?: readonly SharedPath[];
  } = {},
) {
  const { shell, shape, shared = [] } = options;
  host = createFakeHost(shell);
  hosts.push(host);
  shape?.(host);
  const [base, next] = await Promise.all(
    [before, after].map((files, i) =>
      readFolder(writeFiles(join(scratch, `${i}-${Math.random()}`), files), scratch),
    ),
  );
  if (base === undefined || next === undefined) throw new Error('two trees');
  await host.run([claim(by, null)]);
  const whole = await base.pack({ zstd: false, beyond: null });
  const staged = await host.run(
    [stageOf(by, { release: base, packed: whole, shared })],
    bytesOf(whole),
  );
  expect(staged).toMatchObject({ kind: 'ok' });
  const packed = await next.pack({ zstd: false, beyond: chosenBase(base, next, shared) });
  const at = (id: string) => join(host.root, 'releases', id);
  return { base, next, packed, at };
}
