import type { Policy } from '../model/policy.js';

const NONE = { kind: 'count', count: 0 } as const;

/** What holds where `fleet.yaml` is silent. Durations in milliseconds. */
export const DEFAULTS = {
  keep: 5,
  waves: {
    kind: 'sizes',
    sizes: [
      { kind: 'count', count: 1 },
      { kind: 'percent', percent: 10 },
      { kind: 'percent', percent: 50 },
      { kind: 'rest' },
    ],
  },
  maxUnavailable: { kind: 'percent', percent: 25 },
  tolerate: { wave: NONE, run: NONE },
  tolerateUnreachable: NONE,
  minHealthyMs: 5000,
  healthyDeadlineMs: 60_000,
  bakeMs: 0,
  onFailure: 'rollback-run',
  onInconclusive: { pauseMs: 1_800_000, otherwise: 'hold' },
} as const satisfies Partial<Policy> & Record<string, unknown>;

/** Twice the time to become healthy leaves room for the way back: 120 s by default. */
export const confirmDeadlineFor = (healthyDeadlineMs: number): number => healthyDeadlineMs * 2;
