import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileProblem } from '../../errors/file-problem.js';
import { FleetError, type Problem, type SourceLocation } from '../../errors/fleet-error.js';
import type { App } from '../../model/runs/app.js';
import type { LocalBase } from '../paths/local-path.js';
import { ownersOf, refuseDistrusted } from '../paths/owners.js';
import { shownPath } from '../paths/shown-path.js';
import { validate } from '../schema/problem.js';
import { invalid } from '../schema/problem-list.js';
import { readYaml, type YamlFile } from '../yaml/file.js';
import { nodeAt } from '../yaml/node.js';
import { locate } from '../yaml/source-text.js';
import { buildApp } from './app-build.js';
import { appFilesOf } from './apps.js';
import { checkAllLayers, checkFleet } from './checks.js';
import { historyProblems } from './history.js';
import { applyOverrides, findClashes } from './override.js';
import { buildReceivers, type Receiver } from './receivers.js';
import { type FleetYaml, fleetSchema } from './schema.js';

export const CONFIG_NAME = 'fleet.yaml';

/** One app of a `fleet.yaml` that is valid as a whole. */
export interface Config extends LocalBase {
  /** Absolute path. */
  readonly file: string;
  /** The app without any environment's overrides. */
  readonly app: App;
  /** The groups whose hosts have the app; null for every host. */
  readonly groups: readonly string[] | null;
  /** True if the file has `apps:`, with more than one. */
  readonly isOneOfSeveral: boolean;
  /** The group names under `environments:`, with the place of each. */
  readonly environments: ReadonlyMap<string, SourceLocation>;
  /** What is written, for {@link resolveApp}. */
  readonly written: FleetYaml;
  readonly yaml: YamlFile;
}

/** Every app of a file, in its order. */
export type Configs = readonly [Config, ...Config[]];

/**
 * The absolute path of the config: the one named, or the nearest upwards, which has to be of this user
 * or root. Throws `config_not_found`, and `untrusted_file` where another user could have written it.
 */
export async function findConfig(
  cwd: string,
  explicit?: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<string> {
  if (explicit !== undefined) {
    const file = resolve(cwd, explicit);
    if (await isFile(file)) return file;
    throw new FleetError('config_not_found', `there is no file ${file}`, {
      hint: 'check the path after -c',
    });
  }
  for (let dir = resolve(cwd); ; dir = dirname(dir)) {
    const file = join(dir, CONFIG_NAME);
    if (await isFile(file)) {
      await refuseDistrusted(file, ownersOf(env), '-c');
      return file;
    }
    if (dir === dirname(dir)) break;
  }
  throw new FleetError('config_not_found', `no ${CONFIG_NAME} in ${cwd} or any folder above it`, {
    hint: '`fleet init` writes one to start from, -c FILE names another',
  });
}

/**
 * Reads and validates a config file. `from` is what shown paths are relative to.
 * Throws `config_invalid` with every mistake, `config_not_found` where it cannot be read.
 */
export async function loadConfigs(
  file: string,
  local: { readonly home: string; readonly cwd?: string },
): Promise<Configs> {
  const text = await readFile(file, 'utf8').catch((cause: Error) => {
    const message = `${file} cannot be read: ${cause.message}`;
    const hint = fileProblem(cause)?.hint;
    throw new FleetError('config_not_found', message, { cause, hint });
  });
  return parseConfigs({ file, text, ...local });
}

/** As {@link loadConfigs}, of a text at hand. */
export function parseConfigs(input: {
  readonly file: string;
  readonly text: string;
  readonly home: string;
  readonly cwd?: string | undefined;
}): Configs {
  const whole = readYaml(shownPath(input.file, input.cwd), input.text);
  const { files, problems } = appFilesOf(whole);
  const read = files.map((yaml) => ({ yaml, ...validate(yaml, fleetSchema) }));
  const all = [
    ...problems,
    ...read.flatMap((each) => [
      ...each.problems,
      ...checkAllLayers(each.yaml),
      ...historyProblems(each.yaml),
    ]),
  ];
  if (all.length > 0) throw invalid('config_invalid', whole.source.file, once(all));
  const isOneOfSeveral = files.length > 1;
  const base = { dir: dirname(input.file), home: input.home, file: input.file, isOneOfSeveral };
  const [first, ...others] = read.flatMap(({ yaml, value }) =>
    value === null ? [] : [configOf(yaml, value, base)],
  );
  if (first === undefined) throw invalid('config_invalid', whole.source.file, []);
  return [first, ...others];
}

/** A mistake in what all apps share is listed once. */
export const once = (problems: readonly Problem[]): readonly Problem[] => [
  ...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values(),
];

function configOf(
  yaml: YamlFile,
  written: FleetYaml,
  base: Pick<Config, 'dir' | 'home' | 'file' | 'isOneOfSeveral'>,
): Config {
  const environments = new Map(
    Object.keys(written.environments ?? {}).map((name) => [name, placeOfEnvironment(yaml, name)]),
  );
  const groups = written.groups === undefined ? null : [written.groups].flat();
  return { ...base, app: appOf(written, base), groups, environments, written, yaml };
}

function appOf(written: FleetYaml, base: Pick<Config, 'dir' | 'home' | 'isOneOfSeveral'>): App {
  const app = buildApp(written, base);
  return base.isOneOfSeveral ? { ...app, several: true } : app;
}

/**
 * The app as it is for a run on these groups, with the overrides of those that have some.
 * Throws `config_invalid` where two of them clash, or together break a rule.
 */
export function resolveApp(config: Config, groups: readonly string[]): App {
  const names = [...new Set(groups)].filter((name) => config.environments.has(name));
  const clashes = findClashes(config.written, config.yaml, names);
  const layers = [...names.map((name) => ['environments', name]), []];
  const problems = clashes.length > 0 ? clashes : checkFleet(config.yaml, layers);
  if (problems.length > 0) throw invalid('config_invalid', config.yaml.source.file, problems);
  const overrides = names.flatMap((name) => config.written.environments?.[name] ?? []);
  return appOf(applyOverrides(config.written, overrides), config);
}

/** Who gets notices of a run on these groups; see {@link resolveApp}. */
export function resolveReceivers(config: Config, groups: readonly string[]): readonly Receiver[] {
  const overrides = [...new Set(groups)].flatMap(
    (name) => config.written.environments?.[name] ?? [],
  );
  return buildReceivers(applyOverrides(config.written, overrides).notify, config.dir);
}

/** Every receiver that a config names, for any group; one that is named twice is there once. */
export function allReceivers(config: Config): readonly Receiver[] {
  const layers = [[], ...[...config.environments.keys()].map((name) => [name])];
  const all = layers.flatMap((groups) => resolveReceivers(config, groups));
  return [...new Map(all.reverse().map((receiver) => [receiver.key, receiver])).values()].reverse();
}

function placeOfEnvironment(yaml: YamlFile, name: string): SourceLocation {
  const found = yaml.root && nodeAt(yaml.root, ['environments', name]);
  return locate(yaml.source, found?.keySpan ?? { start: 0, end: 0 });
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
