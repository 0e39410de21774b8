import { backupSizes, type HostBackup } from '../../host/protocol/backup.js';
import type { HostName } from '../../model/names.js';
import type { BackupRow } from '../../ui/reports/backups/rows.js';

/** A backup as it is shown. */
export function backupRow(host: HostName, backup: HostBackup): BackupRow {
  const { id, run, at, by, kind, from, to } = backup;
  return {
    host,
    backup: id,
    run,
    at,
    by,
    kind,
    from,
    to,
    ...backupSizes(backup),
  };
}
