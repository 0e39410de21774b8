import type { FleetEventBody } from '../../events/event.js';
import { bytesOf } from '../../host/protocol/backup.js';
import type { HostEvent } from '../../host/reply/reply.js';
import type { HostName } from '../../model/names.js';

/** What a host reports of its backups, for the records. */
export function backupEvent(
  event: Extract<HostEvent, { event: 'backup' | 'restored' }>,
  host: HostName,
): FleetEventBody {
  if (event.event === 'restored') return { type: 'backup-restored', host, backup: event.id };
  const { id, from, to, kib, commandKib, paths } = event;
  return {
    type: 'backup-taken',
    host,
    backup: id,
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
