import type { Step } from '../../host/protocol/protocol.js';
import { type BackupRun, backupStep, restoreStep } from '../../host/steps/backup-steps.js';
import type { Ownership } from '../../host/steps/steps.js';
import { type Backup, NO_BACKUP } from '../../model/releases/backup.js';
import { takesBackup } from '../../model/runs/preparation.js';
import type { CallSubject } from './call-subject.js';

/**
 * The backup of a host before its link moves, and the restore of an earlier one: what that overwrites is in the backup
 * too.
 */
export function backupPreparation(
  by: Ownership,
  { plan, host }: CallSubject,
): readonly { readonly step: Step; readonly withinMs: number }[] {
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
