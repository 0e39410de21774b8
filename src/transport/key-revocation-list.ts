/** What a key revocation list says of plain keys, as base64 of blobs and digests. */
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
 * Reads a list as `ssh-keygen -k` writes it; the format is OpenSSH's PROTOCOL.krl. Certificates are
 * passed over, for fleet takes none. Throws a RangeError for what it cannot read to its end: of such
 * a list it is not known whom it means.
 */
export function parseKeyRevocationList(bytes: Buffer): KeyRevocationList {
  const list = { keys: new Set<string>(), sha1: new Set<string>(), sha256: new Set<string>() };
  const reader = new Reader(bytes.subarray(MAGIC.length));
  if (reader.number() !== FORMAT) throw new RangeError('it has a format that fleet does not know');
  reader.skip(FIXED_FIELDS);
  reader.text(); // Reserved.
  reader.text(); // A comment.
  while (!reader.isAtEnd()) {
    const section = reader.byte();
    const into = setOf(list, section);
    const entries = new Reader(reader.text());
    while (into !== null && !entries.isAtEnd()) into.add(entries.text().toString('base64'));
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

/** Numbers and strings of the SSH protocol (RFC 4251, 5). */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.skip(1).readUInt8();
  }

  number(): number {
    return this.skip(4).readUInt32BE();
  }

  text(): Buffer {
    return this.skip(this.number());
  }

  skip(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('it ends in the middle');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
