import { printableLine } from '../../errors/printable.js';
import { isGood, type RunReport } from '../run-report.js';

/** GitLab refuses a file above 5 KiB. */
const LONGEST_VALUE = 400;

/** A run as variables for later jobs, as GitLab reads them: one a line, no quotes, no empty line, no comment. */
export function dotenvText({ plan, state, exitCode, hosts }: RunReport): string {
  const failed = hosts.filter((host) => !isGood(host) && host.failure !== null).length;
  const values: Readonly<Record<string, string | number>> = {
    FLEET_RUN: plan.run,
    FLEET_KIND: plan.kind,
    FLEET_APP: plan.app,
    FLEET_GROUP: plan.group,
    FLEET_STATE: state ?? 'unfinished',
    FLEET_EXIT: exitCode ?? '',
    FLEET_RELEASE: plan.release.id,
    FLEET_VERSION: plan.release.version,
    FLEET_COMMIT: plan.release.commit ?? '',
    FLEET_HOSTS: hosts.length,
    FLEET_HOSTS_OK: hosts.filter(isGood).length,
    FLEET_HOSTS_FAILED: failed,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${printableLine(String(value)).slice(0, LONGEST_VALUE)}\n`)
    .join('');
}
