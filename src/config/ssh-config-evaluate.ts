import { holds, type Subject } from './ssh-config-condition.js';
import type { SshConfigLine, SshConfigText } from './ssh-config-files.js';
import { isHonoured, type Keyword, type SshAnswer } from './ssh-config-keywords.js';

/** Who is asked for, and what the command line would say. */
export interface Asker {
  readonly address: string;
  readonly user: string | null;
  readonly localUser: string;
}

/**
 * What an ssh_config says for a host, worked out here where there is no ssh to ask. Nothing is
 * executed: a `Match` by anything but names never holds.
 */
export function evaluate(text: SshConfigText, asker: Asker): SshAnswer {
  const found = new Map<Keyword, string[]>();
  const passes = text.hasFinalPass ? [false, true] : [false];
  for (const isFinalPass of passes) {
    for (const line of text.lines) {
      const subject = subjectOf(asker, found, isFinalPass);
      if (line.conditions.every((each) => holds(each, subject))) take(found, line);
    }
  }
  const hostName = found.get('hostname')?.[0];
  if (hostName !== undefined) found.set('hostname', [hostNameFor(hostName, asker.address)]);
  return found;
}

function subjectOf(
  { address, user, localUser }: Asker,
  found: ReadonlyMap<Keyword, readonly string[]>,
  isFinalPass: boolean,
): Subject {
  const hostName = hostNameFor(found.get('hostname')?.[0] ?? address, address);
  return {
    host: isFinalPass ? hostName : address,
    originalHost: address,
    hostName,
    user: user ?? found.get('user')?.[0] ?? localUser,
    localUser,
    isFinalPass,
  };
}

/** The first value counts; identity files add up; of ProxyJump and ProxyCommand the first counts. */
function take(found: Map<Keyword, string[]>, { keyword, values }: SshConfigLine): void {
  if (!isHonoured(keyword)) return;
  const known = found.get(keyword);
  if (keyword === 'identityfile') {
    const [file = ''] = values;
    if (known?.includes(file) !== true) found.set(keyword, [...(known ?? []), file]);
    return;
  }
  const isWay = keyword === 'proxyjump' || keyword === 'proxycommand';
  const isDecided = isWay && (found.has('proxyjump') || found.has('proxycommand'));
  if (known === undefined && !isDecided) found.set(keyword, [...values]);
}

const hostNameFor = (text: string, address: string): string =>
  text.replace(/%[h%]/g, (token) => (token === '%h' ? address : '%'));
