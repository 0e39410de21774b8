import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CallOutcome } from '../../src/host/client.js';
import type { Step } from '../../src/host/protocol/protocol.js';
import { readProbe } from '../../src/host/reply/facts.js';
import { asReleaseId, type ReleaseId } from '../../src/model/names.js';
import { createFakeHost, type FakeHost } from '../host/support/fake-host.js';
import { numbered, type Op, ownerOf, sentBy, stepsOf } from './conformance-op.js';
import { EXAMPLES, INSTALLED, opSequences } from './conformance-sequence.js';
import { FOREIGN } from './fleet.js';
import type { HostModel } from './host-model/host.js';
import { ModelHost, UNIT } from './model-host.js';

const BOOT = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

interface Pair {
  readonly model: ModelHost;
  readonly real: FakeHost;
}

async function perform(op: Op, { model, real }: Pair): Promise<void> {
  switch (op.kind) {
    case 'call':
      return same(stepsOf(op, currentOf(model)), { model, real });
    case 'stage': {
      const { steps, payload } = sentBy(op);
      return same(steps, { model, real }, payload);
    }
    case 'fire': {
      const { txn } = ownerOf(op.by);
      return same(
        [
          {
            verb: 'revert',
            args: [
              ['txn', txn],
              ['guard', '1'],
              // What it restarts is checked against what was asked for.
              ['unit', UNIT],
            ],
          },
        ],
        { model, real },
      );
    }
    case 'guard':
      return same([{ verb: 'guard', args: [] }], { model, real });
    default:
      return befall(op, { model, real });
  }
}

function currentOf({ host }: ModelHost): ReleaseId | null {
  const { current } = host.disk;
  return current === null ? null : asReleaseId(current);
}

type Mishap = Exclude<Op, { readonly kind: 'call' | 'stage' | 'fire' | 'guard' }>;

/** What happens to a host between two steps. */
function befall(op: Mishap, { model: { host }, model, real }: Pair): void {
  const file = join(real.root, '.fleet/state');
  const { state } = host.disk;
  switch (op.kind) {
    case 'lapse':
      if (existsSync(file)) appendFileSync(file, `renewed=1:${BOOT}\n`);
      host.disk = { ...host.disk, state: { ...state, renewed: { up: 1, boot: host.bootId } } };
      return;
    case 'reboot':
      // The other way round on the real one: its state is from another boot.
      if (existsSync(file)) appendFileSync(file, 'boot=other\nrenewed=1:other\n');
      host.boots += 1;
      return;
    case 'foreign':
      rmSync(join(real.root, 'current'), { force: true });
      mkdirSync(join(real.root, 'releases', FOREIGN), { recursive: true });
      symlinkSync(join(real.root, 'releases', FOREIGN), join(real.root, 'current'));
      host.disk = {
        ...host.disk,
        current: FOREIGN,
        folders: new Map(host.disk.folders).set(FOREIGN, 'whole'),
      };
      return;
    case 'tamper': {
      const id = numbered(op.release);
      if (!host.disk.folders.has(id)) return;
      // The one file that all releases have; what is added is no drift.
      writeFileSync(join(real.root, 'releases', id, 'app'), 'changed');
      host.disk = { ...host.disk, drifted: new Set(host.disk.drifted).add(id) };
      return;
    }
    case 'kill-unit':
      killUnit(real);
      for (const unit of host.units.values()) host.die(unit);
      return;
    case 'break-start':
      model.starts = !op.broken;
      if (op.broken) real.unit(UNIT, { 'fail-start': '1' });
      else rmSync(join(real.dir, 'units', UNIT, 'fail-start'), { force: true });
      return;
    case 'sicken':
      host.sick = op.sick;
      if (op.sick) writeFileSync(join(real.root, 'sick'), '');
      else rmSync(join(real.root, 'sick'), { force: true });
  }
}

function killUnit(real: FakeHost): void {
  const file = join(real.dir, 'units', UNIT, 'pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  try {
    if (pid > 0) process.kill(pid, 'SIGKILL');
  } catch {
    // It is dead already.
  }
  while (pid > 0 && runs(pid)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
}

/** A busy machine takes its time to end a process. */
function runs(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Runs the steps on both and compares what they say and what they have become. */
async function same(steps: readonly Step[], pair: Pair, payload?: Uint8Array): Promise<void> {
  const real = await pair.real.run(steps, payload);
  const model = await pair.model.run(steps);
  expect(saying(model), `model: ${shown(model)}; real: ${shown(real)}`).toEqual(saying(real));
  expect(modelState(pair.model.host)).toEqual(realState(pair.real));
}

const shown = (outcome: CallOutcome): string =>
  outcome.kind === 'ok' ? 'ok' : outcome.failure.message;

function saying(outcome: CallOutcome): unknown {
  const replies = outcome.replies.map((reply) =>
    reply.ok
      ? { verb: reply.verb, phase: reply.phase, repeated: reply.repeated ?? false }
      : { verb: reply.verb, phase: reply.phase, code: reply.code },
  );
  const exit = outcome.kind === 'ok' ? 0 : outcome.failure.exit;
  const probed = replies.at(-1)?.verb === 'probe' ? readProbe(outcome.events)?.healthy : null;
  return { kind: outcome.kind, exit, replies, probed };
}

function modelState(host: HostModel): unknown {
  const { state, current, folders, markers, links, backups, hooks, restored } = host.disk;
  const { epoch, run, txn, phase, prior, from, to, left, mark, kind, found, back } = state;
  const ran = state.ran || null;
  const [unit] = host.units.values();
  const record = { left, mark, kind, ran, found, back };
  return {
    state: { epoch: String(epoch), run, txn, phase, prior, from, to, ...record },
    current,
    serving: unit?.serving ?? null,
    folders: [...folders.keys()].sort(),
    links: [...links].sort(),
    backups: [...backups].sort(),
    restored,
    hooks: [...hooks].map(([key, exit]) => `${key} ended ${exit}`).sort(),
    standings: [...markers].map(([id, { standing }]) => `${id} ${standing}`).sort(),
    waiting: state.switch !== null && host.switches.waits(state.switch),
  };
}

function realState(real: FakeHost): unknown {
  const state = real.state();
  const text = (key: string) => state[key] || null;
  const current = real.current();
  const cwd = cwdOf(real);
  const markers = join(real.root, '.fleet/releases');
  const restored = join(real.root, '.fleet/restored');
  return {
    state: {
      epoch: state.epoch ?? '0',
      run: text('run'),
      txn: text('txn'),
      phase: state.phase ?? 'idle',
      prior: state.prior ?? 'idle',
      from: text('from'),
      to: text('to'),
      left: text('left'),
      mark: text('mark'),
      kind: text('kind'),
      ran: text('ran'),
      found: text('found'),
      back: text('back'),
    },
    current: current === null ? null : basename(current),
    serving: cwd === null ? null : basename(cwd),
    folders: namesIn(join(real.root, 'releases')),
    links: namesIn(join(real.root, '.fleet/links')),
    backups: namesIn(join(real.root, '.fleet/backups')),
    restored: existsSync(restored) ? firstWord(restored) : null,
    hooks: hooksOf(join(real.root, '.fleet/hooks')),
    standings: namesIn(markers).map((id) => `${id} ${firstWord(join(markers, id))}`),
    waiting: text('switch') !== null && isWaiting(real, state.switch ?? ''),
  };
}

/** Null where the process has ended. */
function cwdOf(real: FakeHost): string | null {
  try {
    return real.cwd(UNIT);
  } catch {
    return null;
  }
}

const namesIn = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => !name.startsWith('.'))
        .sort()
    : [];

/** Each record with its last line. */
const hooksOf = (folder: string): readonly string[] =>
  namesIn(folder).flatMap((run) =>
    namesIn(join(folder, run))
      .filter((key) => !key.includes('.'))
      .map((key) => {
        const last = readFileSync(join(folder, run, key), 'utf8')
          .trim()
          .split('\n')
          .at(-1);
        return `${run}/${key} ${last}`;
      }),
  );

const firstWord = (file: string): string => readFileSync(file, 'utf8').split(' ')[0] ?? '';

function isWaiting(real: FakeHost, handle: string): boolean {
  const timer = join(real.dir, 'units/.timers', `${handle.replace('system:', '')}.timer`);
  return existsSync(timer);
}

/** The seed is fixed, so that what a commit shows does not hang on chance. */
const OPTIONS = {
  numRuns: Number(process.env.CONFORMANCE_RUNS ?? 20),
  seed: Number(process.env.CONFORMANCE_SEED ?? 1),
  examples: EXAMPLES.map((ops): [readonly Op[]] => [ops]),
};

test('the model answers and becomes what the real host program does, whatever comes', async () => {
  await fc.assert(
    fc.asyncProperty(opSequences, async (ops) => {
      const real = createFakeHost();
      // An app that no one ever claimed has no releases, and is adopted by no one.
      mkdirSync(join(real.root, 'releases'), { recursive: true });
      real.unit(UNIT, { cwd: join(real.root, 'current') });
      const pair = { real, model: new ModelHost() };
      try {
        for (const op of [...INSTALLED, ...ops]) await perform(op, pair);
      } finally {
        real.stop();
      }
    }),
    OPTIONS,
  );
}, 600_000);
