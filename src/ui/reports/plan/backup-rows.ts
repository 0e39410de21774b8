import { printableLine } from '../../../errors/printable.js';
import type { Plan } from '../../../model/runs/plan.js';
import { takesBackup } from '../../../model/runs/preparation.js';
import { bytesText } from '../../../model/text/bytes-text.js';
import { countText } from '../../../model/text/count-text.js';
import { groupBy } from '../../../model/text/group-by.js';
import { namesText } from '../../../model/text/name-ranges.js';
import type { Style } from '../../terminal/style.js';
import { localDateTime } from '../../text/format.js';
import { row } from './row.js';

const NAMES_WIDTH = 32;

/** What hosts keep before their links move, and what they restore. */
export function backupRows(plan: Plan, style: Style): readonly string[] {
  return [...keptRows(plan, style), ...restoreRows(plan, style)];
}

function keptRows({ app, hosts }: Plan, style: Style): readonly string[] {
  const { backup } = app;
  const taking = hosts.filter((host) => !host.done && takesBackup(app, host)).length;
  if (backup === undefined || taking === 0) return [];
  const where = taking === hosts.length ? 'each host' : countText(taking, 'host');
  const { paths, command, keep } = backup;
  return [
    ...(paths.length === 0 ? [] : [`${paths.map((path) => printableLine(path)).join(', ')}`]),
    ...(command === null ? [] : [`command: ${printableLine(command)}`]),
    `on ${where}, before it is activated; ${keep} kept`,
  ].map((text, i) => row(i === 0 ? 'backup' : '', text, style));
}

function restoreRows({ app, hosts }: Plan, style: Style): readonly string[] {
  const restoring = hosts.flatMap(({ host, restore, done }) =>
    restore === undefined || done ? [] : [{ name: host.name, restore }],
  );
  const rows = groupBy(restoring, ({ restore: { run, paths } }) =>
    JSON.stringify([run, paths]),
  ).map((same) => {
    const [{ restore }] = same;
    const bytes = same.reduce((sum, each) => sum + each.restore.bytes, 0);
    const names = namesText(
      same.map(({ name }) => name),
      NAMES_WIDTH,
    );
    const what = restore.paths.map((path) => printableLine(path)).join(', ');
    return [
      `the backup of run ${restore.run}, ${localDateTime(restore.at)}, ${bytesText(bytes)}`,
      `${what === '' ? 'no paths' : what}, on ${names}`,
    ];
  });
  const command = app.backup?.restoreCommand ?? null;
  const texts = [
    ...rows.flat(),
    ...(restoring.length === 0 || command === null ? [] : [`command: ${printableLine(command)}`]),
  ];
  return texts.map((text, i) => row(i === 0 ? 'restore' : '', style.yellow(text), style));
}
