import { bytesOf, type HostBackup } from '../../host/protocol/backup.js';
import type { HostName } from '../../model/names.js';
import type { BackupRow } from '../../ui/reports/backups/rows.js';

/** A backup as it is shown. */
export function backupRow(host: HostName, backup: HostBackup): BackupRow {
  const { id, run, at, by, kind, from, to, kib, commandKib, paths } = backup;
  return {
    host,
    backup: id,
    run,
    at,
    by,
    kind,
    from,
    to,
    bytes: bytesOf(kib),
    commandBytes: commandKib === null ? null : bytesOf(commandKib),
    paths: paths.map((each) => ({
      path: each.path,
      bytes: each.kib === null ? null : bytesOf(each.kib),
    })),
  };
}
