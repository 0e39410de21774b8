import { readPacket } from '../packet.js';

/** What a key revocation list says about plain keys, as base64 of blobs and digests. */
export interface KeyRevocationList {
  readonly keys: ReadonlySet<string>;
  readonly sha1: ReadonlySet<string>;
  readonly sha256: ReadonlySet<string>;
}

const MAGIC = Buffer.from('SSHKRL\n\0', 'latin1');
const FORMAT = 1;
/** Version, date and flags of the list, 64 bits each. */
const FIXED_FIELDS = 24;
const SECTION = {
  certificates: 1,
  explicitKeys: 2,
  sha1: 3,
  signature: 4,
  sha256: 5,
  extension: 255,
} as const;

export function isKeyRevocationList(bytes: Buffer): boolean {
  return bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

/**
 * Reads a list as `ssh-keygen -k` writes it; the format is OpenSSH's PROTOCOL.krl. Certificates are skipped,
 * since fleet accepts none. Throws a RangeError if it cannot read all of the list: then it is unknown which
 * keys are revoked.
 */
export function parseKeyRevocationList(bytes: Buffer): KeyRevocationList {
  const list = { keys: new Set<string>(), sha1: new Set<string>(), sha256: new Set<string>() };
  const reader = readPacket(bytes.subarray(MAGIC.length));
  if (reader.uint32() !== FORMAT) throw new RangeError('it has a format that fleet does not know');
  reader.skip(FIXED_FIELDS);
  reader.string(); // Reserved.
  reader.string(); // A comment.
  while (!reader.isAtEnd()) {
    const section = reader.byte();
    const into = setOf(list, section);
    const entries = readPacket(reader.string());
    while (into !== null && !entries.isAtEnd()) into.add(entries.string().toString('base64'));
  }
  return list;
}

function setOf(
  list: { keys: Set<string>; sha1: Set<string>; sha256: Set<string> },
  section: number,
): Set<string> | null {
  switch (section) {
    case SECTION.explicitKeys:
      return list.keys;
    case SECTION.sha1:
      return list.sha1;
    case SECTION.sha256:
      return list.sha256;
    case SECTION.certificates:
    case SECTION.signature:
      return null;
    default:
      throw new RangeError(`it has a section of a kind that fleet does not know (${section})`);
  }
}
