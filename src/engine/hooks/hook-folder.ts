import type { HookOnHost } from '../../host/steps/hook-step.js';
import type { ReleaseId } from '../../model/names.js';
import type { Hook } from '../../model/runs/hooks/hooks.js';
import type { HostPlan } from '../../model/runs/plan.js';

/** Where a hook runs on its host: as a rule in the folder of the release that the run brings. */
export function folderOf(
  { point, work }: Hook,
  { from, to, found }: HostPlan,
): HookOnHost['folder'] {
  // A rollback by command leaves `from`; one after a failure leaves `to`.
  const left = point === 'before_activate' ? from : to;
  if (work.kind === 'script') return inRelease(left, found);
  switch (point) {
    case 'before_stage':
      return { kind: 'root' };
    case 'after_revert':
      return inRelease(from, found);
    case 'after_run':
    case 'on_failure':
      return { kind: 'current' };
    default:
      return { kind: 'release', id: to };
  }
}

/** What another tool made may be anywhere: it is found through `current`. */
function inRelease(id: ReleaseId | null, found: HostPlan['found']): HookOnHost['folder'] {
  if (id === null) return { kind: 'root' };
  return found === undefined ? { kind: 'release', id } : { kind: 'current' };
}
