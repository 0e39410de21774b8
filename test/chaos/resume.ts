import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../../src/errors/codes.js';
import { isResumable, RUN_STATES } from '../../src/model/runs/run.js';
import type { Bastion } from '../e2e/support/bastion.js';
import { endOf, type HookDecision } from './controllers.js';
import type { Disturbance } from './disturbance.js';
import { type RunJournal, readJournals } from './journals.js';
import { LEASE_MS } from './times.js';

export interface Resumed {
  readonly bastion: Bastion;
  /** What a person says of a hook that was interrupted. */
  readonly how: HookDecision;
  readonly disturbance: Disturbance;
}

/** Continues the run of a controller that died, and the last run if an interrupted hook has stopped it. */
export async function resumeRuns(resumed: Resumed): Promise<void> {
  const { bastion, disturbance } = resumed;
  const died = disturbance.ends.some(({ killed }) => killed);
  const journals = readJournals([bastion]).toSorted((a, b) => a.run.localeCompare(b.run));
  for (const journal of journals) {
    const isLast = journal === journals.at(-1);
    if (died ? journal.state === null : isLast && isStoppedInHook(journal)) {
      await resumeRun(journal.run, resumed);
    }
  }
}

const isStoppedInHook = ({ state, interrupted }: RunJournal): boolean =>
  interrupted.length > 0 && RUN_STATES.some((each) => each === state && isResumable(each));

/** As often as a lease or an interrupted hook makes it refuse. */
async function resumeRun(run: string, { bastion, how, disturbance }: Resumed): Promise<void> {
  const { ends, violations } = disturbance;
  let decided: readonly string[] = [];
  for (let attempt = 1; attempt <= 6; attempt++) {
    const flags = decided.flatMap((turn) => [`--hook-${how}`, turn]);
    const running = bastion.start(['resume', run, ...flags, '--yes', '--json']);
    const role = decided.length === 0 ? 'resume' : (`resume --hook-${how}` as const);
    const ended = endOf(role, running, await running.ended);
    ends.push(ended);
    if (ended.code === null) violations.push({ invariant: 'I11', host: '', what: 'resume hangs' });
    if (ended.code === EXIT.locked) {
      await sleep(LEASE_MS / 3);
      continue;
    }
    // A decision counts once the run has begun: what is asked for then is another hook.
    const asked = readJournals([bastion]).find((each) => each.run === run)?.interrupted ?? [];
    const left = [...new Set([...asked, ...turnsIn(ended)])];
    if (left.length === 0 || left.every((turn) => decided.includes(turn))) return;
    decided = left;
  }
}

/** Hooks of a bastion leave no end, so only the refusal names them. */
function turnsIn({
  code,
  stderr,
  stdout,
}: {
  code: number | null;
  stderr: string;
  stdout: string;
}) {
  if (code !== EXIT.refused) return [];
  return [...(stderr + stdout).matchAll(/--hook-done ([^ ]+) to count/g)].flatMap(
    ([, turn]) => turn ?? [],
  );
}
