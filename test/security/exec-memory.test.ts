import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ServerChannel } from 'ssh2';
import { beforeAll, describe, expect, test } from 'vitest';
import { captureHead, captureTail } from '../../src/transport/channel/output-capture.js';
import { createKeepBudget } from '../../src/transport/keep-budget.js';
import { builtProgram } from './support/built-program.js';
import { playedBastion } from './support/played-bastion.js';

const MIB = 1024 * 1024;
const HOSTS = 48;

/** Prints a MiB on each stream. */
const chatty =
  (name: string) =>
  (_command: string, channel: ServerChannel): void => {
    const text = `${name} says this\n`;
    const mib = text.repeat(Math.ceil(MIB / text.length)).slice(0, MIB);
    channel.stderr.write(mib);
    channel.write(mib, () => {
      channel.exit(0);
      channel.end();
    });
  };

let program = '';
beforeAll(() => {
  program = builtProgram();
}, 300_000);

test('an exec keeps 64 MiB of all that hosts print, and writes it within 128 MB of heap', async () => {
  const names = Array.from({ length: HOSTS }, (_, n) => `web${n}`);
  const hosts = Object.fromEntries(names.map((name) => [name, chatty(name)]));
  const { dir } = await playedBastion({ hosts });
  const { code, stdout, stderr } = await runFleet(dir, ['exec', '-g', 'web', '--json', '--', 'x']);
  expect(code, stderr).toBe(0);
  const results: readonly {
    readonly host: string;
    readonly stdout: string;
    readonly stderr: string;
    readonly truncated: boolean;
  }[] = JSON.parse(stdout).hosts;
  expect(results.map(({ host }) => host)).toEqual(names);
  const kept = results.map((each) => each.stdout.length + each.stderr.length);
  const sum = kept.reduce((total, bytes) => total + bytes, 0);
  expect(sum).toBeLessThanOrEqual(64 * MIB);
  expect(sum).toBeGreaterThan(60 * MIB);
  // None is left with nothing, and each says whether it is whole.
  expect(Math.min(...kept)).toBeGreaterThan(0.5 * MIB);
  for (const [at, { truncated }] of results.entries()) {
    expect(truncated).toBe((kept[at] ?? 0) < 2 * MIB);
  }
  expect(stderr).toMatch(/the output of \d+ hosts was cut: .* 64 MiB of all hosts together/);
}, 120_000);

async function runFleet(dir: string, args: readonly string[]) {
  const argv = ['--max-old-space-size=128', program, ...args];
  const env = { PATH: process.env.PATH, HOME: dir, XDG_STATE_HOME: join(dir, 'state') };
  const child = spawn(process.execPath, argv, { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

describe('what commands keep together', () => {
  const bytes = (count: number): Buffer => Buffer.alloc(count, 'x');

  test('is a part for each, and the rest for those that print more', () => {
    const budget = createKeepBudget(4_000, 10);
    const [first, second, third] = [1, 2, 3].map(() => captureHead(1_500, budget));
    for (const capture of [first, second, third]) {
      for (let n = 0; n < 30; n += 1) capture?.add(bytes(50));
    }
    expect(first).toMatchObject({ truncated: false });
    expect(first?.text()).toHaveLength(1_500);
    expect(second).toMatchObject({ truncated: true });
    expect(third?.text()).toHaveLength(budget.share);
  });

  test('is the end of stderr, however it comes, and is said to be cut', () => {
    for (const piece of [7, 100, 5_000]) {
      const capture = captureTail(1_000, createKeepBudget(4_000, 10));
      const text = Array.from({ length: 500 }, (_, n) => `line ${n}\n`).join('');
      for (let at = 0; at < text.length; at += piece) {
        capture.add(Buffer.from(text.slice(at, at + piece)));
      }
      expect(capture.truncated).toBe(true);
      expect(capture.text()).toBe(text.slice(-1_000));
      const none = captureTail(1_000, createKeepBudget(0, 10));
      none.add(bytes(piece));
      expect(none).toMatchObject({ truncated: true });
      expect(none.text()).toBe('');
    }
  });
});
