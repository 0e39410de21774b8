/** The algorithms that a server accepts, as in its first packet. */
export interface ServerOffer {
  /** Its software version: `OpenSSH_9.2p1 Debian-2`. */
  readonly software: string;
  readonly keyExchanges: readonly string[];
  readonly hostKeys: readonly string[];
  /** Of both directions, as the MACs are. */
  readonly ciphers: readonly string[];
  readonly macs: readonly string[];
}

/**
 * Reads the offer from a server's first bytes: its banner, which lines of text may precede, and its
 * SSH_MSG_KEXINIT (RFC 4253, 4.2 and 7.1). Null while that is incomplete, or if it is something else.
 */
export function readServerOffer(bytes: Buffer): ServerOffer | null {
  const banner = /(?:^|\n)SSH-[^-\n]+-([^\r\n]*)\r?\n/.exec(
    bytes.toString('latin1', 0, MAX_BANNER),
  );
  if (banner === null) return null;
  const packet = bytes.subarray(banner.index + banner[0].length);
  if (packet.length < HEAD_BYTES) return null;
  const length = packet.readUInt32BE(0);
  const padding = packet[4] ?? 0;
  const end = 4 + length - padding;
  if (packet.length < end || packet[5] !== KEXINIT) return null;
  const lists = nameLists(packet.subarray(HEAD_BYTES + COOKIE_BYTES, end));
  if (lists === null) return null;
  const [keyExchanges, hostKeys, toServer, fromServer, macsTo, macsFrom] = lists;
  return {
    software: banner[1] ?? '',
    keyExchanges,
    hostKeys,
    ciphers: [...new Set([...toServer, ...fromServer])],
    macs: [...new Set([...macsTo, ...macsFrom])],
  };
}

type Names = readonly string[];
type NameLists = readonly [Names, Names, Names, Names, Names, Names];

function nameLists(bytes: Buffer): NameLists | null {
  let at = 0;
  const next = (): Names => {
    const length = bytes.readUInt32BE(at);
    const start = at + 4;
    at = start + length;
    if (at > bytes.length) throw new RangeError('a name list is cut off');
    // Names are printable ASCII without commas; anything else is no algorithm.
    const text = bytes.toString('latin1', start, at);
    return text.split(',').filter((name) => /^[!-~]{1,64}$/.test(name));
  };
  try {
    return [next(), next(), next(), next(), next(), next()];
  } catch {
    return null;
  }
}

const KEXINIT = 20;
/** Length, length of the padding, and kind of the packet. */
const HEAD_BYTES = 6;
const COOKIE_BYTES = 16;
const MAX_BANNER = 8192;
