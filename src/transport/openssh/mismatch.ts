import type { HostFailure } from '../../errors/host-failure.js';
import type { Endpoint } from '../../model/hosts/host.js';
import { isSignal, type Mismatch } from '../algorithms/server-weakness.js';
import { mismatchFailure } from '../connect/failure.js';

/** ssh's message if no algorithm of one kind is in common; null for another message. */
export function opensshMismatch(host: Endpoint, text: string): HostFailure | null {
  const [, words = '', offer = ''] =
    /^Unable to negotiate with .*: no matching (.+) found\. Their offer: (.*)$/m.exec(text) ?? [];
  const found = KINDS.find(({ said }) => said === words);
  if (found === undefined) return null;
  const offered = offer.split(',').filter((name) => !isSignal(name));
  return {
    ...mismatchFailure(host, { kind: found.kind, offered, openssh: false }),
    hint: `The ssh of this machine lacks these, or has disabled them as weak. Let the server offer better ones, or enable one here by \`${found.option}\` in an ssh_config.`,
  };
}

interface Kind {
  readonly said: string;
  readonly kind: Mismatch['kind'];
  readonly option: string;
}

const KINDS: readonly Kind[] = [
  { said: 'key exchange method', kind: 'key exchange', option: 'KexAlgorithms' },
  { said: 'host key type', kind: 'host key', option: 'HostKeyAlgorithms' },
  { said: 'cipher', kind: 'cipher', option: 'Ciphers' },
  { said: 'MAC', kind: 'MAC', option: 'MACs' },
];
