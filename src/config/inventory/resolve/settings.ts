import { isDeepStrictEqual } from 'node:util';
import { fold } from '../../../model/text/group-by.js';
import type { Setting } from '../../settings/setting.js';
import type { Layer } from '../read/parts.js';
import type { GroupGraph } from './groups.js';

/** What holds of a host: one setting, or several of the same rank that differ. */
export type Settings = ReadonlyMap<string, readonly [Setting, ...Setting[]]>;

/** The groups and files that a host is in. */
export interface Standing {
  /** Groups that name it, in file order. */
  readonly groups: readonly string[];
  /** Top layers of the files that name it. */
  readonly files: readonly Layer[];
}

/**
 * The settings that files and groups give: a group outranks the groups that hold it, any group
 * outranks the file. Groups of which neither holds the other are of one rank.
 */
export function settingsOf(standing: Standing, graph: GroupGraph): Settings {
  const all = new Set(standing.groups.flatMap((name) => [name, ...(graph.above.get(name) ?? [])]));
  const written = [...all].flatMap((group) =>
    (graph.parts.get(group) ?? []).flatMap(({ layer }) =>
      [...layer].map(([key, setting]) => ({ key, group, setting })),
    ),
  );
  const fromGroups = new Map<string, readonly Setting[]>();
  for (const entries of fold(written, ({ key }) => key)) {
    const nearest = entries.filter(
      (entry) => !entries.some((other) => graph.above.get(other.group)?.has(entry.group)),
    );
    fromGroups.set(
      entries[0].key,
      nearest.map(({ setting }) => setting),
    );
  }
  return overlay(fromGroups, gather(standing.files));
}

/** Lays the settings of the host's own mentions over the rest. */
export function withOwn(own: readonly Layer[], below: Settings): Settings {
  return own.every((layer) => layer.size === 0) ? below : overlay(gather(own), below);
}

function gather(layers: readonly Layer[]): ReadonlyMap<string, readonly Setting[]> {
  const entries = layers.flatMap((layer) => [...layer]);
  return new Map(
    fold(entries, ([key]) => key).map((same) => [same[0][0], same.map(([, setting]) => setting)]),
  );
}

type Gathered = ReadonlyMap<string, readonly Setting[]>;

function overlay(over: Gathered, below: Gathered): Settings {
  const merged = new Map<string, readonly [Setting, ...Setting[]]>();
  for (const [key, settings] of [...below, ...over]) {
    const [first, ...rest] = settings;
    if (first === undefined) continue;
    merged.set(key, [first, ...rest.filter((each) => !isDeepStrictEqual(each.value, first.value))]);
  }
  return merged;
}
