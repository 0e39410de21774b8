import type { Problem } from '../../errors/fleet-error.js';
import { localPath } from '../paths/local-path.js';
import { problemFrom, type Sourced } from '../settings/setting.js';
import { type KnownHostsFiles, MALFORMED, type SshWords } from '../settings/ssh-setting.js';
import type { SshConfigText } from './files.js';
import { type SshAnswer, TAKEN } from './keywords.js';
import { originOf } from './origin.js';
import { expandTokens, type Tokens } from './tokens.js';

/** The settings of an ssh_config for one host, under fleet's own names: `address`, `ssh.user`. */
export type SshConfigLayer = ReadonlyMap<string, Sourced>;

/** Whose answer it is, and the machine that it is read on. */
export interface AnswerContext {
  readonly text: SshConfigText;
  readonly address: string;
  readonly user: string;
  readonly port: number;
  readonly localUser: string;
  readonly home: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly knownHosts: KnownHostsFiles;
}

/** Translates an answer. Values that ssh itself would refuse are problems at their lines. */
export function settingsOfAnswer(
  answer: SshAnswer,
  context: AnswerContext,
): { readonly layer: Map<string, Sourced>; readonly problems: readonly Problem[] } {
  const layer = new Map<string, Sourced>();
  const problems: Problem[] = [];
  const common = commonWords(answer, context);
  for (const [key, { keywords, read }] of TAKEN) {
    const keyword = keywords.map((each) => each.toLowerCase()).find((each) => answer.has(each));
    if (keyword === undefined) continue;
    const all = answer.get(keyword) ?? [];
    const origin = originOf(context.text, keyword, context.address);
    const value = read({ ...common, all, first: all[0] ?? '' });
    if (value === MALFORMED) {
      const message = `${keyword} ${all.join(' ')} is not a value that ssh takes`;
      problems.push(problemFrom(origin, { message }));
    } else if (value !== undefined) layer.set(key, { value, origin });
  }
  return { layer, problems };
}

/** What is the same for every keyword of an answer. */
function commonWords(answer: SshAnswer, context: AnswerContext): Omit<SshWords, 'first' | 'all'> {
  const { cwd, env, home, knownHosts } = context;
  const tokens = tokensOf(answer, context);
  const expand = (text: string): string => expandTokens(text, tokens, env);
  const paths = (texts: readonly string[]): readonly string[] =>
    texts.map((text) => localPath(expand(text), { dir: cwd, home }));
  const files = (name: string): readonly string[] | null => {
    const keyword = name.toLowerCase();
    const values = answer.get(keyword);
    return values === undefined ? null : fileList(context.text, { keyword, values, paths });
  };
  return { env, knownHosts, expand, paths, files };
}

function tokensOf(answer: SshAnswer, context: AnswerContext): Tokens {
  const h = answer.get('hostname')?.[0] ?? context.address.toLowerCase();
  return {
    '%': '%',
    d: context.home,
    h,
    k: answer.get('hostkeyalias')?.[0] ?? h,
    n: context.address,
    p: String(context.port),
    r: context.user,
    u: context.localUser,
  };
}

/** `ssh -G` joins several files by spaces; the line itself tells whether a path holds some. */
function fileList(
  text: SshConfigText,
  {
    keyword,
    values,
    paths,
  }: {
    readonly keyword: string;
    readonly values: readonly string[];
    readonly paths: SshWords['paths'];
  },
): readonly string[] {
  const joined = values.join(' ');
  if (joined === 'none') return [];
  const asWritten = text.lines
    .filter((line) => line.keyword === keyword)
    .map((line) => ({ written: line.values.join(' '), files: paths(line.values) }))
    .find(({ written, files }) => files.join(' ') === joined || written === joined);
  return asWritten?.files ?? paths(joined.split(/\s+/));
}
