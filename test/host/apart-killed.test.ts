import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startTimeOf } from '../../src/files/process-identity.js';
import type { CallOutcome } from '../../src/host/client.js';
import { backupStep, restoreStep } from '../../src/host/steps/backup-steps.js';
import { hookStep } from '../../src/host/steps/hook-step.js';
import { unclaimStep } from '../../src/host/steps/steps.js';
import { NO_BACKUP } from '../../src/model/releases/backup.js';
import { claim, deploy, ownership } from './support/deploy.js';
import type { FakeHost } from './support/fake-host.js';
import { fakeRelease } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';
import { hostsAfter } from './support/templates.js';
import { disarm, setTraps } from './support/traps.js';

const TOOLS =
  'cat chmod cp dd df du flock mkdir mkfifo mv rm setsid sleep sync tail touch tr'.split(' ');

const one = fakeRelease(1);
const by = ownership(2);
/** Says that it began and who it is, takes a while and says that it is over. Its sleep is no trap. */
const COMMAND =
  'cd "$FLEET_ROOT/.." && echo $$ >>pids; echo begun; /bin/sleep 0.04; echo >>over; echo done';

let host: FakeHost;
afterEach(() => host.stop());

const withOne = hostsAfter(async (template) => {
  await deploy(template, ownership(1), { from: null, to: one });
});

const lines = (name: string): readonly string[] => {
  const file = join(host.dir, name);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
};
const running = (): readonly string[] =>
  lines('pids').filter((pid) => startTimeOf(Number(pid)) !== null);
/** What a command that was cut off may leave beside its record. */
const leftovers = (): readonly string[] =>
  readdirSync(join(host.root, '.fleet'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/)(apart\.|\.tmp-|restoring)|\.new$/.test(path),
  );

async function claimed(): Promise<void> {
  host = await withOne();
  mkdirSync(join(host.root, 'shared'), { recursive: true });
  expect(codeOf(await host.run([claim(by, one.id)]))).toBe('ok');
}

const hook = (attempt: number) =>
  hookStep(by, {
    key: `before_activate-1.${attempt}`,
    point: 'before_activate',
    work: { kind: 'command', command: COMMAND },
    folder: { kind: 'root' },
    timeoutMs: 10_000,
    env: [],
  });

/** Sends it to one host after the other, killed at one command later each time, until none is left to be killed at. */
async function killedAtAny(
  when: 'before' | 'after',
  send: () => Promise<CallOutcome>,
  then: (at: number) => Promise<void>,
): Promise<void> {
  for (let at = 1; ; at++) {
    await claimed();
    setTraps(host, TOOLS, { at, when });
    const outcome = await send();
    disarm(host);
    if (outcome.kind === 'ok') {
      expect(at).toBeGreaterThan(10);
      return;
    }
    expect(outcome).toMatchObject({ kind: 'lost', failure: { exit: 'SIGKILL' } });
    await then(at);
    host.stop();
  }
}

/** Also if the next run has no hooks. */
async function isClearedByNextRun(said: string): Promise<void> {
  const outcome = await host.run([unclaimStep(by), claim(ownership(3), one.id)]);
  expect(codeOf(outcome), said).toBe('ok');
  expect(running(), said).toEqual([]);
  expect(
    leftovers().filter((path) => !path.endsWith('.new')),
    said,
  ).toEqual([]);
}

describe.each(['before', 'after'] as const)('killed %s any command', (when) => {
  test('a hook has run once, or counts as interrupted and runs no more', async () => {
    await killedAtAny(
      when,
      () => host.run([hook(1)]),
      async (at) => {
        if (at % 3 === 0) return isClearedByNextRun(`killed ${when} command ${at}`);
        const again = codeOf(await host.run([hook(1)]));
        const said = `killed ${when} command ${at}: ${again}`;
        expect(running(), said).toEqual([]);
        expect(leftovers(), said).toEqual([]);
        expect(['ok', 'hook_interrupted'], said).toContain(again);
        if (again === 'ok') expect(lines('over'), said).toHaveLength(1);
        expect(lines('pids').length, said).toBeLessThan(2);
        expect(codeOf(await host.run([hook(1)])), said).toBe(again);
        const over = lines('over').length;
        expect(codeOf(await host.run([hook(2)])), said).toBe('ok');
        expect(lines('over'), said).toHaveLength(over + 1);
      },
    );
  }, 120_000);
});

test('a backup and its restore, killed after any command, are whole once they are sent again, and no earlier command runs', async () => {
  const run = { app: 'shop', host: 'web1', kind: 'deploy', from: one.id, to: null } as const;
  const command = `${COMMAND}; echo snapshot >"$FLEET_BACKUP/db"`;
  const restoreCommand = `${COMMAND}; read -r word <"$FLEET_BACKUP/db"; echo "$word" >>restored`;
  const backup = { ...NO_BACKUP, command, restoreCommand, timeoutMs: 10_000 };
  const steps = [backupStep(by, run, { backup }), restoreStep(by, run, { backup, id: by.txn })];
  const send = () => host.run(steps);
  await killedAtAny('after', send, async (at) => {
    const said = `killed after command ${at}`;
    expect(codeOf(await send()), said).toBe('ok');
    expect(running(), said).toEqual([]);
    expect(leftovers(), said).toEqual([]);
    expect(lines('restored').length, said).toBeGreaterThan(0);
    expect(lines('restored').length, said).toBeLessThan(3);
  });
}, 120_000);
