import { FleetError } from '../../errors/fleet-error.js';
import type { HostFailure } from '../../errors/host-failure.js';
import type { HostBackup } from '../../host/protocol/backup.js';
import { currentOf } from '../../host/reply/facts.js';
import { type BackupRun, backupStep, restoreStep } from '../../host/steps/backup-steps.js';
import type { HostName } from '../../model/names.js';
import { NO_BACKUP } from '../../model/releases/backup.js';
import type { App } from '../../model/runs/app.js';
import type { ReadHost } from '../reading/host-reading.js';
import { withinOf } from '../run/calls/preparation.js';
import { type HeldWork, workOnHeld } from './held-host.js';

/** A backup that is to be restored on its host. */
export interface ChosenBackup {
  readonly read: ReadHost;
  readonly backup: HostBackup;
}

/**
 * The backup of each host that a run took, by its id or a prefix of it; the newest, if the run was resumed. Throws
 * `backup_unknown` if no host has one, or if the prefix fits several runs.
 */
export function chooseBackups(
  reads: readonly ReadHost[],
  reference: string,
): { readonly chosen: readonly ChosenBackup[]; readonly without: readonly HostName[] } {
  const all = reads.flatMap((read) => backupsOf(read).map((backup) => ({ read, backup })));
  const exact = all.filter(({ backup }) => [backup.run, backup.id].includes(reference));
  const fitting =
    exact.length > 0 ? exact : all.filter(({ backup }) => backup.run.startsWith(reference));
  const runs = [...new Set(fitting.map(({ backup }) => backup.run))];
  if (reference === '' || runs.length === 0) {
    throw new FleetError('backup_unknown', `no host has a backup of run ${reference}`, {
      hint: 'fleet backups lists what there is',
    });
  }
  if (runs.length > 1) {
    throw new FleetError('backup_unknown', `${reference} matches several runs; type more of it`, {
      problems: runs.slice(0, 10).map((message) => ({ message })),
    });
  }
  const chosen = reads.flatMap((read) => {
    const own = fitting.filter((each) => each.read === read);
    return own.toSorted((a, b) => a.backup.epoch - b.backup.epoch).slice(-1);
  });
  const names = new Set(chosen.map(({ read }) => read.host.name));
  const without = reads.map(({ host }) => host.name).filter((name) => !names.has(name));
  return { chosen, without };
}

const backupsOf = ({ facts }: ReadHost): readonly HostBackup[] => facts.backups ?? [];

export interface RestoreOptions {
  readonly app: App;
  /** Whether what is there now is kept first. */
  readonly keeps: boolean;
  readonly work: Omit<HeldWork, 'leaseMs'>;
}

/** What became of one host; `kept` is the backup of what was there before, null if there is none. */
export interface Restored {
  readonly host: HostName;
  readonly backup: HostBackup;
  readonly kept: HostBackup | null;
  readonly failure: HostFailure | null;
}

/** Restores each backup on its host. A host that fails is as it was before, and does not stop the others. */
export async function restoreBackups(
  chosen: readonly ChosenBackup[],
  options: RestoreOptions,
): Promise<readonly Restored[]> {
  const { app } = options;
  const timeoutMs = withinOf(app.backup ?? NO_BACKUP) + 30_000;
  // No heartbeat renews the lock, so it lasts as long as all of it may take.
  const work: HeldWork = { ...options.work, leaseMs: app.policy.leaseMs + 2 * timeoutMs };
  return Promise.all(
    chosen.map(async ({ read, backup }, index) => {
      const { failure, events } = await workOnHeld(read, index, {
        work,
        calls: (by) => {
          const on = runOn(read, app);
          const settings = app.backup ?? NO_BACKUP;
          const keep = { ...settings, paths: [] };
          const take = backupStep(by, on, { backup: keep, before: backup.id });
          const restore = restoreStep(by, on, { backup: settings, id: backup.id });
          return [...(options.keeps ? [take] : []), restore].map((step) => ({
            steps: [step],
            timeoutMs,
          }));
        },
      });
      const kept = events.findLast((event) => event.event === 'backup') ?? null;
      return { host: read.host.name, backup, kept, failure };
    }),
  );
}

/** The commands run in the folder of the release that is current. */
function runOn({ host, facts }: ReadHost, app: App): BackupRun {
  return { app: app.name, host: host.name, kind: 'restore', from: currentOf(facts), to: null };
}
