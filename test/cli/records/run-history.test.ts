import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { processContext } from '../../../src/cli/context/context.js';
import { openRecorders } from '../../../src/cli/records/recorders.js';
import { createEventBus } from '../../../src/events/bus.js';
import type { HistoryLocation } from '../../../src/model/runs/app.js';
import { planView } from '../../../src/model/runs/plan-view.js';
import { planOf } from '../../fixtures/plan.js';

const root = mkdtempSync(join(tmpdir(), 'fleet-run-history-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const sockets = new Set<Socket>();
const servers = new Set<Server>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

/** A port that accepts connections, and does with them what it is told. */
function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  servers.add(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const found = server.address();
      resolve(typeof found === 'object' && found !== null ? found.port : 0);
    });
  });
}

let count = 0;

/** Keeps a run in a history, from its first event to its end, and tells how long each part took. */
async function keep(history: HistoryLocation) {
  count += 1;
  const stateDir = join(root, `state-${count}`);
  const plan = planOf({ waves: [1, 1] });
  const app = { ...plan.app, history };
  const warnings: string[] = [];
  const from = performance.now();
  const recorders = await openRecorders(
    { ...processContext(), stateDir },
    { app, plan, run: 'begins', warn: (message) => void warnings.push(message) },
  );
  const bus = createEventBus(() => new Date());
  for (const listener of recorders.listeners) bus.subscribe(listener);
  const { run } = plan;
  bus.emit({ type: 'run-started', run, kind: 'deploy', plan: planView(plan) });
  const startedAt = plan.createdAt;
  bus.emit({ type: 'run-ended', run, state: 'succeeded', exitCode: 0, startedAt, hosts: [] });
  const ended = performance.now();
  await recorders.close();
  const marks = join(stateDir, 'history-sync');
  return {
    run,
    warnings,
    runMs: ended - from,
    closeMs: performance.now() - ended,
    marks: existsSync(marks) ? readdirSync(marks) : [],
  };
}

const SERVERS = ['redis', 'postgres', 'mysql'] as const;
const urlOf = (kind: string, port: number): HistoryLocation => {
  const path = kind === 'redis' ? '0' : 'fleet';
  return { kind: 'url', url: `${kind}://fleet:secret@127.0.0.1:${port}/${path}` };
};

describe('the end of a run', () => {
  test.each(SERVERS)('does not wait for a history on %s where nothing listens', async (kind) => {
    const { warnings, marks, run, ...took } = await keep(urlOf(kind, 1));
    expect(took.runMs).toBeLessThan(1000);
    expect(took.closeMs).toBeLessThan(2500);
    expect(warnings).toEqual([expect.stringMatching(/is incomplete: .*fleet history sync$/)]);
    expect(marks).toEqual([run]);
  });

  test.each(SERVERS)('waits 2 s at most for a history on %s that hangs', async (kind) => {
    const { warnings, marks, run, ...took } = await keep(
      urlOf(kind, await listen(() => undefined)),
    );
    expect(took.runMs).toBeLessThan(1000);
    expect(took.closeMs).toBeLessThan(2500);
    expect(warnings).toEqual([expect.stringMatching(/is incomplete: .*fleet history sync$/)]);
    expect(marks).toEqual([run]);
  });

  test.each(SERVERS)(
    'does not wait for a history on %s that ends each connection',
    async (kind) => {
      const { warnings, ...took } = await keep(
        urlOf(kind, await listen((socket) => socket.destroy())),
      );
      expect(took.closeMs).toBeLessThan(2500);
      expect(warnings).toHaveLength(1);
    },
  );

  test('leaves no mark where all was written', async () => {
    const { warnings, marks } = await keep({ kind: 'sqlite', path: join(root, 'history.db') });
    expect({ warnings, marks }).toEqual({ warnings: [], marks: [] });
  });
});
