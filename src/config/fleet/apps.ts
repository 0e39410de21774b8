import type { Problem } from '../../errors/fleet-error.js';
import type { YamlFile } from '../yaml/file.js';
import { type MapEntry, nodeAt, type YamlNode } from '../yaml/node.js';
import { problemAt, type SourceText, type Span } from '../yaml/source-text.js';
import { WHOLE } from './override.js';

/** A `fleet.yaml` as it is for each of its apps, and what is wrong with `apps:` itself. */
export interface AppFiles {
  /** One for each app: as if the file had that app alone, every value with its own place. */
  readonly files: readonly YamlFile[];
  readonly problems: readonly Problem[];
  /** Whether the file has `apps:`. */
  readonly isList: boolean;
}

/** What an app of several cannot have of its own. */
const OF_ALL = {
  app: 'the key of an app below apps: is its name',
  apps: 'an app has no apps of its own',
  history: 'all apps of a fleet.yaml have one history: write it at the top',
} as const;

type MapNode = Extract<YamlNode, { readonly kind: 'map' }>;

/**
 * The apps of a file. What is written below `apps.NAME` has priority over the same setting at the top,
 * which is the default of every app.
 */
export function appFilesOf(yaml: YamlFile): AppFiles {
  const apps = yaml.root && nodeAt(yaml.root, ['apps']);
  if (yaml.root?.kind !== 'map' || apps === null) {
    return { files: [yaml], problems: [], isList: false };
  }
  const { source } = yaml;
  const { node } = apps;
  if (node.kind !== 'map' || node.entries.size === 0) {
    const message = 'apps must be a map: the name of each app, and what it has';
    return { files: [], problems: [problemAt(source, node.span, { message })], isList: true };
  }
  const entries = [...node.entries];
  const problems = [
    ...misplacedName(source, yaml.root),
    ...entries.flatMap(([name, entry]) => sectionProblems(source, name, entry.node)),
  ];
  const top = without(yaml.root, ['apps', 'app']);
  const files = entries.map(([name, entry]) => ({ ...yaml, root: appRoot(top, name, entry) }));
  return { files: problems.length > 0 ? [] : files, problems, isList: true };
}

function misplacedName(source: SourceText, root: MapNode): readonly Problem[] {
  const found = root.entries.get('app');
  if (found === undefined) return [];
  const message = 'app and apps exclude each other';
  const hint = 'with apps:, the key of each app is its name';
  return [problemAt(source, found.keySpan, { message, hint })];
}

function sectionProblems(source: SourceText, name: string, node: YamlNode): readonly Problem[] {
  if (isNothing(node)) return [];
  if (node.kind !== 'map') {
    const message = `apps.${name} must be a map of settings`;
    return [problemAt(source, node.span, { message })];
  }
  return Object.entries(OF_ALL).flatMap(([key, hint]) => {
    const found = node.entries.get(key);
    const message = `apps.${name} cannot have ${key}`;
    return found === undefined ? [] : [problemAt(source, found.keySpan, { message, hint })];
  });
}

/** An app that has nothing of its own: `worker:`. */
const isNothing = (node: YamlNode): boolean => node.kind === 'scalar' && node.value === null;

function appRoot(top: MapNode, name: string, { keySpan, node }: MapEntry): YamlNode {
  const own = node.kind === 'map' ? node : mapOf(keySpan, new Map());
  const merged = merge(top, own);
  const app: MapEntry = { keySpan, node: { kind: 'scalar', span: keySpan, value: name } };
  return mapOf(keySpan, new Map([['app', app], ...merged.entries]));
}

/** As with the overrides of an environment: maps are merged, anything else is replaced. */
function merge(below: MapNode, above: MapNode): MapNode {
  const entries = new Map(below.entries);
  for (const [key, entry] of above.entries) {
    const found = entries.get(key)?.node;
    const both = found?.kind === 'map' && entry.node.kind === 'map' && !WHOLE.has(key);
    entries.set(key, both ? { ...entry, node: mergeBoth(found, entry.node) } : entry);
  }
  return mapOf(above.span, entries);
}

function mergeBoth(below: YamlNode, above: YamlNode): YamlNode {
  return below.kind === 'map' && above.kind === 'map' ? merge(below, above) : above;
}

function without(map: MapNode, keys: readonly string[]): MapNode {
  return mapOf(map.span, new Map([...map.entries].filter(([key]) => !keys.includes(key))));
}

function mapOf(span: Span, entries: ReadonlyMap<string, MapEntry>): MapNode {
  const value = Object.fromEntries([...entries].map(([key, { node }]) => [key, node.value]));
  return { kind: 'map', span, entries, value };
}
