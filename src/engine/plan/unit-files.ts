import { createHash } from 'node:crypto';
import type { HostFacts } from '../../host/protocol/protocol.js';
import type { RenderedUnits, UnitFile } from '../../model/runs/unit-file.js';
import { groupBy } from '../../model/text/group-by.js';
import type { ReadHost } from '../reading/host-reading.js';

type File = Pick<UnitFile, 'name' | 'text'>;

/** Whether each of these files is installed on the host as it is to be. */
export function hasUnitFiles({ unitFiles = [] }: HostFacts, files: readonly File[] = []): boolean {
  return files.every(({ name, text }) => {
    const found = unitFiles.find(({ unit }) => unit === name);
    return found?.found === 'file' && found.sha256 === sha256Of(text);
  });
}

/** The unit files of a plan: hosts that get the same text in place of the same are together. */
export function unitFilesOf(
  hosts: readonly ReadHost[],
  units: RenderedUnits | undefined,
): readonly UnitFile[] {
  const single = hosts.flatMap(({ host, facts }) =>
    (units?.get(host.name) ?? []).map((file) => ({
      ...file,
      before: textBefore(facts, file),
      host: host.name,
    })),
  );
  const alike = groupBy(single, ({ name, text, before }) => JSON.stringify([name, text, before]));
  return alike.map((same) => {
    const [{ name, text, before }] = same;
    return { name, hosts: same.map(({ host }) => host), text, before };
  });
}

function textBefore(facts: HostFacts, { name, text }: File): string | null {
  const found = facts.unitFiles?.find(({ unit }) => unit === name);
  if (found === undefined || found.found === 'absent') return null;
  if (found.sha256 === sha256Of(text)) return text;
  return `${(found.lines ?? []).join('\n')}\n`;
}

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');
