import { createHash } from 'node:crypto';

/** A public key, or a certificate of one, as sshd names it. */
export interface LoginKey {
  /** As `ssh-keygen -l` shows it. For a certificate, that of the key it is for. */
  readonly fingerprint: string;
  readonly certificate: {
    readonly id: string;
    readonly serial: string;
    readonly ca: string | null;
  } | null;
}

const CERTIFICATE = /-cert-v0[01]@openssh\.com$/;
/** How many fields of the key itself a certificate of it has, after its nonce. */
const KEY_FIELDS: Readonly<Record<string, number>> = {
  'ssh-rsa': 2,
  'ssh-dss': 4,
  'ssh-ed25519': 1,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'sk-ssh-ed25519': 2,
  'sk-ecdsa-sha2-nistp256': 3,
};

/** Reads a key in the form of authorized_keys: its type, and its blob in base64. Null for anything else. */
export function loginKey(type: string, base64: string): LoginKey | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
  const blob = Buffer.from(base64, 'base64');
  const reader = readerOf(blob);
  if (reader.text()?.toString('latin1') !== type) return null;
  if (!CERTIFICATE.test(type)) return { fingerprint: fingerprintOf(blob), certificate: null };
  return certificateIn(type, reader);
}

/** A certificate has its nonce, the fields of the key, and then what was certified (PROTOCOL.certkeys). */
function certificateIn(type: string, reader: Reader): LoginKey | null {
  const bare = type.replace(CERTIFICATE, '');
  const count = KEY_FIELDS[bare];
  if (count === undefined || reader.text() === null) return null;
  const fields = Array.from({ length: count }, () => reader.text());
  if (fields.includes(null)) return null;
  const serial = reader.number64();
  const kind = reader.number32();
  const id = reader.text();
  if (serial === null || kind === null || id === null) return null;
  // Principals, two times, options, extensions, reserved; then the key that signed it.
  const rest = [reader.text(), reader.number64(), reader.number64()];
  const more = [reader.text(), reader.text(), reader.text()];
  const ca = rest.includes(null) || more.includes(null) ? null : reader.text();
  const plain = bare.startsWith('sk-') ? `${bare}@openssh.com` : bare;
  const key = Buffer.concat([Buffer.from(plain), ...fields.map(orEmpty)].map(withLength));
  return {
    fingerprint: fingerprintOf(key),
    certificate: {
      id: id.toString('utf8'),
      serial: String(serial),
      ca: ca === null ? null : fingerprintOf(ca),
    },
  };
}

const orEmpty = (field: Buffer | null): Buffer => field ?? Buffer.alloc(0);

function withLength(field: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(field.length);
  return Buffer.concat([length, field]);
}

const fingerprintOf = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/** Reads the fields of a blob one after the other; null past its end. */
interface Reader {
  text(): Buffer | null;
  number32(): number | null;
  number64(): bigint | null;
}

function readerOf(blob: Buffer): Reader {
  let at = 0;
  const take = (length: number): Buffer | null => {
    if (at + length > blob.length) return null;
    at += length;
    return blob.subarray(at - length, at);
  };
  const number32 = (): number | null => take(4)?.readUInt32BE() ?? null;
  return {
    number32,
    number64: () => take(8)?.readBigUInt64BE() ?? null,
    text() {
      const length = number32();
      return length === null ? null : take(length);
    },
  };
}
