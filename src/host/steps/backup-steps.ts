import type { ReleaseId } from '../../model/names.js';
import type { Backup, BackupKind } from '../../model/releases/backup.js';
import type { Step } from '../protocol/protocol.js';
import { type Ownership, ownArgs } from './steps.js';

type Args = Step['args'];

/** What a command of a backup needs to know of its run. */
export interface BackupRun {
  readonly app: string;
  readonly host: string;
  readonly kind: BackupKind;
  readonly from: ReleaseId | null;
  readonly to: ReleaseId | null;
}

/**
 * Takes a backup: copies the paths, and runs the command. With `before`, a backup that is about to be restored, its
 * paths are kept too, where they exist.
 */
export function backupStep(
  by: Ownership,
  on: BackupRun,
  { backup, before }: { readonly backup: Backup; readonly before?: string | undefined },
): Step {
  return {
    verb: 'backup',
    args: [
      ...ownArgs(by),
      ...runArgs(on),
      ['timeout_ms', String(backup.timeoutMs)],
      ...backup.paths.map((path): Args[number] => ['path', path]),
      ...commandArgs(backup.command),
      ...(before === undefined ? [] : ([['backup', before]] as const)),
    ],
  };
}

/** Restores the paths of a backup, then runs the restore command. */
export function restoreStep(
  by: Ownership,
  on: BackupRun,
  {
    backup,
    id,
  }: { readonly backup: Pick<Backup, 'restoreCommand' | 'timeoutMs'>; readonly id: string },
): Step {
  return {
    verb: 'restore',
    args: [
      ...ownArgs(by),
      ...runArgs(on),
      ['backup', id],
      ['timeout_ms', String(backup.timeoutMs)],
      ...commandArgs(backup.restoreCommand),
    ],
  };
}

function runArgs({ app, host, kind, from, to }: BackupRun): Args {
  return [
    ['app', app],
    ['host', host],
    ['kind', kind],
    ['from', from ?? '-'],
    ['to', to ?? '-'],
  ];
}

const commandArgs = (command: string | null): Args =>
  command === null ? [] : [['command', command]];
