import type { Problem } from '../../errors/fleet-error.js';
import { askSsh, beyond, complaints, type SshProgram, type SshSubject } from './ask.js';
import { judge } from './condition.js';
import type { SshConfigText } from './files.js';
import type { SshAnswer } from './keywords.js';
import type { OpenedConfig } from './open.js';

/** Finds what an ssh_config says for a host; null where ssh refused, which is then a problem. */
export type Answerer = (query: SshSubject) => Promise<SshAnswer | null>;

/** What ssh says without any file, asked for once. */
export type BareAnswer = () => Promise<SshAnswer>;

/** Asks ssh itself. After one refusal it is asked for no other host: the run is refused then. */
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

/**
 * Drops values that only echo the query: `ssh -G` prints what it was asked with. A HostName that a file
 * names is kept even if it equals the host, as other hosts may share it.
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
