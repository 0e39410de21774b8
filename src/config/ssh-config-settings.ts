import type { Problem } from '../errors/fleet-error.js';
import { localPath } from './local-path.js';
import { type Origin, problemFrom, type SettingValue, type Sourced } from './settings.js';
import type { SshConfigText } from './ssh-config-files.js';
import type { Keyword, SshAnswer } from './ssh-config-keywords.js';
import { originOf } from './ssh-config-origin.js';
import { expandTokens, sshTimeMs, type Tokens } from './ssh-config-tokens.js';

/** What an ssh_config says of one host, under fleet's own names: `address`, `ssh.user`. */
export type SshConfigLayer = ReadonlyMap<string, Sourced>;

/** `ProxyCommand` has no setting of its own: under this name it is kept to be refused, or passed over. */
export const PROXY_COMMAND = 'proxy_command';

/** The known_hosts files that hold where an ssh_config names only one kind of them, or none. */
export interface KnownHostsFiles {
  readonly user: readonly string[];
  readonly global: readonly string[];
}

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
  const tokens = tokensOf(answer, context);
  for (const [keyword, values] of answer) {
    const origin = originOf(context.text, keyword, context.address);
    const translation = translate({ keyword, values, context, tokens });
    if (translation === 'malformed') {
      const message = `${keyword} ${values.join(' ')} is no value that ssh takes`;
      problems.push(problemFrom(origin, { message }));
    } else if (translation !== null) {
      layer.set(translation.key, { value: translation.value, origin });
    }
  }
  const knownHosts = knownHostsOf(answer, context, tokens);
  if (knownHosts !== null) layer.set('ssh.known_hosts', knownHosts);
  return { layer, problems };
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

interface Words {
  readonly keyword: Keyword;
  readonly values: readonly string[];
  readonly context: AnswerContext;
  readonly tokens: Tokens;
}

type Translation = { readonly key: string; readonly value: SettingValue } | null | 'malformed';

/** Null for what is not taken over: the known_hosts files go together, some values mean "as usual". */
function translate({ keyword, values, context, tokens }: Words): Translation {
  const [value = ''] = values;
  switch (keyword) {
    case 'hostname':
      return { key: 'address', value };
    case 'user':
      return { key: 'ssh.user', value };
    case 'port':
      return isPort(value) ? { key: 'ssh.port', value: Number(value) } : 'malformed';
    case 'identityfile': {
      const files = values.filter((file) => file !== 'none');
      return { key: 'ssh.identity_file', value: pathsOf(files, context, tokens) };
    }
    case 'identitiesonly':
      return { key: 'ssh.identities_only', value: /^(yes|true)$/i.test(value) };
    case 'identityagent':
      return { key: 'ssh.agent', value: agentOf(value, context, tokens) };
    case 'proxyjump':
      if (value.toLowerCase() === 'none') return null;
      return { key: 'ssh.jump', value: expandTokens(value, tokens, context.env) };
    case 'proxycommand':
      return value === 'none' ? null : { key: PROXY_COMMAND, value: values.join(' ') };
    case 'revokedhostkeys': {
      if (value === 'none') return null;
      return {
        key: 'ssh.revoked_host_keys',
        value: pathsOf([values.join(' ')], context, tokens)[0] ?? '',
      };
    }
    case 'hostkeyalias':
      return { key: 'ssh.host_key_alias', value };
    case 'stricthostkeychecking':
      return hostKeysOf(value);
    case 'connecttimeout':
      return timeOf('ssh.connect_timeout', value);
    case 'serveraliveinterval':
      return timeOf('ssh.keepalive', value);
    case 'serveralivecountmax':
      return /^\d{1,4}$/.test(value) && Number(value) > 0
        ? { key: 'ssh.keepalive_count', value: Number(value) }
        : null;
    case 'userknownhostsfile':
    case 'globalknownhostsfile':
      return null;
  }
}

const isPort = (text: string): boolean =>
  /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) <= 65_535;

/** No limit, and no signs of life, are what fleet does not go without. */
function timeOf(key: string, text: string): Translation {
  const value = sshTimeMs(text);
  return value === null ? null : { key, value };
}

/** Only in the safe direction: that any key is taken is never learned from a file. */
function hostKeysOf(text: string): Translation {
  switch (text.toLowerCase()) {
    case 'accept-new':
      return { key: 'ssh.host_keys', value: 'accept-new' };
    case 'yes':
    case 'true':
    case 'ask':
      return { key: 'ssh.host_keys', value: 'strict' };
    default:
      return null;
  }
}

function agentOf(text: string, context: AnswerContext, tokens: Tokens): SettingValue {
  if (text === 'none') return false;
  if (text === 'SSH_AUTH_SOCK') return true;
  const named = /^\$(\w+)$/.exec(text)?.[1];
  const path = named === undefined ? text : context.env[named];
  return path === undefined ? false : (pathsOf([path], context, tokens)[0] ?? false);
}

function pathsOf(
  paths: readonly string[],
  context: AnswerContext,
  tokens: Tokens,
): readonly string[] {
  const base = { dir: context.cwd, home: context.home };
  return paths.map((path) => localPath(expandTokens(path, tokens, context.env), base));
}

/** Fleet has one list of these files; ssh has two. */
function knownHostsOf(answer: SshAnswer, context: AnswerContext, tokens: Tokens): Sourced | null {
  const read = (keyword: Keyword): { files: readonly string[]; origin: Origin } | null => {
    const values = answer.get(keyword);
    if (values === undefined) return null;
    const origin = originOf(context.text, keyword, context.address);
    return { files: fileList(keyword, values, { context, tokens }), origin };
  };
  const user = read('userknownhostsfile');
  const global = read('globalknownhostsfile');
  const origin = user?.origin ?? global?.origin;
  if (origin === undefined) return null;
  const { knownHosts } = context;
  const value = [...(user?.files ?? knownHosts.user), ...(global?.files ?? knownHosts.global)];
  return { value: [...new Set(value)], origin };
}

/** `ssh -G` joins several files by spaces; the line itself tells whether a path holds some. */
function fileList(
  keyword: Keyword,
  values: readonly string[],
  { context, tokens }: { readonly context: AnswerContext; readonly tokens: Tokens },
): readonly string[] {
  const joined = values.join(' ');
  if (joined === 'none') return [];
  const asWritten = context.text.lines
    .filter((line) => line.keyword === keyword)
    .map((line) => ({ line, paths: pathsOf(line.values, context, tokens) }))
    .find(({ line, paths }) => paths.join(' ') === joined || line.values.join(' ') === joined);
  return asWritten?.paths ?? pathsOf(joined.split(/\s+/), context, tokens);
}
