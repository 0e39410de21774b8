import { type Condition, holds, type Subject } from './ssh-config-condition.js';
import type { SshConfigLine, SshConfigText } from './ssh-config-files.js';
import { isHonoured, type SshAnswer } from './ssh-config-keywords.js';

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
  const found = new Map<string, string[]>();
  const passes = text.hasFinalPass ? [false, true] : [false];
  for (const isFinalPass of passes) {
    if (isFinalPass) settleHostName(found, asker.address);
    // A section is decided where it begins: what it says itself does not end it.
    const decided = new Map<Condition, boolean>();
    const applies = (condition: Condition): boolean => {
      const truth =
        decided.get(condition) ?? holds(condition, subjectOf(asker, found, isFinalPass));
      decided.set(condition, truth);
      return truth;
    };
    for (const line of text.lines) {
      if (line.conditions.every(applies)) take(found, line);
    }
  }
  settleHostName(found, asker.address);
  return found;
}

/** From here on no HostName counts any more; without one it is the host itself. */
function settleHostName(found: Map<string, string[]>, address: string): void {
  const host = address.toLowerCase();
  found.set('hostname', [hostNameFor(found.get('hostname')?.[0] ?? host, host)]);
}

function subjectOf(
  { address, user, localUser }: Asker,
  found: ReadonlyMap<string, readonly string[]>,
  isFinalPass: boolean,
): Subject {
  const hostName = hostNameFor(found.get('hostname')?.[0] ?? address, address);
  return {
    host: isFinalPass ? hostName.toLowerCase() : address,
    originalHost: address,
    hostName,
    user: user ?? found.get('user')?.[0] ?? localUser,
    localUser,
    isFinalPass,
  };
}

/** The first value counts; identity files add up; of ProxyJump and ProxyCommand the first counts. */
function take(found: Map<string, string[]>, { keyword, values }: SshConfigLine): void {
  if (!isHonoured(keyword)) return;
  const known = found.get(keyword);
  if (keyword === 'identityfile') {
    const [file = ''] = values;
    if (known?.includes(file) !== true) found.set(keyword, [...(known ?? []), file]);
    return;
  }
  const isDecided =
    (keyword === 'proxyjump' && found.has('proxycommand')) ||
    (keyword === 'proxycommand' && (found.get('proxyjump')?.[0] ?? 'none') !== 'none');
  if (known === undefined && !isDecided) found.set(keyword, [...values]);
}

const hostNameFor = (text: string, address: string): string =>
  text.replace(/%[h%]/g, (token) => (token === '%h' ? address : '%'));
