import type { Step } from '../../../host/protocol/protocol.js';
import { type BackupRun, backupStep, restoreStep } from '../../../host/steps/backup-steps.js';
import type { Ownership } from '../../../host/steps/steps.js';
import { type Backup, NO_BACKUP } from '../../../model/releases/backup.js';
import { takesBackup } from '../../../model/runs/preparation.js';
import type { CallSubject } from './call-subject.js';
import type { CallLimits } from './host-call.js';

/** For one call beside the time that its steps have, in milliseconds. */
const CALL_MS = 30_000;

/** A step of the preparation, and how long it may take on the host, in milliseconds. */
interface Preparation {
  readonly step: Step;
  readonly withinMs: number;
}

/**
 * The steps in one call before a host's activation, in order: the backup of the host, and the restore of an earlier
 * one, since what that overwrites is in the backup too. Hooks of `before_activate` have run by then: they may stop
 * what writes, and only then a backup is taken.
 */
export function preparationSteps(
  by: Ownership,
  { plan, host }: CallSubject,
): readonly Preparation[] {
  const { app, kind } = plan;
  const { restore } = host;
  if (!takesBackup(app, host) && restore === undefined) return [];
  const backup = app.backup ?? NO_BACKUP;
  const on: BackupRun = { app: app.name, host: host.host.name, kind, from: host.from, to: host.to };
  const withinMs = withinOf(backup);
  const take = { step: backupStep(by, on, { backup, before: restore?.id }), withinMs };
  if (restore === undefined) return [take];
  return [take, { step: restoreStep(by, on, { backup, id: restore.id }), withinMs }];
}

/** How long a backup or a restore may take: its copies as long as its command. */
export const withinOf = ({ timeoutMs }: Pick<Backup, 'timeoutMs'>): number => 2 * timeoutMs;

/** A preparation that cannot be asked for changes nothing, so the host is not tried for longer. */
export function preparationLimits(steps: readonly Preparation[]): CallLimits {
  const timeoutMs = steps.reduce((sum, { withinMs }) => sum + withinMs, CALL_MS);
  return { timeoutMs, patienceMs: timeoutMs };
}
