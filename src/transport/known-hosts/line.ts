/**
 * One line of a known_hosts file, as in sshd(8). `@cert-authority` lines are not used: ssh2 does not support
 * certificates, so such a host presents its plain key too.
 */
export interface KnownHostsLine {
  readonly marker: 'key' | 'revoked';
  readonly names: HostNames;
  /** The key type as in the line and in the key: `ssh-ed25519`. */
  readonly keyType: string;
  /** The key in base64, as the line has it, canonical. */
  readonly key: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

type HostNames =
  | { readonly kind: 'plain'; readonly names: readonly string[] }
  | { readonly kind: 'patterns'; readonly patterns: readonly string[] }
  | { readonly kind: 'hashed'; readonly salt: Buffer; readonly hash: string };

/** Every usable line of a file. Comments, blank and malformed lines are skipped, as ssh does. */
export function parseKnownHosts(text: string, file: string): KnownHostsLine[] {
  return [...readKnownHosts(text, file, 1)].flatMap((line) => (line === null ? [] : [line]));
}

/** As {@link parseKnownHosts}, one line at a time; null for a skipped one. */
export function* readKnownHosts(
  text: string,
  file: string,
  firstLine: number,
): Generator<KnownHostsLine | null, void> {
  let number = firstLine;
  for (let start = 0; start <= text.length; number += 1) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    yield parseLine(text.slice(start, end), file, number);
    start = end + 1;
  }
}

function parseLine(raw: string, file: string, line: number): KnownHostsLine | null {
  const fields = raw.trim().split(/[ \t]+/);
  const first = fields[0] ?? '';
  if (first === '' || first.startsWith('#')) return null;
  if (first.startsWith('@') && first !== '@revoked') return null;
  const marker = first === '@revoked' ? 'revoked' : 'key';
  const [hosts, keyType, base64] = marker === 'revoked' ? fields.slice(1) : fields;
  if (hosts === undefined || keyType === undefined || base64 === undefined) return null;
  const names = parseNames(hosts);
  const blob = Buffer.from(base64, 'base64');
  if (names === null || keyTypeOf(blob) !== keyType) return null;
  return { marker, names, keyType, key: blob.toString('base64'), file, line };
}

function parseNames(hosts: string): HostNames | null {
  if (hosts.startsWith('|')) return parseHashed(hosts);
  const names = hosts
    .toLowerCase()
    .split(',')
    .filter((name) => name !== '');
  if (names.length === 0) return null;
  return names.some((name) => /[*?!]/.test(name))
    ? { kind: 'patterns', patterns: names }
    : { kind: 'plain', names };
}

function parseHashed(hosts: string): HostNames | null {
  const [, version, salt, hash, ...rest] = hosts.split('|');
  if (version !== '1' || salt === undefined || hash === undefined || rest.length > 0) return null;
  const saltBytes = Buffer.from(salt, 'base64');
  const hashBytes = Buffer.from(hash, 'base64');
  if (saltBytes.length !== SHA1_BYTES || hashBytes.length !== SHA1_BYTES) return null;
  return { kind: 'hashed', salt: saltBytes, hash: hashBytes.toString('base64') };
}

/** The type that an SSH key blob names (RFC 4253, 6.6), or '' if malformed. */
export function keyTypeOf(blob: Buffer): string {
  if (blob.length < 4) return '';
  const length = blob.readUInt32BE(0);
  return length <= blob.length - 4 ? blob.toString('latin1', 4, 4 + length) : '';
}

const SHA1_BYTES = 20;
