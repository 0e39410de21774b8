import type { FleetEventBody } from '../../../events/event.js';
import { backupSizes } from '../../../host/protocol/backup.js';
import type { HostEvent } from '../../../host/reply/reply.js';
import type { HostName } from '../../../model/names.js';

/** What a host reports of its backups, for the records. */
export function backupEvent(
  event: Extract<HostEvent, { event: 'backup' | 'restored' }>,
  host: HostName,
): FleetEventBody {
  if (event.event === 'restored') return { type: 'backup-restored', host, backup: event.id };
  const { id, from, to } = event;
  return {
    type: 'backup-taken',
    host,
    backup: id,
    from,
    to,
    ...backupSizes(event),
  };
}
