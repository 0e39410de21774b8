import type { Identity } from '../model/identity.js';
import { runCommand } from './command.js';
import type { HostProgram } from './program.js';
import { signedSteps } from './signed-steps.js';

/** The app whose log on a host is meant, and who is about to run a command there. */
export interface ExecTrace {
  readonly program: HostProgram;
  readonly root: string;
  readonly by: Identity;
}

/**
 * The command line that notes in the host's log who runs an ad-hoc command there. Exits 69 where the
 * host has not this program, as before its first deploy: there is no log of fleet there either.
 */
export function execLogCommand({ program, root, by }: ExecTrace): string {
  return runCommand(program, root, signedSteps([{ verb: 'log_exec', args: [] }], by));
}
