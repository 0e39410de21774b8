import { orWait } from '../../approval/after-approval.js';
import type { Action } from '../../context/command.js';
import { rollOut } from '../../rollout/rollout.js';
import type { RollbackOptions } from '../../session/flags.js';

/** `fleet rollback`: to an earlier release that every host has, in waves. */
export const rollback: Action<RollbackOptions> = async (context, options) =>
  orWait(
    context,
    options,
    await rollOut(context, options, { ...requestOf(options), dryRun: options.dryRun === true }),
  );

/** `fleet plan rollback`: the same as `fleet rollback --dry-run`. */
export const planRollback: Action<RollbackOptions> = async (context, options) =>
  orWait(
    context,
    options,
    await rollOut(context, options, { ...requestOf(options), dryRun: true }),
  );

function requestOf(options: RollbackOptions) {
  const { to, force, allAtOnce, verify, restoreBackup } = options;
  return {
    kind: 'rollback',
    to,
    force: force === true,
    allAtOnce: allAtOnce === true,
    restoreBackup: restoreBackup === true,
    verify: verify === true,
  } as const;
}
