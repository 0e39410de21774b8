import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { ChosenBase } from '../../../src/artifact/delta/choose-base.js';
import { differenceOf } from '../../../src/artifact/delta/difference.js';
import type { PackedRelease } from '../../../src/artifact/packer.js';
import { type ReadRelease, readRelease } from '../../../src/artifact/prepare.js';
import type { Step } from '../../../src/host/protocol/protocol.js';
import { stageStep } from '../../../src/host/steps/stage-step.js';
import type { Ownership } from '../../../src/host/steps/steps.js';
import { asRunId } from '../../../src/model/names.js';
import type { ReleaseMeta } from '../../../src/model/releases/release.js';
import type { SharedPath } from '../../../src/model/runs/app.js';
import { NOW } from './fake-release.js';

/** A file's text, a link's target, or a folder; with a mode where it is not the usual. */
export type Made =
  | { readonly text: string; readonly mode?: number }
  | { readonly link: string }
  | { readonly folder: number };

/** A tree by its paths; folders on the way are made. */
export type Files = Readonly<Record<string, Made>>;

export function writeFiles(folder: string, files: Files): string {
  mkdirSync(folder, { recursive: true });
  for (const [path, made] of Object.entries(files)) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true });
    if ('link' in made) symlinkSync(made.link, at);
    else if ('folder' in made) mkdirSync(at, { recursive: true });
    else writeFileSync(at, made.text);
    if ('folder' in made) chmodSync(at, made.folder);
    else if ('text' in made) chmodSync(at, made.mode ?? 0o644);
  }
  return folder;
}

/** What is in a folder: kind, mode and content of every path. */
export function contentsOf(folder: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (path === 'version.json') continue;
    const at = join(folder, path);
    const stat = lstatSync(at);
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.isSymbolicLink()) found[path] = `link ${readlinkSync(at)}`;
    else if (stat.isDirectory()) found[path] = `folder ${mode}`;
    else found[path] = `file ${mode} ${readFileSync(at, 'utf8')}`;
  }
  return found;
}

export const readFolder = (path: string, tmpDir: string): Promise<ReadRelease> =>
  readRelease(
    { kind: 'folder', path },
    { tmpDir, now: () => new Date(NOW), links: 'inside', env: process.env },
  );

/** What is sent to a host that has `base`. */
export function chosenBase(
  base: ReadRelease,
  next: ReadRelease,
  shared: readonly SharedPath[] = [],
): ChosenBase {
  const { id, digest } = base.release;
  const own = ['version.json', ...shared.map(({ path }) => path)];
  return {
    base: { id, digest, manifest: base.manifest },
    difference: differenceOf(base.manifest, next.manifest, own),
  };
}

export interface Sent {
  readonly release: ReadRelease;
  readonly packed: PackedRelease;
  readonly base?: ReadRelease | undefined;
  readonly shared?: readonly SharedPath[];
}

export function stageOf(by: Ownership, { release, packed, base, shared = [] }: Sent): Step {
  const { sha256, bytes, unpackedBytes: unpacked, format, packedManifest: manifest } = packed;
  const meta: ReleaseMeta = {
    ...release.release,
    app: 'shop',
    run: asRunId('run1'),
    deployer: 'ada@bastion',
    deployedAt: NOW,
  };
  const archive = { sha256, bytes, unpacked, format, manifest, base: base?.release.id };
  return stageStep(by, { meta, version: '{}', archive, shared, links: 'inside', since: NOW });
}

export function bytesOf({ payload }: PackedRelease): Uint8Array {
  const bytes = payload();
  if (bytes instanceof Readable) throw new Error('small archives are kept in memory');
  return bytes;
}
