import { printableLine } from '../../errors/printable.js';
import type { Hook } from '../../model/runs/hooks/hooks.js';
import type { HostPlan, Plan } from '../../model/runs/plan.js';
import type { RunState } from '../../model/runs/run.js';

export type HookEnv = readonly (readonly [name: string, value: string])[];

/** Whom a run of a hook is about. */
export interface HookSubject {
  readonly hook: Hook;
  /** Null for a hook of the bastion that runs once a wave or a run. */
  readonly host: HostPlan | null;
  /** From 0; null for hooks of the run. */
  readonly wave: number | null;
  /** How the run has ended; null before that. */
  readonly result: RunState | null;
}

/**
 * What a hook is told. A value is one line. The host adds `FLEET_ROOT`, and `FLEET_RELEASE_PATH` for the folder
 * of the release that the run brings.
 */
export function hookEnv(plan: Plan, { hook, host, wave, result }: HookSubject): HookEnv {
  const { release } = plan;
  const told: Readonly<Record<string, string | number | null | undefined>> = {
    FLEET_APP: plan.app.name,
    FLEET_RUN: plan.run,
    FLEET_KIND: plan.kind,
    FLEET_GROUP: plan.group,
    FLEET_OPERATOR: plan.operator,
    FLEET_REASON: plan.reason,
    FLEET_HOOK: hook.point,
    FLEET_RELEASE: release.id,
    FLEET_VERSION: release.version,
    FLEET_COMMIT: release.commit ?? '',
    FLEET_FROM: host === null ? null : (host.from ?? ''),
    FLEET_HOST: host?.host.name,
    FLEET_ADDRESS: host?.host.address,
    FLEET_WAVE: wave === null ? null : wave + 1,
    FLEET_RESULT: result,
  };
  return Object.entries(told).flatMap(([name, value]) =>
    value == null ? [] : [[name, printableLine(String(value))] as const],
  );
}
