import type { Command } from 'commander';
import { addCommand, addGroup, always, type Wiring } from '../context/command.js';
import { type CommonOptions, withReason } from '../context/options.js';
import {
  type ControlOptions,
  type LockReleaseOptions,
  type RecoverOptions,
  type ResumeOptions,
  withLockReleaseFlags,
  withRecoverFlags,
  withResumeFlags,
  withRunId,
} from '../session/flags.js';
import { withBudgetFlag, withRecordFlags, withRunFlags } from '../session/run-options.js';

/** What is done with a run that was started, and with what it left on hosts. */
export function registerRunControl(program: Command, wiring: Wiring): void {
  addCommand<ControlOptions>(program, wiring, {
    usage: 'pause',
    purpose: 'finish the hosts in flight, then wait',
    examples: ['fleet pause 20260131T120000Z-a1b2', 'fleet pause 20260131'],
    what: withRunId,
    how: withReason,
    load: async () => (await import('../commands/runs/control.js')).pause,
  });
  addCommand<ResumeOptions>(program, wiring, {
    usage: 'resume',
    purpose: 'continue a paused run, or one whose controller died',
    examples: [
      'fleet resume 20260131T120000Z-a1b2',
      'fleet resume 20260131T120000Z-a1b2 --max-unavailable 25%',
      'fleet resume 20260131T120000Z-a1b2 --from git:v1.4.2 --yes',
      'fleet resume 20260131T120000Z-a1b2 --hook-done before_activate-1',
    ],
    what: withResumeFlags,
    how: (command) => withRunFlags(withBudgetFlag(command)),
    records: withRecordFlags,
    load: async () => (await import('../commands/runs/resume.js')).resume,
  });
  addCommand<ControlOptions>(program, wiring, {
    usage: 'abort',
    purpose: 'stop a run, like Ctrl-C in its own shell',
    examples: ['fleet abort 20260131T120000Z-a1b2', 'fleet abort 20260131'],
    what: withRunId,
    how: withReason,
    load: async () => (await import('../commands/runs/control.js')).abort,
  });
  addCommand<RecoverOptions>(program, wiring, {
    usage: 'recover',
    purpose: 'settle hosts that a dead run left locked or unfinished',
    examples: ['fleet recover', 'fleet recover -g prod', 'fleet recover -g prod --force'],
    what: withRecoverFlags,
    how: withReason,
    load: async () => (await import('../commands/runs/recover.js')).recover,
  });
  registerLocks(program, wiring);
}

function registerLocks(program: Command, wiring: Wiring): void {
  const lock = addGroup(program, {
    usage: 'lock',
    purpose: 'show who holds locks, or unlock',
    examples: ['fleet lock status -g prod', 'fleet lock release -g prod --force'],
  });
  addCommand<CommonOptions>(lock, wiring, {
    usage: 'status',
    purpose: 'show who holds the locks of hosts and of this bastion',
    examples: ['fleet lock status -g prod', 'fleet lock status -g prod --json'],
    isReading: always,
    load: async () => (await import('../commands/hosts/lock.js')).lockStatus,
  });
  addCommand<LockReleaseOptions>(lock, wiring, {
    usage: 'release',
    purpose: 'unlock hosts and this bastion, whoever holds the locks',
    examples: ['fleet lock release -g prod --force', 'fleet lock release -g prod -l web03 --force'],
    what: withLockReleaseFlags,
    how: withReason,
    load: async () => (await import('../commands/hosts/lock.js')).lockRelease,
  });
}
