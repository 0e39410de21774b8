import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Header, pack } from 'tar-stream';

/** A member as an attacker would write it; `content` for files. */
export type Member = Partial<Header> & { readonly name: string; readonly content?: string };

/** Writes an uncompressed tar with exactly these members, whatever they say. */
export async function writeTar(file: string, members: readonly Member[]): Promise<string> {
  const tar = pack();
  for (const { content = '', ...header } of members) {
    if (header.type === undefined || header.type === 'file') tar.entry(header, content);
    else tar.entry(header);
  }
  tar.finalize();
  await pipeline(tar, createWriteStream(file));
  return file;
}
