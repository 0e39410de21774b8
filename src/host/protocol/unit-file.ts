import * as z from 'zod';
import { unitFileOf } from '../../model/releases/unit-file.js';
import type { Service } from '../../model/runs/app.js';
import * as shape from './shapes.js';

/** For people: controls are blanks, and a long file is cut. */
const unitLines = z.array(shape.reason, 'not a list').max(400, 'more than 400 lines');

/** What is installed under the name of a unit file, and which commands for it sudo does not allow. */
export const unitFileEvent = z.object({
  event: z.literal('unit_file'),
  unit: shape.unitName,
  /** `link`: masked, or an alias; fleet does not replace it. */
  found: z.enum(['absent', 'file', 'link'], 'not what can be found'),
  sha256: z
    .string('not a text')
    .regex(/^[0-9a-f]{64}$/, 'not a sha256')
    .optional(),
  /** Left out if the same answer has them already. */
  lines: unitLines.optional(),
  /** What the current release has brought under this name, if something else is there now. */
  brought: unitLines.optional(),
  lacking: z.array(shape.reason, 'not a list').max(500, 'a list of more than 500'),
});

export type UnitFileReading = Readonly<Omit<z.output<typeof unitFileEvent>, 'event'>>;

/** A unit file that a release on the host has brought. */
export const keptUnitEvent = z.object({
  event: z.literal('kept_unit'),
  release: shape.releaseId,
  unit: shape.unitName,
  sha256: shape.sha256,
  /** Left out if the same answer has them already. */
  lines: unitLines.optional(),
});

export type KeptUnit = Readonly<Omit<z.output<typeof keptUnitEvent>, 'event'>>;

/** What systemd on the host says of a unit file that is not there yet. */
export const unitCheckEvent = z.object({
  event: z.literal('unit_check'),
  unit: shape.unitName,
  /** Why it does not take the file; null if it does. */
  refused: shape.reason.nullable(),
  /** Lines with settings that only a newer systemd knows. */
  ignored: z.array(shape.reason, 'not a list').max(400, 'a list of more than 400'),
});

export type UnitCheck = Readonly<Omit<z.output<typeof unitCheckEvent>, 'event'>>;

/** The folder of units of the system, where fleet installs. */
const FOLDER = '/etc/systemd/system';

/** All that sudo must allow for the unit files of an app, as `unit_rights` of facts asks for it. */
export function unitFileCommands(
  { units }: Pick<Service, 'units'>,
  names: readonly string[],
  folder = FOLDER,
): readonly string[] {
  const perFile = names.flatMap((name) => {
    const path = `${folder}/${name}`;
    return [`tee ${path}.fleet`, `mv -f ${path}.fleet ${path}`, `rm -f ${path}`];
  });
  const brought = units.filter((unit) => names.includes(unit) || names.includes(unitFileOf(unit)));
  const perUnit = brought.flatMap((unit) => [
    `systemctl enable ${unit}`,
    `systemctl disable ${unit}`,
  ]);
  return [...perFile, ...(names.length === 0 ? [] : ['systemctl daemon-reload']), ...perUnit];
}
