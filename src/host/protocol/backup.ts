import * as z from 'zod';
import { BACKUP_KINDS } from '../../model/releases/backup.js';
import * as shape from './shapes.js';

/** A size in KiB, as du(1) counts. */
const kib = z
  .int('not a size in KiB')
  .min(0, 'not a size in KiB')
  .max(2 ** 31 - 1, 'not a size in KiB');

/** A backup on a host. Its paths are for reading and for the form of fleet.yaml, never for a shell. */
export const backup = z.object({
  event: z.literal('backup'),
  /** The transaction that it was taken in. */
  id: shape.transaction,
  run: shape.runId,
  epoch: shape.epoch,
  at: shape.time,
  by: shape.label.nullable(),
  /** What was current, and what was to become so. */
  from: shape.releaseId.nullable(),
  to: shape.releaseId.nullable(),
  kind: z.enum(BACKUP_KINDS, 'not a kind of backup'),
  kib,
  /** Of what the command wrote; null without a command. */
  commandKib: kib.nullable(),
  paths: z
    .array(
      z.object({
        path: shape.reason,
        /** Null if it was absent. */
        kib: kib.nullable(),
      }),
      'not a list',
    )
    .max(200, 'a list of more than 200')
    .readonly(),
  /** It was taken for the activation that made `current` what it is. */
  recent: z.boolean('not true or false').default(false),
});

export type HostBackup = Readonly<Omit<z.infer<typeof backup>, 'event'>>;

/** The paths of this backup are in their places. */
export const restored = z.object({ event: z.literal('restored'), id: shape.transaction });

/** The sizes of a backup in bytes. */
export function backupSizes({
  kib: whole,
  commandKib,
  paths,
}: Pick<HostBackup, 'kib' | 'commandKib' | 'paths'>) {
  return {
    bytes: bytesOf(whole),
    commandBytes: commandKib === null ? null : bytesOf(commandKib),
    paths: paths.map(({ path, kib: size }) => ({
      path,
      bytes: size === null ? null : bytesOf(size),
    })),
  };
}

/** Hosts count in KiB, since not every shell counts bytes beyond 2 GiB. */
export const bytesOf = (size: number): number => size * 1024;
