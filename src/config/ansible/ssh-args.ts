import { shellWords } from './syntax/shell-words.js';

/** Where a connection goes, by the arguments of ssh. Options for which fleet has its own rules are left out. */
export interface SshArgs {
  readonly user?: string;
  readonly port?: string;
  readonly address?: string;
  /** A way as `ProxyJump` has it; `none` too. */
  readonly jump?: string;
  /** Keys that the jump host alone is named with. */
  readonly jumpKeys?: readonly string[];
  readonly hostKeyAlias?: string;
  readonly configFile?: string;
  readonly identityFiles: readonly string[];
}

export type ReadSshArgs =
  | { readonly kind: 'args'; readonly args: SshArgs }
  /** The way is a command that is not a plain jump, or it cannot be read. */
  | { readonly kind: 'unclear'; readonly reason: string };

/** The letters of ssh's options that have a value, as its getopt has them. */
const WITH_VALUE = 'bcDeEFIiJLlmOoPpQRSWw';

/** Reads arguments of ssh as a shell would split them. As in ssh, the first value of an option counts. */
export function readSshArgs(text: string): ReadSshArgs {
  const split = shellWords(text.trim(), { comments: false });
  if (split.kind === 'malformed') return unclear(split.reason);
  const options = optionsOf(split.words.map((word) => word.text));
  if (typeof options === 'string') return unclear(options);
  const found: Found = { identityFiles: [] };
  for (const [letter, value] of options) {
    const reason = addOption(found, letter, value);
    if (reason !== null) return unclear(reason);
  }
  return { kind: 'args', args: found };
}

const unclear = (reason: string): ReadSshArgs => ({ kind: 'unclear', reason });

/** Letters and values; or why they cannot be told apart. */
function optionsOf(words: readonly string[]): readonly (readonly [string, string])[] | string {
  const options: [string, string][] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (!/^-[A-Za-z0-9]/.test(word)) return `${word} is not an option of ssh`;
    for (let at = 1; at < word.length; at += 1) {
      const letter = word[at] ?? '';
      if (!WITH_VALUE.includes(letter)) {
        options.push([letter, '']);
        continue;
      }
      const isLast = at + 1 === word.length;
      const value = isLast ? words[index + 1] : word.slice(at + 1);
      if (value === undefined) return `-${letter} has no value`;
      if (isLast) index += 1;
      options.push([letter, value]);
      break;
    }
  }
  return options;
}

type Found = { -readonly [Key in keyof SshArgs]: SshArgs[Key] };

function addOption(found: Found, letter: string, value: string): string | null {
  switch (letter) {
    case 'J':
      found.jump ??= value;
      return null;
    case 'l':
      found.user ??= value;
      return null;
    case 'p':
      found.port ??= value;
      return null;
    case 'i':
      found.identityFiles = [...found.identityFiles, value];
      return null;
    case 'F':
      found.configFile ??= value;
      return null;
    case 'W':
      return '-W is not for the host itself';
    case 'o':
      return addSetting(found, value);
    default:
      return null;
  }
}

/** `KEY=VALUE` or `KEY VALUE`, and the value may be quoted, as in a line of ssh_config. */
const SETTING = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*?)\s*$/s;

function addSetting(found: Found, written: string): string | null {
  const [, key = '', quoted = ''] = SETTING.exec(written) ?? [];
  const value = quoted.replace(/^"(.*)"$/s, '$1');
  switch (key.toLowerCase()) {
    case 'proxyjump':
      found.jump ??= value;
      return null;
    case 'proxycommand': {
      if (found.jump !== undefined) return null;
      const command = value.toLowerCase() === 'none' ? NO_JUMP : jumpOfCommand(value);
      if (command === null) return `ProxyCommand ${value}`;
      found.jump = command.jump;
      found.jumpKeys = command.keys;
      return null;
    }
    case 'hostname':
      found.address ??= value;
      return null;
    case 'user':
      found.user ??= value;
      return null;
    case 'port':
      found.port ??= value;
      return null;
    case 'hostkeyalias':
      found.hostKeyAlias ??= value;
      return null;
    case 'identityfile':
      found.identityFiles = [...found.identityFiles, value];
      return null;
    case '':
      return `-o ${written}`;
    default:
      return null;
  }
}

/** Options of the inner ssh that do not change where it goes, or for which fleet has its own rules. */
const PASSED_OVER =
  /^(?:stricthostkeychecking|userknownhostsfile|globalknownhostsfile|loglevel|connecttimeout|connectionattempts|serveralive\w+|batchmode|controlmaster|controlpath|controlpersist|forwardagent|compression|updatehostkeys|checkhostip)$/;

const NO_JUMP = { jump: 'none', keys: [] };

/** The jump host of `ssh -W %h:%p USER@HOST`; null where the command is anything else. */
function jumpOfCommand(
  command: string,
): { readonly jump: string; readonly keys: readonly string[] } | null {
  const split = shellWords(command, { comments: false });
  const words = split.kind === 'words' ? split.words.map((word) => word.text) : [];
  const [program = '', ...rest] = words[0] === 'exec' ? words.slice(1) : words;
  if (!/^(?:\/[\w./-]*\/)?ssh$/.test(program)) return null;
  const { options, target } = argumentsOf(rest);
  const found: Inner = { user: null, port: null, keys: [], isForward: false };
  if (target === null || options === null) return null;
  for (const [letter, value] of options) if (!addInner(found, letter, value)) return null;
  const { user, port, keys, isForward } = found;
  if (!isForward || /%/.test(`${user}${port}`)) return null;
  const jump = jumpText(target, { user, port });
  return jump === null ? null : { jump, keys };
}

/** The jump host, by the options of the inner ssh. */
interface Inner {
  user: string | null;
  port: string | null;
  keys: readonly string[];
  isForward: boolean;
}

/** False where an option asks for more than a plain jump. */
function addInner(found: Inner, letter: string, value: string): boolean {
  const [, key = '', quoted = ''] =
    letter === 'o' ? (SETTING.exec(value) ?? []) : ['', letter, value];
  const said = quoted.replace(/^"(.*)"$/s, '$1');
  switch (letter === 'o' ? key.toLowerCase() : letter) {
    case 'p':
    case 'port':
      found.port ??= said;
      return true;
    case 'l':
    case 'user':
      found.user ??= said;
      return true;
    case 'i':
    case 'identityfile':
      found.keys = [...found.keys, said];
      return true;
    default:
      if (letter === 'W') found.isForward = /^(?:%h:%p|\[%h\]:%p)$/.test(value);
      if (letter === 'W') return found.isForward;
      return letter === 'o' ? PASSED_OVER.test(key.toLowerCase()) : isHarmless(letter);
  }
}

const isHarmless = (letter: string): boolean => '46AaCnqTtxXYvKk'.includes(letter);

/** Options may follow the host too, but no command may. */
function argumentsOf(words: readonly string[]) {
  let index = 0;
  const before: string[] = [];
  const targets: string[] = [];
  while (index < words.length) {
    const word = words[index] ?? '';
    index += 1;
    if (!word.startsWith('-')) targets.push(word);
    else {
      before.push(word);
      const letter = [...word.slice(1)].findIndex((each) => WITH_VALUE.includes(each));
      if (letter >= 0 && letter + 2 === word.length) before.push(words[index++] ?? '');
    }
  }
  const options = optionsOf(before);
  const [target = null, ...more] = targets;
  return { options: typeof options === 'string' || more.length > 0 ? null : options, target };
}

function jumpText(
  target: string,
  { user, port }: { readonly user: string | null; readonly port: string | null },
): string | null {
  if (/[%,\s]/.test(target)) return null;
  const at = target.lastIndexOf('@');
  const host = target.slice(at + 1);
  const before = at >= 0 ? target.slice(0, at) : null;
  const who = user ?? before;
  const place = port !== null && host.includes(':') ? `[${host}]` : host;
  return `${who === null ? '' : `${who}@`}${place}${port === null ? '' : `:${port}`}`;
}
