import fc from 'fast-check';
import pLimit from 'p-limit';
import { describe, expect, test } from 'vitest';
import { artifactsOf } from '../../../src/engine/run/calls/artifact-source.js';
import { createCallLanes } from '../../../src/engine/run/calls/call-lanes.js';
import type { CallSubject } from '../../../src/engine/run/calls/call-subject.js';
import { createCaller, performCall } from '../../../src/engine/run/calls/caller.js';
import {
  describeCall,
  describeRenewal,
  type HostEffect,
  inputOf,
} from '../../../src/engine/run/calls/effect-table.js';
import { type HostCall, stepsAt } from '../../../src/engine/run/calls/host-call.js';
import { createEventBus } from '../../../src/events/bus.js';
import type { HostClient } from '../../../src/host/client.js';
import { createHostClients } from '../../../src/host/clients.js';
import { asHostName } from '../../../src/model/names.js';
import { ENDS_IN } from '../../../src/rollout/state/input.js';
import { planOf } from '../../fixtures/plan.js';
import { createFakeHost, type FakeHost } from '../../host/support/fake-host.js';
import { fakeRelease } from '../../host/support/fake-release.js';
import { createHandClock } from '../support/hand-clock.js';

const AT = '2026-11-30T12:00:00.000Z';
const h1 = asHostName('h1');
const never = new AbortController().signal;

/** One of each effect, and each variant of those that have several. */
const EFFECTS = [
  { kind: 'claim', host: h1 },
  { kind: 'stage', host: h1 },
  { kind: 'switch', host: h1 },
  { kind: 'probe', host: h1 },
  { kind: 'confirm', host: h1 },
  { kind: 'revert', host: h1, mode: 'back' },
  { kind: 'revert', host: h1, mode: 'hold' },
  { kind: 'finish', host: h1, after: 'done' },
  { kind: 'finish', host: h1, after: 'stopped' },
  { kind: 'finish', host: h1, after: 'given-up', back: true },
] as const satisfies readonly HostEffect[];

const OLDER = fakeRelease(1).id;
const RELEASE = fakeRelease(2);
const ARCHIVE = {
  sha256: RELEASE.archive.sha256,
  bytes: RELEASE.archive.bytes,
  unpackedBytes: RELEASE.archive.unpacked,
  format: 'gzip',
  packedManifest: RELEASE.archive.manifest ?? { sha256: '', bytes: 0 },
} as const;

/** A plan for h1 with these names of people and releases. */
function subjectOf({ text = 'ada@bastion', done = false } = {}): CallSubject {
  const plan = planOf({ waves: [1], policy: { deadMan: 'auto', confirmDeadlineMs: 30_000 } });
  const release = { ...RELEASE.meta, version: text, deployer: text };
  const [planned] = plan.hosts;
  if (planned === undefined) throw new Error('the plan has a host');
  const host = { ...planned, from: null, to: release.id, prune: [OLDER], done };
  return { plan: { ...plan, operator: text, release, hosts: [host] }, host, archive: ARCHIVE };
}

const throughJson = (call: HostCall): HostCall => JSON.parse(JSON.stringify(call));

const argsOf = (call: HostCall, key: string): readonly string[] =>
  stepsAt(call, AT)
    .flatMap(({ args }) => args)
    .flatMap(([name, value]) => (name === key ? [value] : []));

const awkward = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('<time of the try>', 'activated_at":"<time of the try>"', `"\\"${AT}`),
);

describe('a call', () => {
  test('of each effect is the same after JSON', () => {
    fc.assert(
      fc.property(fc.constantFrom(...EFFECTS), awkward, fc.boolean(), (effect, text, done) => {
        const on = subjectOf({ text, done });
        for (const call of [describeCall(effect, on), describeRenewal(on.plan, on.host)]) {
          expect(throughJson(call)).toEqual(call);
          expect(stepsAt(throughJson(call), AT)).toEqual(stepsAt(call, AT));
        }
      }),
    );
  });

  test('has the time of each try where a time belongs, and no other text is touched', () => {
    fc.assert(
      fc.property(fc.constantFrom(...EFFECTS), awkward, (effect, text) => {
        const call = describeCall(effect, subjectOf({ text }));
        for (const time of [...argsOf(call, 'at'), ...argsOf(call, 'since')]) expect(time).toBe(AT);
        for (const version of argsOf(call, 'version')) {
          const activated = effect.kind === 'switch' ? AT : null;
          const written = { version: text, deployer: text, activated_at: activated };
          // As JSON has it: it replaces a lone surrogate.
          expect(JSON.parse(version)).toMatchObject(JSON.parse(JSON.stringify(written)));
        }
      }),
    );
  });

  test('names its payload by its content, and only staging has one', () => {
    const withPayload = EFFECTS.filter(
      (effect) => describeCall(effect, subjectOf()).payload !== null,
    );
    expect(withPayload).toEqual([{ kind: 'stage', host: h1 }]);
    const { payload } = describeCall({ kind: 'stage', host: h1 }, subjectOf());
    const { sha256, bytes, format } = ARCHIVE;
    expect(payload).toEqual({ sha256, bytes, format, received: 0 });
  });

  test('whose payload is not here is a bug, before anything is sent', async () => {
    const client: HostClient = { run: () => expect.unreachable('nothing is to be sent') };
    const call = callerOn(client, artifactsOf(null));
    const staging = describeCall({ kind: 'stage', host: h1 }, subjectOf());
    await expect(call(staging, never)).rejects.toThrow(/^no artifact has the SHA-256 /);
  });
});

/** Calls a client as the engine does. */
function callerOn(client: HostClient, artifacts = artifactsOf(packed())) {
  const clock = createHandClock();
  const clients = createHostClients([[h1, client] as const]);
  const bus = createEventBus(clock.now);
  return createCaller({ clients, bus, clock, limit: pLimit(4), random: () => 0.5, artifacts });
}

const packed = () => ({ ...ARCHIVE, payload: () => RELEASE.payload });

describe('on the host program', () => {
  const sequences = fc.array(fc.constantFrom(...EFFECTS), { maxLength: 3 });
  /** A deploy that confirms, or does not, and then any effects. */
  const deploys = fc.constantFrom(3, 5).map((count) => EFFECTS.slice(0, count));

  test('a call that was sent as JSON does the same as the one that was described', async () => {
    await fc.assert(
      fc.asyncProperty(deploys, sequences, async (deploy, then) => {
        const effects: readonly HostEffect[] = [...deploy, ...then];
        const here = await played(effects, (call) => call);
        const there = await played(effects, throughJson);
        expect(there).toEqual(here);
        expect(here.told[0]).toMatchObject({ kind: ENDS_IN.claim, result: { kind: 'ok' } });
      }),
      { numRuns: 4, seed: 12 },
    );
  }, 60_000);

  test('is reported as the verbs that were sent', async () => {
    const { verbs } = await played(EFFECTS.slice(0, 3), throughJson);
    expect(verbs).toEqual([['claim'], ['stage'], ['arm', 'activate', 'verify']]);
  });
});

/** The results of the effects on a new host, one after the other, with each call sent in that way. */
async function played(effects: readonly HostEffect[], send: (call: HostCall) => HostCall) {
  const host = createFakeHost();
  try {
    host.unit('shop.service', { cwd: `${host.root}/current` });
    const on = subjectOf();
    const verbs: (readonly string[])[] = [];
    const bus = createEventBus(() => new Date());
    bus.subscribe((event) => event.type === 'step-sent' && verbs.push(event.verbs));
    const deps = {
      clients: createHostClients([[h1, host.client] as const]),
      bus,
      clock: createHandClock(),
      lanes: createCallLanes(pLimit(4)),
      random: () => 0.5,
      artifacts: artifactsOf(packed()),
    };
    const told: unknown[] = [];
    for (const effect of effects) {
      const outcome = await performCall(send(describeCall(effect, on)), never, deps);
      told.push(inputOf(effect, outcome, on.plan), outcome.replies);
    }
    return { told, verbs, state: settledState(host), current: host.current() };
  } finally {
    host.stop();
  }
}

/** What a host keeps, without what differs on every host: times, and names of processes. */
function settledState(host: FakeHost) {
  const { phase, epoch, run, txn, from, to } = host.state();
  return { phase, epoch, run, txn, from, to };
}
