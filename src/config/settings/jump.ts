import { isIPv6 } from 'node:net';
import type { Endpoint } from '../../model/hosts/host.js';

const HOP =
  '(?:[^\\s\\u0000-\\u001f\\u007f,-][^\\s\\u0000-\\u001f\\u007f,]*@)?[^\\s\\u0000-\\u001f\\u007f,@-][^\\s\\u0000-\\u001f\\u007f,@]*';

/** `[USER@]HOST[:PORT]`, several in the order of the way there, separated by commas; or `none`. */
export const JUMP = new RegExp(`^${HOP}(,${HOP})*$`);

/** One hop as it is written; null for what its text leaves open. */
export interface Hop {
  readonly text: string;
  readonly user: string | null;
  readonly address: string;
  readonly port: number | null;
}

/** The hops of a way, first the one that is dialled from here; none for `none`. */
export function hopsOf(way: string): readonly Hop[] {
  return way.toLowerCase() === 'none' ? [] : way.split(',').map(hopOf);
}

function hopOf(written: string): Hop {
  const text = written.replace(/^ssh:\/\//, '');
  const at = text.lastIndexOf('@');
  const place = text.slice(at + 1);
  const found = isIPv6(place) ? null : /^\[?(.*?)\]?:(\d{1,5})$/.exec(place);
  return {
    text,
    user: at < 0 ? null : text.slice(0, at),
    address: found?.[1] ?? place.replace(/^\[(.*)\]$/, '$1'),
    port: found === null ? null : Number(found[2]),
  };
}

/** The way there as text, `a,b` where b is reached through a; null without jump hosts. */
export function jumpText(jump: Endpoint | null): string | null {
  if (jump === null) return null;
  const before = jumpText(jump.ssh.jump);
  return before === null ? jump.name : `${before},${jump.name}`;
}
