import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TAR_END, tarHeader, tarPadding } from '../../../src/artifact/tar-header.js';

/** A member as it is written, whatever a real release would hold. */
export type RawMember =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'hard'; readonly path: string; readonly target: string }
  | { readonly kind: 'file'; readonly path: string; readonly text: string };

const TIME = new Date(0);
const TYPE_AT = 156;
const SUM_AT = 148;

/** Writes a tar of very many members, in one go and without a stream's stack of calls. */
export function writeRawTar(file: string, members: Iterable<RawMember>): string {
  mkdirSync(dirname(file), { recursive: true });
  const blocks: Buffer[] = [];
  for (const member of members) {
    if (member.kind === 'file') {
      const content = Buffer.from(member.text);
      const size = { file: '', offset: 0, size: content.length };
      const entry = { kind: 'file', path: member.path, mode: 0o644, content: size } as const;
      blocks.push(tarHeader(entry, TIME), content, tarPadding(content.length));
    } else if (member.kind === 'hard') {
      blocks.push(asHardLink(tarHeader({ ...member, kind: 'link' }, TIME)));
    } else if (member.kind === 'folder') {
      blocks.push(tarHeader({ ...member, mode: 0o755 }, TIME));
    } else blocks.push(tarHeader(member, TIME));
  }
  writeFileSync(file, Buffer.concat([...blocks, TAR_END]));
  return file;
}

/** `1` is a hard link where `2` is a symbolic one: the sum is one less. */
function asHardLink(header: Buffer): Buffer {
  const sum = Number.parseInt(header.toString('latin1', SUM_AT, SUM_AT + 6), 8) - 1;
  header.write('1', TYPE_AT, 'latin1');
  header.write(sum.toString(8).padStart(6, '0'), SUM_AT, 'latin1');
  return header;
}
