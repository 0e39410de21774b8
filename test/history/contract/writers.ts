import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { openHistory } from '../../../src/history/open.js';
import type { HistoryStore } from '../../../src/history/store.js';
import type { HistoryLocation } from '../../../src/model/runs/app.js';

const WRITER = new URL('../support/history-writer.ts', import.meta.url).pathname;
const PARTS = ['part0', 'part1', 'part2'];
const LINES = ['10', '11', '12', '110', '111', '112', '210', '211', '212'];

/** A store that processes share. */
export interface SharedPlace {
  /** A history that is empty, or does not exist yet. */
  readonly fresh: () => HistoryLocation;
  /** Ends its server as a power cut would, and starts it again; absent for a file. */
  readonly restart?: () => Promise<void>;
}

interface Writer {
  readonly child: ChildProcess;
  /** What the store has taken, as the writer says. */
  readonly taken: Set<string>;
  /** Resolves when it has said so many things. */
  said(count: number): Promise<void>;
  readonly ended: Promise<unknown>;
}

/** What every store must hold to with several processes that write at once, and with one or the server killed. */
export function writersContract(name: string, { fresh, restart }: SharedPlace): void {
  describe(`${name} with four writers at once`, () => {
    const opened = (location: HistoryLocation): Promise<HistoryStore> =>
      openHistory(location, { now: () => new Date(), random: Math.random });

    test('loses no record and has none twice, from the first connection on', async () => {
      const location = fresh();
      const writers = ['a', 'b', 'c', 'd'].map((id) => start(location, id, 8));
      await Promise.all(writers.map(({ ended }) => ended));
      const store = await opened(location);
      expect(await store.listRuns({ limit: 99 })).toHaveLength(32);
      for (const writer of writers) await expectKept(store, writer.taken);
      // All of them have brought the same release.
      expect(await store.listReleases('shop')).toHaveLength(1);
      await store.close();
    }, 120_000);

    test('keeps all that a killed one was told, and of its last write all or nothing', async () => {
      const location = fresh();
      const writers = ['a', 'b', 'c', 'd'].map((id) => start(location, id, 12));
      const [killed, ...others] = writers;
      if (killed === undefined) throw new Error('there are writers');
      await killed.said(17);
      killed.child.kill('SIGKILL');
      await Promise.all(writers.map(({ ended }) => ended));
      const store = await opened(location);
      for (const writer of writers) await expectKept(store, writer.taken);
      for (const { taken } of others) expect(taken.size).toBe(12 * 5);
      for (const { run } of await store.listRuns({ limit: 99 })) await expectWhole(store, run);
      await store.close();
    }, 120_000);

    const powerCut = restart;
    if (powerCut === undefined) return;
    test('loses nothing when the server is killed and comes back', async () => {
      const location = fresh();
      const writers = ['a', 'b', 'c', 'd'].map((id) => start(location, id, 20));
      await Promise.all(writers.map(({ said }) => said(25)));
      await powerCut();
      await Promise.all(writers.map(({ ended }) => ended));
      const store = await opened(location);
      expect(await store.listRuns({ limit: 99 })).toHaveLength(80);
      for (const { taken } of writers) {
        expect(taken.size).toBe(20 * 5);
        await expectKept(store, taken);
      }
      await store.close();
    }, 180_000);
  });
}

/** Everything that the store has said it took is there, once. */
async function expectKept(store: HistoryStore, taken: ReadonlySet<string>): Promise<void> {
  for (const write of taken) {
    const [what = '', run = ''] = write.split(' ');
    const found = await store.getRun(run);
    const lines = found.events.map(({ detail }) => detail);
    expect(new Set(lines).size).toBe(lines.length);
    if (what === 'end') {
      expect(found).toMatchObject({
        state: 'succeeded',
        hosts: [{ state: 'done' }, { state: 'done' }],
      });
      expect(lines).toEqual(LINES);
    }
    if (PARTS.includes(what)) {
      const at = 3 * PARTS.indexOf(what);
      expect(lines).toEqual(expect.arrayContaining(LINES.slice(at, at + 3)));
    }
  }
}

/** A batch is there as a whole or not at all. */
async function expectWhole(store: HistoryStore, run: string): Promise<void> {
  const { events, hosts } = await store.getRun(run);
  expect(hosts).toHaveLength(2);
  expect(events.map(({ detail }) => detail)).toEqual(LINES.slice(0, events.length));
  expect(events.length % 3).toBe(0);
}

function start(location: HistoryLocation, id: string, runs: number): Writer {
  const args = ['--import', 'tsx', WRITER, JSON.stringify(location), id, `${runs}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const taken = new Set<string>();
  const waiting: (() => void)[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    taken.add(line);
    for (const wake of waiting.splice(0)) wake();
  });
  const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]);
  return {
    child,
    taken,
    ended,
    async said(count) {
      while (taken.size < count && child.exitCode === null) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}
