import { describe, expect, test } from 'vitest';
import type { HostReading } from '../../src/engine/reading/host-reading.js';
import { concludeCrashedRun } from '../../src/engine/recover/crashed-run.js';
import { recoverFleet } from '../../src/engine/recover/recover.js';
import { type HostCall, stepsAt } from '../../src/engine/run/calls/host-call.js';
import type { CallOutcome } from '../../src/host/client.js';
import type { HostFacts, Step } from '../../src/host/protocol/protocol.js';
import { asReleaseId, asRunId } from '../../src/model/names.js';
import { UNKNOWN } from '../../src/model/releases/choose/earlier.js';
import { factsOf, unitOf } from '../fixtures/facts.js';
import { hostFixture } from '../fixtures/host.js';
import { appOf, NEW, planOf } from '../fixtures/plan.js';
import { READING } from '../fixtures/reading.js';

const read = (name: string, facts: Partial<HostFacts>): HostReading => ({
  kind: 'read',
  reading: READING,
  host: hostFixture(name),
  facts: factsOf(facts),
});

const AT = '2026-01-01T00:00:00.000Z';

const left = { phase: 'linked', run: asRunId('run4'), txn: 'run4.4.0', epoch: 4 } as const;

/** The answer of a host that runs its release, with its unit in the given state. */
function answerWith(active: string | null): CallOutcome {
  const { phase, epoch, current, bootId } = factsOf();
  const none = { run: null, owner: null, txn: null, from: null, to: null, left: null };
  const record = { kind: null, ran: UNKNOWN };
  const state = { epoch, current, bootId, ...none, ...record };
  const timing = { lease: null, switch: null, deadline: null, rebooted: false };
  return {
    kind: 'ok',
    replies: [],
    events: [
      { event: 'state', phase, ...state, ...timing },
      ...(active === null
        ? ([{ event: 'unread', what: 'units', why: 'no bus' }] as const)
        : ([{ event: 'unit', ...unitOf({ active }) }] as const)),
    ],
  };
}

async function recover(
  surveys: readonly HostReading[],
  dead: string[] = [],
  active: string | null = 'active',
) {
  const calls: (HostCall & { readonly sent: readonly Step[] })[] = [];
  const recovered = await recoverFleet({
    app: appOf(),
    run: asRunId('run9'),
    owner: 'ada@bastion',
    surveys,
    isDead: (run) => dead.includes(run),
    call: async (call) => {
      calls.push({ ...call, sent: stepsAt(call, AT) });
      return answerWith(active);
    },
    signal: new AbortController().signal,
  });
  const argOf = (verb: string, key: string) =>
    calls.map(
      ({ sent }) =>
        sent.find((step) => step.verb === verb)?.args.find(([name]) => name === key)?.[1],
    );
  return { recovered, argOf, verbs: calls.map(({ sent }) => sent.map(({ verb }) => verb)) };
}

describe('a recovery', () => {
  test('takes over each host in an epoch above its own first, and then settles it by its phase', async () => {
    const claimed = { ...left, phase: 'claimed', epoch: 7 } as const;
    const { verbs, argOf } = await recover([read('h1', left), read('h2', claimed)]);
    expect(verbs).toEqual([
      ['adopt', 'revert', 'unclaim', 'status'],
      ['adopt', 'unclaim', 'status'],
    ]);
    expect(argOf('adopt', 'epoch')).toEqual(['5', '8']);
    expect(argOf('adopt', 'over')).toEqual(['run4', 'run4']);
    expect(argOf('revert', 'txn')[0]).toBe('run4.4.0');
  });

  test('overrides no lease but those of runs that are known to be dead', async () => {
    const other = { ...left, run: asRunId('run5') };
    const { argOf } = await recover([read('h1', left), read('h2', other)], ['run4']);
    expect(argOf('adopt', 'force')).toEqual(['1', '0']);
  });

  test('sends nothing to a host that is settled and free, nor to one that does not answer', async () => {
    const failure = { code: 'unreachable', message: 'no route' } as const;
    const { verbs } = await recover([
      read('h1', {}),
      { kind: 'failed', host: hostFixture('h2'), failure },
    ]);
    expect(verbs).toEqual([]);
  });

  test('reports down where the unit is not up after the rollback', async () => {
    const { recovered } = await recover([read('h1', left)], [], 'failed');
    expect(recovered).toMatchObject([{ host: 'h1', state: 'down' }]);
    const unread = await recover([read('h1', left)], [], null);
    expect(unread.recovered).toMatchObject([
      { state: 'down', detail: expect.stringContaining('shop.service cannot be read: no bus') },
    ]);
    const well = await recover([read('h1', left)]);
    expect(well.recovered).toMatchObject([{ host: 'h1', state: 'reverted' }]);
  });
});

describe('a crashed run', () => {
  const onNew = { current: { kind: 'link', release: asReleaseId(NEW) } } as const;

  test('whose hosts are all on its release has succeeded', () => {
    const plan = planOf({ waves: [1, 1] });
    expect(concludeCrashedRun(plan, [read('h1', onNew), read('h2', onNew)], [])).toMatchObject({
      state: 'succeeded',
      exitCode: 0,
    });
  });

  test('with a host whose state could not be read has not ended well', () => {
    const plan = planOf({ waves: [1, 1] });
    const unread = [{ what: 'state', why: '.fleet may not be entered' }] as const;
    const surveys = [read('h1', onNew), read('h2', { ...onNew, unread })];
    expect(concludeCrashedRun(plan, surveys, [])).toMatchObject({
      state: 'rollback_incomplete',
      hosts: [{ state: 'done' }, { state: 'unknown', error: { code: 'not_readable' } }],
    });
  });

  test('with a host that was not read has not ended well', () => {
    const plan = planOf({ waves: [1, 1] });
    const end = concludeCrashedRun(plan, [read('h1', onNew)], []);
    expect(end).toMatchObject({ state: 'rollback_incomplete', exitCode: 6 });
  });
});
