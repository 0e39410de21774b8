import { orWait } from '../../approval/after-approval.js';
import type { Action } from '../../context/command.js';
import { rollOut } from '../../rollout/rollout.js';
import type { DeployOptions } from '../../session/flags.js';

/** `fleet deploy`: a new release, or one that the hosts know, in waves. */
export const deploy: Action<DeployOptions> = async (context, options) =>
  orWait(
    context,
    options,
    await rollOut(context, options, { ...requestOf(options), dryRun: options.dryRun === true }),
  );

/** `fleet plan deploy`: the same as `fleet deploy --dry-run`. */
export const planDeploy: Action<DeployOptions> = async (context, options) =>
  orWait(
    context,
    options,
    await rollOut(context, options, { ...requestOf(options), dryRun: true }),
  );

function requestOf(options: DeployOptions) {
  const { from, release: id, build } = options;
  return { kind: 'deploy', from, id, build } as const;
}
