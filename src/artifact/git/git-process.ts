import {
  type ChildCommand,
  ChildFailure,
  childOutput,
  childText,
} from '../../async/child-output.js';

/** A repository on this machine and how git is run for it. */
export interface GitRepository {
  /** Any folder inside the work tree, or a bare repository. */
  readonly folder: string;
  readonly env: ChildCommand['env'];
  readonly signal?: AbortSignal | undefined;
}

/** The time limit for an answer of one line; a planted pipe never answers. */
const ANSWER_MS = 60_000;

/**
 * One call of git. It fetches nothing, asks nothing, and takes no lock. `own` are variables that fleet sets, e.g.
 * GIT_DIR.
 */
export function gitCommand(
  repository: GitRepository,
  args: readonly string[],
  own: Readonly<Record<string, string>> = {},
): ChildCommand {
  const quiet = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false'];
  return {
    command: 'git',
    args: ['-C', repository.folder, ...quiet, ...args],
    env: { ...gitEnvironment(repository.env), ...own },
    signal: repository.signal,
  };
}

/** The answer of one call, as trimmed text. Throws `ChildFailure`. */
export function gitText(
  repository: GitRepository,
  args: readonly string[],
  own: Readonly<Record<string, string>> = {},
): Promise<string> {
  return childText({ ...gitCommand(repository, args, own), silenceMs: ANSWER_MS });
}

/** The longest path in a list; git itself has no limit. */
const MAX_RECORD = 64 * 1024;

/**
 * The paths of submodules in the output of `ls-tree` or `ls-files --stage` with `-z`. Throws `ChildFailure`.
 */
export async function* submodulePaths(
  repository: GitRepository,
  list: readonly string[],
  own: Readonly<Record<string, string>>,
): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of childOutput(gitCommand(repository, [...list, '-z'], own))) {
    // latin1 keeps every byte, wherever a chunk ends.
    const records = (rest + chunk.toString('latin1')).split('\0');
    rest = records.pop() ?? '';
    if (rest.length > MAX_RECORD) throw new ChildFailure('git', null, 'a path is too long');
    for (const record of records) {
      if (!record.startsWith('160000 ')) continue;
      yield Buffer.from(record.slice(record.indexOf('\t') + 1), 'latin1').toString();
    }
  }
}

const KEPT = new Set(['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM']);

/** In a git hook, these point at another repository. */
const PLACES = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_COMMON_DIR', 'GIT_PREFIX'];

/** An environment in which git finds the repository of the folder that it is in. */
export const cleanGitVariables = (env: ChildCommand['env']): ChildCommand['env'] =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !PLACES.includes(name)));

/** In a git hook, GIT_DIR and similar variables point at another repository. */
function gitEnvironment(env: ChildCommand['env']): ChildCommand['env'] {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('GIT_') || KEPT.has(name));
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    // No protocol at all; git before 2.45 does not know the second setting.
    GIT_ALLOW_PROTOCOL: '',
    GIT_NO_LAZY_FETCH: '1',
    // A commit is what its hash says, not what refs/replace substitutes.
    GIT_NO_REPLACE_OBJECTS: '1',
  };
}
