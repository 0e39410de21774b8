import { FleetError } from '../../errors/fleet-error.js';
import { bytesOf, type HostBackup } from '../../host/protocol/backup.js';
import type { HostFacts } from '../../host/protocol/protocol.js';
import type { HostName } from '../../model/names.js';
import type { PlannedRestore } from '../../model/releases/backup.js';
import { causesOf } from '../../model/runs/alike.js';
import type { HostPlan, Plan } from '../../model/runs/plan.js';
import { countText } from '../../model/text/count-text.js';
import { countedNames, namesText } from '../../model/text/name-ranges.js';
import type { ReadHost } from '../reading/host-reading.js';

/**
 * A rollback that restores on each host the backup which was taken when its current release replaced the target: what
 * the host had when it last ran the target. Throws `backup_unknown` if a host has none.
 */
export function withRestores(plan: Plan, reached: readonly ReadHost[]): Plan {
  const factsOf = new Map(reached.map(({ host, facts }) => [host.name, facts]));
  const found = plan.hosts.map((host) => ({ host, backup: backupFor(host, factsOf) }));
  const without = found.flatMap(({ host, backup }) => (backup === null ? [host] : []));
  if (without.length > 0) throw refusal(plan, without);
  const hosts = found.map(({ host, backup }) =>
    backup === null ? host : { ...host, restore: plannedOf(backup) },
  );
  return { ...plan, hosts };
}

/** Several, if the run that activated it was resumed: the newest then. */
function backupFor(
  { host, from, to }: HostPlan,
  factsOf: ReadonlyMap<HostName, HostFacts>,
): HostBackup | null {
  const fitting = (factsOf.get(host.name)?.backups ?? []).filter(
    (backup) =>
      backup.recent && backup.kind !== 'restore' && backup.from === to && backup.to === from,
  );
  return fitting.toSorted((a, b) => a.epoch - b.epoch).at(-1) ?? null;
}

function plannedOf({ id, run, at, kib, paths }: HostBackup): PlannedRestore {
  const there = paths.filter((path) => path.kib !== null);
  return { id, run, at, bytes: bytesOf(kib), paths: there.map(({ path }) => path) };
}

function refusal(plan: Plan, without: readonly HostPlan[]): FleetError {
  const names = without.map(({ host }) => host.name);
  const target = plan.release.id;
  const problems = causesOf(
    without.map(({ host, from }) => ({
      host: host.name,
      failure: {
        code: 'backup_unknown' as const,
        message: `no backup was taken when ${from ?? 'its current release'} replaced ${target}`,
      },
    })),
  ).map(({ hosts, message }) => ({ message: `${countedNames(hosts)}: ${message}` }));
  const count = `${countText(names.length, 'host')} of ${plan.hosts.length}`;
  return new FleetError(
    'backup_unknown',
    `${count} has no backup for this rollback: ${namesText(names)}`,
    {
      problems,
      hint: `see what there is: fleet backups -g ${plan.group}; roll back without --restore-backup, then restore one: fleet backups restore RUN -g ${plan.group}`,
    },
  );
}

/** What a person needs to know of a restore that is planned. */
export function restoreWarnings(
  { app, hosts }: Plan,
  reached: readonly ReadHost[],
): readonly string[] {
  if ((app.backup?.restoreCommand ?? null) !== null) return [];
  const ids = new Set(hosts.flatMap(({ restore }) => (restore === undefined ? [] : [restore.id])));
  const names = reached.flatMap(({ host, facts }) =>
    (facts.backups ?? []).some(({ id, commandKib }) => ids.has(id) && commandKib !== null)
      ? [host.name]
      : [],
  );
  if (names.length === 0) return [];
  return [
    `${namesText(names)}: what the backup command wrote is not restored: backup.restore_command is not set`,
  ];
}
