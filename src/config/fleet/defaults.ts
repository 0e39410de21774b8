import { NO_BACKUP } from '../../model/releases/backup.js';
import type { Policy } from '../../model/runs/policy.js';

const NONE = { kind: 'count', count: 0 } as const;

/** What holds where `fleet.yaml` is silent. Durations in milliseconds. */
export const DEFAULTS = {
  keep: 5,
  links: 'inside',
  backup: NO_BACKUP,
  buildMs: 1_800_000,
  /** Alone at night, a person must be able to roll back. */
  approvals: { kinds: ['deploy'], expiresMs: 3_600_000 },
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
  deadMan: 'auto',
  leaseMs: 60_000,
  onFailure: 'rollback-run',
  onInconclusive: { pauseMs: 1_800_000, otherwise: 'hold' },
} as const satisfies Partial<Policy> & Record<string, unknown>;

/** A lease shorter than this runs out at a busy bastion; one longer keeps hosts of a dead run for long. */
export const LEASE_BOUNDS = { leastMs: 5000, mostMs: 3_600_000 } as const;

/** What the deadline has to cover beside becoming healthy: the link, the restart, the confirmation. */
export const CONFIRM_MARGIN_MS = 5000;

/** Twice the time to become healthy leaves room for a slow restart: 120 s by default. */
export const confirmDeadlineFor = (healthyDeadlineMs: number): number =>
  Math.max(healthyDeadlineMs * 2, healthyDeadlineMs + 2 * CONFIRM_MARGIN_MS);
