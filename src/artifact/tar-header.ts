import type { TreeEntry } from './tree/tree.js';

const BLOCK = 512;
const NAME_BYTES = 100;
const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  linkname: [157, 100],
} as const;

/** Two blocks of zeros end a tar. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/**
 * The header blocks of one member in the old GNU format, which GNU tar and busybox both read. Busybox ignores pax
 * records, so a long name would be cut there; both know GNU's long-name records.
 */
export function tarHeader(entry: TreeEntry, mtime: Date): Buffer {
  const name = Buffer.from(entry.kind === 'folder' ? `${entry.path}/` : entry.path);
  const linkname = Buffer.from(entry.kind === 'link' ? entry.target : '');
  const blocks: Buffer[] = [];
  if (linkname.length >= NAME_BYTES) blocks.push(longName('K', linkname));
  if (name.length >= NAME_BYTES) blocks.push(longName('L', name));
  const size = entry.kind === 'file' ? entry.content.size : 0;
  const seconds = Math.floor(mtime.getTime() / 1000);
  blocks.push(block({ name, linkname, type: typeOf(entry), mode: modeOf(entry), size, seconds }));
  return blocks.length === 1 && blocks[0] ? blocks[0] : Buffer.concat(blocks);
}

/** The zeros that fill a member's content up to a whole block. */
export function tarPadding(size: number): Buffer {
  return TAR_END.subarray(0, (BLOCK - (size % BLOCK)) % BLOCK);
}

function longName(type: 'K' | 'L', value: Buffer): Buffer {
  const size = value.length + 1;
  const name = Buffer.from('././@LongLink');
  const head = block({ name, linkname: Buffer.alloc(0), type, mode: 0, size, seconds: 0 });
  return Buffer.concat([head, value, Buffer.alloc(1), tarPadding(size)]);
}

function block(fields: {
  readonly name: Buffer;
  readonly linkname: Buffer;
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  readonly seconds: number;
}): Buffer {
  const header = Buffer.alloc(BLOCK);
  fields.name.copy(header, FIELD.name[0], 0, NAME_BYTES);
  fields.linkname.copy(header, FIELD.linkname[0], 0, NAME_BYTES);
  number(header, FIELD.mode, fields.mode);
  number(header, FIELD.uid, 0);
  number(header, FIELD.gid, 0);
  number(header, FIELD.size, fields.size);
  number(header, FIELD.mtime, fields.seconds);
  header.write(fields.type, 156, 'latin1');
  header.write('ustar  \0', 257, 'latin1');
  header.fill(' ', FIELD.checksum[0], FIELD.checksum[0] + FIELD.checksum[1]);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, FIELD.checksum[0], 'latin1');
  return header;
}

/** Octal, or base 256 with the top bit set if the octal digits do not suffice (8 GiB and more). */
function number(header: Buffer, [at, length]: readonly [number, number], value: number): void {
  const octal = value.toString(8);
  if (octal.length < length) {
    header.write(`${octal.padStart(length - 1, '0')}\0`, at, 'latin1');
    return;
  }
  header.writeBigUInt64BE(BigInt(value), at + length - 8);
  header.writeUInt8(0x80, at);
}

function typeOf(entry: TreeEntry): string {
  switch (entry.kind) {
    case 'file':
      return '0';
    case 'link':
      return '2';
    case 'folder':
      return '5';
  }
}

function modeOf(entry: TreeEntry): number {
  return entry.kind === 'link' ? 0o777 : entry.mode;
}
