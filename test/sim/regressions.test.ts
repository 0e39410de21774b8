import { expect, test } from 'vitest';
import type { Scenario, ScenarioPolicy } from './scenario.js';
import { PLAIN } from './scenarios.js';
import { simulate } from './simulate.js';

const policy = (change: Partial<ScenarioPolicy>): ScenarioPolicy => ({
  ...PLAIN.policy,
  ...change,
});

/** A host that is sick before the run fails before its switch, and the run tolerates it. */
const SICK_FAILS: Scenario = {
  ...PLAIN,
  seed: 0,
  hosts: 19,
  waves: [1],
  policy: policy({
    maxUnavailable: 100,
    tolerateWave: 2,
    tolerateRun: 1,
    minHealthyMs: 0,
    healthyDeadlineMs: 6000,
    confirmDeadlineMs: 12_000,
    leaseMs: 30_000,
    onFailure: 'hold',
    pauseMs: 0,
  }),
  sick: [13, 0, 1],
  hooks: { fails: [] },
};

/** Scenarios in which an invariant was violated once, each the smallest that showed it. */
const ONCE_BROKEN: Readonly<Record<string, Scenario>> = {
  'I8: switches that waited behind a limit were sent after the run had stopped': {
    ...PLAIN,
    hosts: 120,
    waves: [],
    policy: policy({ maxUnavailable: 100 }),
    faults: [{ kind: 'bad', host: 0, how: 'no-start', afterMs: 0 }],
  },
  'I11: recovery waited for a budget that only the recovery itself could free': {
    ...PLAIN,
    hosts: 3,
    waves: [],
    policy: policy({ deadMan: 'off' }),
    installed: false,
    faults: [{ kind: 'crash', call: 11, mode: 'unsent' }],
  },
  'I3: a host took a second claim in one epoch, when the first had been given back': {
    ...PLAIN,
    seed: 244296626,
    hosts: 7,
    waves: [],
    policy: policy({
      tolerateUnreachable: 1,
      minHealthyMs: 0,
      healthyDeadlineMs: 20_000,
      confirmDeadlineMs: 12_000,
      leaseMs: 30_000,
      pauseMs: 60_000,
      approvals: [0, 1, 2],
    }),
    installed: false,
    faults: [
      { kind: 'reboot', host: 0, at: 0, downMs: 3000, power: true },
      { kind: 'second', at: 2956, what: 'deploy' },
    ],
    onPause: 'exit',
  },
  'I4: a resumed run rolled hosts back that served, as if they had been out of service': {
    ...PLAIN,
    hosts: 11,
    waves: [],
    policy: policy({ maxUnavailable: 1, tolerateWave: 1, tolerateRun: 3, minHealthyMs: 5000 }),
    installed: false,
    faults: [
      { kind: 'kill', at: 8071 },
      { kind: 'reboot', host: 6, at: 10_863, downMs: 16_533, power: false },
    ],
    aftermath: 'resume',
  },
  // In these the checker of I4 was wrong: the host had had its turn.
  'I4: a hook that a full disk kept from its host left it without its turn': {
    ...SICK_FAILS,
    faults: [{ kind: 'disk-full', host: 13, at: 7755, ms: 17_913 }],
  },
  'I4: a host that was lost in its hook was left without its turn': {
    ...SICK_FAILS,
    faults: [{ kind: 'reboot', host: 13, at: 24_000, downMs: 700_000, power: false }],
  },
  'I4: a host that was lost while it was staged was left without its turn': {
    ...SICK_FAILS,
    faults: [{ kind: 'reboot', host: 13, at: 5000, downMs: 700_000, power: false }],
    hooks: null,
    backup: true,
  },
  // And in this one that of the hooks: the hook was refused, and that was said.
  'hooks: after_run was left out by a controller that had lost its lock': {
    ...PLAIN,
    seed: 2_558_139_509,
    kind: 'rollback',
    hosts: 6,
    waves: [],
    policy: policy({
      maxUnavailable: 100,
      tolerateUnreachable: 1,
      minHealthyMs: 0,
      healthyDeadlineMs: 6000,
      confirmDeadlineMs: 12_000,
      deadMan: 'off',
      onFailure: 'hold',
      pauseMs: 0,
    }),
    faults: [{ kind: 'lock-lost', at: 10_182 }],
    hooks: { fails: [] },
  },
};

test.each(Object.entries(ONCE_BROKEN))('no longer %s', async (_, scenario) => {
  expect((await simulate(scenario)).violation).toBeNull();
});
