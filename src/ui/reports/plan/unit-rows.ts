import { printableLine } from '../../../errors/printable.js';
import type { UnitFile } from '../../../model/releases/unit-file.js';
import type { Plan } from '../../../model/runs/plan.js';
import { countedNames } from '../../../model/text/name-ranges.js';
import type { Style } from '../../terminal/style.js';
import { diffLines } from '../../text/diff-lines.js';
import { row } from './row.js';

/** Lines that are shown above and below a change. */
const AROUND = 2;
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
  const shown = changed
    .slice(0, MOST_SHOWN)
    .flatMap((file, index) => [
      row(index === 0 ? 'unit files' : '', `${file.name}, ${whatOf(file)}`, style),
      ...(file.byHand === true ? [row('', style.yellow(BY_HAND), style)] : []),
      ...difference(file, style).map((line) => `      ${line}`),
    ]);
  return [...shown, ...restRows(changed.slice(MOST_SHOWN), style)];
}

function restRows(rest: readonly UnitFile[], style: Style): readonly string[] {
  if (rest.length === 0) return [];
  const hosts = [...new Set(rest.flatMap((file) => file.hosts))];
  const text = `and on ${countedNames(hosts, 28)}: --json shows these too`;
  return [row('', text, style)];
}

function whatOf({ before, hosts }: UnitFile): string {
  const what = before === null ? 'new' : 'changed';
  return `${what} on ${countedNames(hosts, 40)}`;
}

function difference({ before, text }: UnitFile, style: Style): readonly string[] {
  return diffLines(before ?? '', text, AROUND).map((line) => {
    const shown = printableLine(line);
    if (line.startsWith('+')) return style.green(shown);
    return line.startsWith('-') ? style.red(shown) : style.dim(shown);
  });
}
