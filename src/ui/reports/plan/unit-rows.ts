import type { HostName } from '../../../model/names.js';
import type { UnitFile } from '../../../model/releases/unit-file.js';
import type { Plan } from '../../../model/runs/plan.js';
import { groupBy } from '../../../model/text/group-by.js';
import { countedNames } from '../../../model/text/name-ranges.js';
import type { Style } from '../../terminal/style.js';
import { diffRows } from '../../text/diff-rows.js';
import { row } from './row.js';

const BY_HAND = 'it was changed by hand there: this run overwrites that';
/** Changes that are shown: a template that names its host gives as many as there are hosts. */
const MOST_SHOWN = 3;

/** The unit files that the run installs: a new one whole, a changed one by what differs. Hosts with the same are together. */
export function unitRows(plan: Plan, style: Style): readonly string[] {
  const { kind, app, unitFiles = [] } = plan;
  if (kind === 'rollback' && unitFiles.length === 0 && (app.service.templates ?? []).length > 0) {
    return [row('unit files', 'stay as they are: the release has brought none', style)];
  }
  const changed = unitFiles.filter(({ text, before }) => text !== before);
  if (unitFiles.length === 0) return [];
  if (changed.length === 0) return [row('unit files', 'are installed already', style)];
  const alike = changesAlike(changed, style);
  const shown = alike
    .slice(0, MOST_SHOWN)
    .flatMap(({ file, hosts, lines }, index) => [
      row(index === 0 ? 'unit files' : '', `${file.name}, ${whatOf(file, hosts)}`, style),
      ...(file.byHand === true ? [row('', style.yellow(BY_HAND), style)] : []),
      ...lines.map((line) => `      ${line}`.trimEnd()),
      '',
    ]);
  return [...shown, ...restRows(alike.slice(MOST_SHOWN), style)];
}

interface Change {
  readonly file: UnitFile;
  readonly hosts: readonly HostName[];
  readonly lines: readonly string[];
}

/** Hosts whose files differ, e.g. by their names, may still have the same change. */
function changesAlike(files: readonly UnitFile[], style: Style): readonly Change[] {
  const changes = files.map((file) => ({
    file,
    lines: diffRows(file.before ?? '', file.text, style),
  }));
  return groupBy(changes, ({ file: { name, before, byHand }, lines }) =>
    JSON.stringify([name, before === null, byHand === true, lines]),
  ).map((same) => ({ ...same[0], hosts: same.flatMap(({ file }) => file.hosts) }));
}

function restRows(rest: readonly Change[], style: Style): readonly string[] {
  if (rest.length === 0) return [];
  const hosts = [...new Set(rest.flatMap((change) => change.hosts))];
  const text = `and on ${countedNames(hosts, 28)}: --json shows these too`;
  return [row('', text, style)];
}

function whatOf({ before }: UnitFile, hosts: readonly HostName[]): string {
  const what = before === null ? 'new' : 'changed';
  return `${what} on ${countedNames(hosts, 40)}`;
}
