import { bytesText } from '../model/text/bytes-text.js';
import type { EventOf } from './event.js';

type BackupEvent = EventOf<'backup-taken' | 'backup-restored'>;

/** What a host kept or restored, with sizes: one line. */
export function backupEventText(event: BackupEvent): string {
  if (event.type === 'backup-restored') return `${event.host}: backup ${event.backup} restored`;
  const { host, bytes, commandBytes, paths } = event;
  const parts = [
    ...paths.map((each) =>
      each.bytes === null ? `${each.path} absent` : `${each.path} ${bytesText(each.bytes)}`,
    ),
    ...(commandBytes === null ? [] : [`its command ${bytesText(commandBytes)}`]),
  ];
  return `${host}: backup of ${bytesText(bytes)}: ${parts.join(', ')}`;
}
