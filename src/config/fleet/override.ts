import { isDeepStrictEqual } from 'node:util';
import type { Problem } from '../../errors/fleet-error.js';
import { placeOf } from '../../errors/render-problem.js';
import { nameOf } from '../schema/problem.js';
import type { YamlFile } from '../yaml/file.js';
import { nodeAt, type Path } from '../yaml/node.js';
import { locate, problemAt } from '../yaml/source-text.js';
import type { FleetYaml, OverrideYaml } from './schema.js';

/** Settings that are one value, though they are written as a map. */
export const WHOLE = new Set(['from', 'waves', 'template']);

type Settings = Readonly<Record<string, unknown>>;

/** `fleet.yaml` with overrides laid over it: maps are merged, anything else is replaced. */
export function applyOverrides(yaml: FleetYaml, overrides: readonly OverrideYaml[]): FleetYaml {
  // An override's schema is the file's with every key optional, so the merge is such a file again.
  return overrides.reduce<Settings>(mergeSettings, yaml) as FleetYaml;
}

function mergeSettings(base: Settings, over: Settings): Settings {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] =
      isSettings(below) && isSettings(value) && !WHOLE.has(key)
        ? mergeSettings(below, value)
        : value;
  }
  return merged;
}

/** Settings that two of the environments put at different values, shown at the later one. */
export function findClashes(yaml: FleetYaml, file: YamlFile, names: readonly string[]): Problem[] {
  const seen = new Map<string, { readonly path: Path; readonly value: unknown }>();
  const problems: Problem[] = [];
  for (const name of names) {
    for (const [path, value] of leaves(yaml.environments?.[name] ?? {}, [])) {
      const key = nameOf(path);
      const full = ['environments', name, ...path];
      const first = seen.get(key);
      if (first === undefined) seen.set(key, { path: full, value });
      else if (!isDeepStrictEqual(first.value, value)) problems.push(clash(file, first.path, full));
    }
  }
  return problems;
}

function clash(file: YamlFile, first: Path, second: Path): Problem {
  const spanAt = (path: Path) =>
    (file.root && nodeAt(file.root, path)?.node.span) ?? { start: 0, end: 0 };
  const other = placeOf(locate(file.source, spanAt(first)));
  return problemAt(file.source, spanAt(second), {
    message: `${nameOf(second)} and ${nameOf(first)} (${other}) differ, and both groups are the target`,
    hint: 'deploy the groups one after the other, or give both the same value',
  });
}

function* leaves(settings: Settings, path: Path): Generator<readonly [Path, unknown]> {
  for (const [key, value] of Object.entries(settings)) {
    if (isSettings(value) && !WHOLE.has(key)) yield* leaves(value, [...path, key]);
    else yield [[...path, key], value];
  }
}

const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
