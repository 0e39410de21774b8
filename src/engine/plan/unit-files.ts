import { createHash } from 'node:crypto';
import type { HostFacts } from '../../host/protocol/protocol.js';
import type { ReleaseId } from '../../model/names.js';
import type { RenderedUnits, UnitFile } from '../../model/releases/unit-file.js';
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

/** The unit files that a deploy brings: hosts that get the same text in place of the same are together. */
export function unitFilesOf(
  hosts: readonly ReadHost[],
  units: RenderedUnits | undefined,
): readonly UnitFile[] {
  return alike(
    hosts.flatMap((read) =>
      (units?.get(read.host.name) ?? []).map((file) => ({
        read,
        file,
        sha256: sha256Of(file.text),
      })),
    ),
  );
}

/** The unit files that hosts keep of a release, and install again when they go to it. */
export function keptUnitFiles(hosts: readonly ReadHost[], id: ReleaseId): readonly UnitFile[] {
  return alike(
    hosts.flatMap((read) =>
      (read.facts.keptUnits ?? [])
        .filter(({ release }) => release === id)
        .map(({ unit, sha256, lines = [] }) => ({
          read,
          file: { name: unit, text: textOf(lines) },
          sha256,
        })),
    ),
  );
}

interface Single {
  readonly read: ReadHost;
  readonly file: File;
  readonly sha256: string;
}

function alike(single: readonly Single[]): readonly UnitFile[] {
  const changes = single.map(({ read: { host, facts }, file, sha256 }) => {
    const found = facts.unitFiles?.find(({ unit }) => unit === file.name);
    const isOther = found?.found === 'file' && found.sha256 !== sha256;
    return {
      ...file,
      host: host.name,
      before: beforeOf(found, { ...file, sha256 }),
      byHand: isOther && found.brought !== undefined,
    };
  });
  const same = groupBy(changes, ({ name, text, before, byHand }) =>
    JSON.stringify([name, text, before, byHand]),
  );
  return same.map((each) => {
    const [{ name, text, before, byHand }] = each;
    const hosts = each.map(({ host }) => host);
    return { name, hosts, text, before, ...(byHand ? { byHand } : {}) };
  });
}

type Found = NonNullable<HostFacts['unitFiles']>[number];

function beforeOf(found: Found | undefined, { text, sha256 }: File & { sha256: string }) {
  if (found === undefined || found.found === 'absent') return null;
  return found.sha256 === sha256 ? text : textOf(found.lines ?? []);
}

const textOf = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');
