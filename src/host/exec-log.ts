import type { Identity } from '../model/hosts/identity.js';
import { runCommand } from './command.js';
import type { HostProgram } from './program.js';
import { signedSteps } from './steps/signed-steps.js';

/** The app whose log on the host is written, and who runs a command there. */
export interface ExecTrace {
  readonly program: HostProgram;
  readonly root: string;
  readonly by: Identity;
}

/**
 * The command line that logs on the host who runs an ad-hoc command there. Exits 69 if the host does not have
 * this program, e.g. before its first deploy: then it has no log of fleet either.
 */
export function execLogCommand({ program, root, by }: ExecTrace): string {
  return runCommand(program, root, signedSteps([{ verb: 'log_exec', args: [] }], by));
}
