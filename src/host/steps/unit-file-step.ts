import type { ReleaseId } from '../../model/names.js';
import type { UnitFile } from '../../model/releases/unit-file.js';
import type { Step } from '../protocol/protocol.js';
import { type Ownership, ownArgs } from './steps.js';

/** The unit files of a release, which the host keeps beside it; `scope` is that of the app's units. */
export function unitsStep(
  by: Ownership,
  id: ReleaseId,
  { scope, files }: { readonly scope: string; readonly files: readonly UnitFile[] },
): Step {
  return { verb: 'units', args: [...ownArgs(by), ['id', id], ['scope', scope], ...textsOf(files)] };
}

/** Asks systemd on the host whether it takes these files; installs nothing. */
export function checkUnitsStep(
  scope: string,
  files: readonly Pick<UnitFile, 'name' | 'text'>[],
): Step {
  return { verb: 'check_units', args: [['scope', scope], ...textsOf(files)] };
}

const textsOf = (files: readonly Pick<UnitFile, 'name' | 'text'>[]): Step['args'] =>
  files.flatMap(({ name, text }): Step['args'] => [
    ['unit_file', name],
    ...linesOf(text).map((line) => ['unit_line', line] as const),
  ]);

const linesOf = (text: string): readonly string[] => text.replace(/\n$/, '').split('\n');
