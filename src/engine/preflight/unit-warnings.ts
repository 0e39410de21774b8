import type { HostFacts } from '../../host/protocol/protocol.js';
import type { App } from '../../model/runs/app.js';
import { formatDuration } from '../../model/text/duration.js';
import { groupBy } from '../../model/text/group-by.js';
import { namesText } from '../../model/text/name-ranges.js';
import type { ReadHost } from '../reading/host-reading.js';
import { restartedUnits, restartTime } from './restart-time.js';
import { unitFileWarnings } from './unit-file-problems.js';
import { adminSystemctl, stopsUnits } from './unit-problems.js';

/** Warnings about the units of a host before a run. None of them stops it. */
export function unitWarnings(facts: HostFacts, app: App): readonly string[] {
  const { service, policy } = app;
  const found: string[] = [...unitFileWarnings(facts)];
  const reload = adminSystemctl(service, 'daemon-reload');
  for (const { unit, changed, killMode } of restartedUnits(facts.units)) {
    if (changed === true) {
      found.push(`the unit file of ${unit} was changed, and systemd runs it as it was: ${reload}`);
    }
    if (stopsUnits(service) && (killMode === 'process' || killMode === 'none')) {
      found.push(
        `${unit} has KillMode=${killMode}: a restart leaves its other processes running on the old release`,
      );
    }
  }
  for (const { unit, parts = [] } of stopsUnits(service) ? facts.units : []) {
    const apart = parts.filter(({ restarted }) => !restarted);
    const kept = apart.filter(({ triggered }) => triggered === null);
    for (const job of apart.filter(
      (each) => each.triggered === 'timer' && each.active === 'active',
    )) {
      found.push(
        `restarting ${unit} does not restart ${job.unit}, which runs now: name both where it is to run the release`,
      );
    }
    if (kept.length > 0 && kept.length < parts.length) {
      const names = kept.map((part) => part.unit).join(', ');
      found.push(`restarting ${unit} does not restart ${names} (no PartOf=${unit})`);
    }
  }
  const time = restartTime(facts.units, app);
  if (time.kind === 'may-be') {
    const deadline = formatDuration(policy.confirmDeadlineMs);
    found.push(
      `${time.why}, and the automatic rollback timer fires after ${deadline} (policy.confirm_deadline)`,
    );
  }
  return found;
}

/** The same for all hosts of a plan: each warning once, with its hosts. */
export function planUnitWarnings(hosts: readonly ReadHost[], app: App): readonly string[] {
  const found = hosts.flatMap(({ host, facts }) =>
    unitWarnings(facts, app).map((warning) => ({ name: host.name, warning })),
  );
  return groupBy(found, ({ warning }) => warning).map((same) => {
    const names = namesText(same.map(({ name }) => name));
    return `${names}: ${same[0].warning}`;
  });
}
