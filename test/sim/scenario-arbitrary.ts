import fc from 'fast-check';
import type { Fault, Scenario, ScenarioPolicy } from './scenario.js';
import { SIM_HOOKS } from './sim-hooks.js';

/** Any run that a person could start, and anything that may befall it. */
export const scenarios: fc.Arbitrary<Scenario> = fleetSizes()
  .chain((hosts) =>
    fc.record<Scenario>({
      seed: fc.nat(0xffff_ffff),
      kind: fc.constantFrom('deploy', 'rollback'),
      hosts: fc.constant(hosts),
      waves: fc.array(fc.integer({ min: 1, max: Math.ceil(hosts / 2) }), { maxLength: 4 }),
      policy: policies,
      installed: weighted([9, true], [1, false]),
      restart: fc.constantFrom('no', 'always'),
      sick: someOf(hosts, 4),
      fresh: someOf(hosts, 2),
      foreign: fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.uniqueArray(fc.nat(hosts - 1)) },
      ),
      backup: weighted([2, false], [1, true]),
      guarded: fc.uniqueArray(fc.nat(hosts - 1), { maxLength: 4 }),
      tiers: fc.constantFrom(
        ['system', 'process'] as const,
        ['user', 'process'] as const,
        ['process'] as const,
      ),
      faults: fc.array(faultsOn(hosts), { maxLength: 5 }),
      onPause: fc.constantFrom('wait', 'exit'),
      aftermath: fc.constantFrom('recover', 'resume'),
      hooks: fc.oneof(
        { weight: 2, arbitrary: fc.constant(null) },
        { weight: 2, arbitrary: fc.constant({ fails: [] }) },
        {
          weight: 1,
          arbitrary: fc.constantFrom(...SIM_HOOKS).map(({ id }) => ({ fails: [id] })),
        },
      ),
      dryRun: weighted([40, false], [1, true]),
    }),
  )
  .map(installedFor)
  .map((scenario) => ({ ...scenario, unitFiles: scenario.seed % 3 === 0 }));

/** There is nothing to roll back to where nothing is installed, nor on a host that is new. */
function installedFor(scenario: Scenario): Scenario {
  return scenario.kind === 'rollback' ? { ...scenario, installed: true, fresh: [] } : scenario;
}

/** Mostly none, sometimes a few, now and then half the fleet. */
function someOf(hosts: number, few: number): fc.Arbitrary<readonly number[]> {
  const any = fc.nat(hosts - 1);
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.uniqueArray(any, { maxLength: few }) },
    { weight: 1, arbitrary: fc.uniqueArray(any, { maxLength: Math.ceil(hosts / 2) }) },
  );
}

/** Small fleets find most; large ones are there for what only shows in a crowd. */
function fleetSizes(): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 60, arbitrary: fc.integer({ min: 3, max: 7 }) },
    { weight: 30, arbitrary: fc.integer({ min: 8, max: 30 }) },
    { weight: 2, arbitrary: fc.integer({ min: 31, max: 200 }) },
  );
}

const policies: fc.Arbitrary<ScenarioPolicy> = fc.record<ScenarioPolicy>({
  maxUnavailable: fc.constantFrom(1, 25, 50, 100),
  tolerateWave: weighted([3, 0], [1, 1], [1, 2]),
  tolerateRun: weighted([3, 0], [1, 1], [1, 3]),
  tolerateUnreachable: weighted([3, 0], [1, 1]),
  minHealthyMs: fc.constantFrom(0, 1000, 5000),
  healthyDeadlineMs: fc.constantFrom(6000, 20_000),
  bakeMs: weighted([3, 0], [1, 5000], [1, 60_000]),
  confirmDeadlineMs: fc.constantFrom(12_000, 30_000, 60_000),
  leaseMs: fc.constantFrom(30_000, 60_000),
  deadMan: weighted([8, 'auto' as const], [1, 'off' as const]),
  onFailure: fc.constantFrom('hold', 'rollback-host', 'rollback-wave', 'rollback-run'),
  pauseMs: fc.constantFrom(0, 10_000, 60_000),
  approvals: weighted([5, []], [1, [1]], [1, [0, 1, 2]]),
});

function faultsOn(hosts: number): fc.Arbitrary<Fault> {
  const host = fc.nat(hosts - 1);
  const at = fc.oneof(fc.integer({ min: 0, max: 12_000 }), fc.integer({ min: 0, max: 90_000 }));
  const call = fc.integer({ min: 1, max: 10 });
  const pause = fc.integer({ min: 1, max: 25 });
  const outageMs = fc.integer({ min: 100, max: 120_000 });
  const stallMs = fc.oneof(fc.nat(5000), fc.nat(90_000));
  const downMs = fc.integer({ min: 3000, max: 60_000 });
  const power = fc.boolean();
  const where = { host, call, pause };
  return fc.oneof(
    of('cut', { ...where, point: fc.constantFrom('unsent', 'during', 'answer') }),
    of('stall', { ...where, ms: stallMs }),
    of('reboot-in', { ...where, downMs, power }),
    of('reboot', { host, at, downMs, power }),
    of('outage', { host, at, ms: outageMs }),
    of('disk-full', { host, at, ms: outageMs }),
    of('hang', { host, at, ms: fc.integer({ min: 1000, max: 400_000 }) }),
    of('unit-dies', { host, at }),
    of('bad', {
      host: fc.integer({ min: -1, max: hosts - 1 }),
      how: fc.constantFrom('no-start', 'dies', 'unwell'),
      afterMs: fc.nat(20_000),
    }),
    of('load', { most: fc.integer({ min: 1, max: hosts }) }),
    of('clock', {
      host: fc.integer({ min: -1, max: hosts - 1 }),
      at,
      ms: fc.integer({ min: -86_400_000, max: 86_400_000 }),
    }),
    of('interrupt', { at }),
    of('stop', { at, ms: fc.integer({ min: 1000, max: 300_000 }) }),
    of('kill', { at }),
    of('pause', { at, ms: outageMs }),
    of('abort', { at }),
    of('crash', {
      call: fc.integer({ min: 1, max: 12 * hosts }),
      mode: fc.constantFrom('unsent', 'applied', 'answer-lost'),
    }),
    of('crash-again', {
      call: fc.integer({ min: 1, max: 6 * hosts }),
      mode: fc.constantFrom('unsent', 'applied', 'answer-lost'),
    }),
    of('lock-lost', { at }),
    of('reader-throws', {}),
    of('second', { at, what: fc.constantFrom('deploy', 'rollback', 'recover') }),
    of('store-down', { how: fc.constantFrom('fails', 'hangs') }),
  );
}

type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { readonly kind: Kind }>;

/** A fault of that kind, with its fields drawn. */
function of<Kind extends Fault['kind']>(
  kind: Kind,
  fields: { [Field in keyof Omit<FaultOf<Kind>, 'kind'>]: fc.Arbitrary<FaultOf<Kind>[Field]> },
): fc.Arbitrary<Fault> {
  return fc.record({ kind: fc.constant(kind), ...fields }) as unknown as fc.Arbitrary<Fault>;
}

function weighted<T>(...entries: readonly (readonly [weight: number, value: T])[]) {
  return fc.oneof(...entries.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}
