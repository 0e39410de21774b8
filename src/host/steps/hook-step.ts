import type { ReleaseId } from '../../model/names.js';
import type { Hook, HookPoint } from '../../model/runs/hooks/hooks.js';
import type { Step } from '../protocol/protocol.js';
import type { Ownership } from './steps.js';

/** One run of a hook on a host. */
export interface HookOnHost {
  /** Its name in the host's records: the same key in the same run is the same run of the hook. */
  readonly key: string;
  readonly point: HookPoint;
  readonly work: Hook['work'];
  /** The release in whose folder it runs, `current`, or the root. */
  readonly folder:
    | { readonly kind: 'release'; readonly id: ReleaseId }
    | { readonly kind: 'current' | 'root' };
  readonly timeoutMs: number;
  /** `FLEET_…` variables beside those that the host itself knows. */
  readonly env: readonly (readonly [name: string, value: string])[];
}

/** Runs a hook as the login user; asked again, the host answers with the end that it has recorded. */
export function hookStep(by: Ownership, hook: HookOnHost): Step {
  const { work, folder } = hook;
  return {
    verb: 'hook',
    args: [
      ['epoch', String(by.epoch)],
      ['run', by.run],
      ['txn', by.txn],
      ['key', hook.key],
      ['point', hook.point],
      ['in', folder.kind],
      ...(folder.kind === 'release' ? ([['id', folder.id]] as const) : []),
      ['within_ms', String(hook.timeoutMs)],
      work.kind === 'command' ? ['command', work.command] : ['script', work.path],
      ...hook.env.map(([name, value]) => ['env', `${name}=${value}`] as const),
    ],
  };
}
