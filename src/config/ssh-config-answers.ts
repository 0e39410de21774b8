import type { Problem } from '../errors/fleet-error.js';
import { askSsh, beyond, complaints, type SshProgram, type SshSubject } from './ssh-config-ask.js';
import { judge, unknownCriteria } from './ssh-config-condition.js';
import { evaluate } from './ssh-config-evaluate.js';
import type { SshConfigText } from './ssh-config-files.js';
import type { SshAnswer } from './ssh-config-keywords.js';
import type { OpenedConfig } from './ssh-config-open.js';

/** Finds what an ssh_config says of a host; null where that can not be had, for a problem told. */
export type Answerer = (query: SshSubject) => Promise<SshAnswer | null>;

/** What ssh says without any file, asked for once. */
export type BareAnswer = () => Promise<SshAnswer>;

/** Asks ssh itself. After a refusal nobody else is asked for: the run is refused by then. */
export function answersOfSsh(
  ssh: SshProgram,
  { text, file }: OpenedConfig,
  tell: { readonly bare: BareAnswer; readonly refused: (problems: readonly Problem[]) => void },
): Answerer {
  let isRefused = false;
  return async (query) => {
    const bare = await tell.bare();
    if (isRefused) return null;
    const asked = await askSsh(ssh, { ...query, file });
    if (asked.kind === 'answer') {
      const set = beyond(asked.values, bare, (keyword) => isNamed(text, keyword, query.address));
      return withoutEchoes(set, query, text);
    }
    if (!isRefused) tell.refused(complaints(asked.stderr, text.sources));
    isRefused = true;
    return null;
  };
}

/** Works it out here, where there is no ssh. */
export function answersOfText({ text }: OpenedConfig, localUser: string): Answerer {
  return async (query) => {
    const found = evaluate(text, { ...query, localUser });
    return withoutEchoes(found, query, text);
  };
}

/**
 * What the question said itself is no answer. A HostName that happens to be the host asked for is
 * one, as others may share it.
 */
function withoutEchoes(answer: SshAnswer, query: SshSubject, text: SshConfigText): SshAnswer {
  const hostName = answer.get('hostname')?.[0]?.toLowerCase();
  const echoes = new Set<string>();
  if (!isNamed(text, 'hostname', query.address) && hostName === query.address.toLowerCase())
    echoes.add('hostname');
  if (query.user !== null) echoes.add('user');
  if (query.port !== null) echoes.add('port');
  if (query.hasJump) echoes.add('proxyjump');
  return new Map([...answer].filter(([keyword]) => !echoes.has(keyword)));
}

/** Whether a line that holds for the host has the keyword, whatever its value. */
function isNamed(text: SshConfigText, keyword: string, address: string): boolean {
  return text.lines.some(
    (line) =>
      line.keyword === keyword && judge(line.conditions, address, text.hasFinalPass) === 'yes',
  );
}

/** What `answersOfText` does not heed, each with its place. */
export function unheeded({ text }: OpenedConfig): readonly Problem[] {
  const sections = new Set(text.lines.flatMap((line) => line.conditions));
  const names = new Set([...sections].flatMap(unknownCriteria));
  return [...names].map((name) => ({
    message: `lines of ssh_config below a Match by ${name} are passed over`,
    hint: 'only ssh itself can tell when they hold: install OpenSSH’s client',
  }));
}
