import { isIPv6 } from 'node:net';
import type { Endpoint, SshSettings } from '../model/host.js';

/** `[USER@]HOST[:PORT]`, several in the order of the way there, separated by commas. */
export const JUMP =
  /^[^\s\u0000-\u001f\u007f,-][^\s\u0000-\u001f\u007f,]*(,[^\s\u0000-\u001f\u007f,-][^\s\u0000-\u001f\u007f,]*)*$/;

/**
 * The way through jump hosts, as the last of them, which is reached through those before. What its
 * text leaves open is as for the host behind: the user, the keys, the known_hosts files.
 */
export function jumpThrough(text: string, behind: SshSettings): Endpoint {
  const hops = text.split(',').map((hop) => endpointOf(hop, behind));
  const [first, ...rest] = hops as [Endpoint, ...Endpoint[]];
  return rest.reduce((jump, hop) => ({ ...hop, ssh: { ...hop.ssh, jump } }), first);
}

/** The way there as text, `a,b` where b is reached through a; null where there is none. */
export function jumpText(jump: Endpoint | null): string | null {
  if (jump === null) return null;
  const before = jumpText(jump.ssh.jump);
  return before === null ? jump.name : `${before},${jump.name}`;
}

function endpointOf(hop: string, behind: SshSettings): Endpoint {
  const at = hop.lastIndexOf('@');
  const user = at < 0 ? behind.user : hop.slice(0, at);
  const place = hop.slice(at + 1);
  const { address, port } = placeOf(place);
  return { name: hop, address, ssh: { ...behind, user, port, hostKeyAlias: null, jump: null } };
}

function placeOf(place: string): { readonly address: string; readonly port: number } {
  const found = isIPv6(place) ? null : /^\[?(.*?)\]?:(\d{1,5})$/.exec(place);
  const address = found?.[1] ?? place.replace(/^\[(.*)\]$/, '$1');
  return { address, port: found === null ? 22 : Number(found[2]) };
}
