import * as z from 'zod';
import { RUN_KINDS } from '../../run-kind.js';
import type { Shape } from '../../text/shape.js';

/** The moments of a run at which hooks may run, in their order. */
export const HOOK_POINTS = [
  'before_stage',
  'before_activate',
  'after_activate',
  'after_confirm',
  'before_revert',
  'after_revert',
  'after_run',
  'on_failure',
] as const;

export type HookPoint = (typeof HOOK_POINTS)[number];

/** How often a hook runs: for each host, once for each wave, or once in the whole run. */
export const HOOK_TURNS = ['host', 'wave', 'run'] as const;

export type HookTurn = (typeof HOOK_TURNS)[number];

/** `fail-host`: its host fails. `stop-run`: the run stops too. `warn`: it is reported, and no more. */
export const HOOK_FAILURES = ['fail-host', 'stop-run', 'warn'] as const;

export type HookFailure = (typeof HOOK_FAILURES)[number];

/** A command line, or a script that a release brings: its path inside the release. */
const hookWorkSchema = () =>
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('command'), command: z.string() }),
    z.object({ kind: z.literal('script'), path: z.string() }),
  ]);

/** A command of the user that runs around the steps of a run. */
export const hookSchema = () =>
  z.object({
    /** Its point and its place there, from 1: `before_activate-2`. Unique in an app. */
    id: z.string(),
    name: z.string(),
    point: z.enum(HOOK_POINTS),
    per: z.enum(HOOK_TURNS),
    /** `bastion`: in the project's folder on this machine. */
    where: z.enum(['host', 'bastion']),
    work: hookWorkSchema(),
    /** The folder on this machine; null for a hook of the hosts. */
    folder: z.string().nullable(),
    /** Only for hosts of these groups; empty for all. */
    groups: z.array(z.string()),
    /** In which runs. */
    on: z.array(z.enum(RUN_KINDS)),
    timeoutMs: z.number(),
    ifFails: z.enum(HOOK_FAILURES),
  });

export type Hook = Shape<typeof hookSchema>;

/** What may be written at a point. The first of each list holds if nothing is written. */
interface PointRules {
  readonly per: readonly HookTurn[];
  /** For a hook of one host; one of a wave or a run has no host that could fail. */
  readonly ifFails: readonly HookFailure[];
  /** The default, in milliseconds. */
  readonly timeoutMs: number;
}

const LONG_MS = 300_000;
/** The automatic rollback timer runs meanwhile. */
const ARMED_MS = 30_000;
const VETO = ['fail-host', 'stop-run', 'warn'] as const;

/** Each point, once. */
export const HOOK_RULES: Readonly<Record<HookPoint, PointRules>> = {
  before_stage: { per: ['host', 'run'], ifFails: VETO, timeoutMs: LONG_MS },
  before_activate: { per: ['host', 'wave', 'run'], ifFails: VETO, timeoutMs: LONG_MS },
  after_activate: { per: ['host'], ifFails: VETO, timeoutMs: ARMED_MS },
  after_confirm: {
    per: ['host', 'wave', 'run'],
    ifFails: ['warn', 'stop-run'],
    timeoutMs: LONG_MS,
  },
  before_revert: { per: ['host'], ifFails: ['warn'], timeoutMs: LONG_MS },
  after_revert: { per: ['host'], ifFails: ['warn'], timeoutMs: LONG_MS },
  after_run: { per: ['run'], ifFails: ['warn'], timeoutMs: LONG_MS },
  on_failure: { per: ['run'], ifFails: ['warn'], timeoutMs: LONG_MS },
};

/** What may be written for a failure of such a hook, the default first. */
export function failuresOf(point: HookPoint, per: HookTurn): readonly HookFailure[] {
  const { ifFails } = HOOK_RULES[point];
  return per === 'host' ? ifFails : ifFails.filter((each) => each !== 'fail-host');
}
