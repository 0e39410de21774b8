import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../../src/errors/codes.js';
import type { Bastion } from '../e2e/support/bastion.js';
import { endOf } from './controllers.js';
import type { Disturbance } from './disturbance.js';
import { readJournals } from './journals.js';
import { LEASE_MS } from './times.js';

export interface Resumed {
  readonly bastion: Bastion;
  /** What a person says of a hook that was interrupted. */
  readonly how: 'done' | 'again';
  readonly disturbance: Disturbance;
}

/** Continues the run of a controller that died, as often as a lease or an interrupted hook makes it refuse. */
export async function resumeRuns({ bastion, how, disturbance }: Resumed): Promise<void> {
  const { ends, violations } = disturbance;
  for (const { run, state } of readJournals([bastion])) {
    if (state !== null || !ends.some(({ killed }) => killed)) continue;
    let flags: readonly string[] = [];
    for (let attempt = 1; attempt <= 6; attempt++) {
      const running = bastion.start(['resume', run, ...flags, '--yes', '--json']);
      const ended = endOf('resume', running, await running.ended);
      ends.push(ended);
      if (ended.code === null)
        violations.push({ invariant: 'I11', host: '', what: 'resume hangs' });
      if (ended.code === EXIT.locked) {
        flags = [];
        await sleep(LEASE_MS / 3);
        continue;
      }
      const [, turn] = /--hook-done ([^ ]+) to count/.exec(ended.stdout + ended.stderr) ?? [];
      const isOpen = readJournals([bastion]).some(
        (each) => each.run === run && each.state === null,
      );
      if (turn === undefined || !isOpen) break;
      flags = [`--hook-${how}`, turn];
    }
  }
}
