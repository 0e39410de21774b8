import type { Scenario, ScenarioPolicy } from './scenario.js';

const PLAIN_POLICY: ScenarioPolicy = {
  maxUnavailable: 50,
  tolerateWave: 0,
  tolerateRun: 0,
  tolerateUnreachable: 0,
  minHealthyMs: 1000,
  healthyDeadlineMs: 10_000,
  bakeMs: 0,
  confirmDeadlineMs: 30_000,
  leaseMs: 60_000,
  deadMan: 'auto',
  onFailure: 'rollback-run',
  pauseMs: 10_000,
  approvals: [],
};

/** Five hosts in three waves, and nothing that goes wrong. */
export const PLAIN: Scenario = {
  seed: 1,
  kind: 'deploy',
  hosts: 5,
  waves: [1, 2],
  policy: PLAIN_POLICY,
  installed: true,
  restart: 'no',
  sick: [],
  fresh: [],
  guarded: [],
  tiers: ['system', 'process'],
  faults: [],
  onPause: 'wait',
  aftermath: 'recover',
  dryRun: false,
};
