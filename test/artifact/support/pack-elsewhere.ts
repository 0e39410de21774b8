import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { plant } from './scratch.js';

/** A packer of its own process: bundled for any Node from 20 on. */
export async function bundlePacker(folder: string): Promise<string> {
  const outfile = join(folder, 'pack.cjs');
  await build({
    stdin: {
      contents: `
        import { prepareRelease } from './src/artifact/prepare.ts';
        const [path, tmpDir] = process.argv.slice(2);
        const now = () => new Date('2026-01-01T00:00:00Z');
        const options = { tmpDir, now, links: 'inside', env: process.env };
        prepareRelease({ kind: 'folder', path }, options).then(async ({ release, manifest, dispose }) => {
          await dispose();
          process.stdout.write(JSON.stringify({ node: process.version, digest: release.digest, manifest }));
        });`,
      resolveDir: join(import.meta.dirname, '../../..'),
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    outfile,
    logLevel: 'silent',
  });
  return outfile;
}

export interface Packed {
  readonly node: string;
  readonly digest: string;
  readonly manifest: unknown;
}

/** How a process packs: by which Node, umask and time zone. */
export interface PackedBy {
  readonly node: string;
  readonly umask: string;
  readonly zone: string;
}

export function packElsewhere(
  {
    packer,
    folder,
    tmpDir,
  }: { readonly packer: string; readonly folder: string; readonly tmpDir: string },
  { node, umask, zone }: PackedBy,
): Packed {
  const script = 'umask "$1"; shift; exec "$@"';
  const args = ['-c', script, 'sh', umask, node, packer, folder, tmpDir];
  const env = { PATH: process.env.PATH, HOME: tmpDir, TZ: zone };
  return JSON.parse(execFileSync('sh', args, { env, encoding: 'utf8' })) as Packed;
}

/** A folder with what may differ between machines: names of any script, modes, links, order. */
export const plantVaried = (folder: string): string =>
  plant(folder, {
    'b/z': 'last',
    'b-c': 'between b and its files',
    'Jo\u0308rg/é': 'two forms of letters',
    'a\nb\\c': 'escaped',
    'bin/run': { script: '#!/bin/sh\n' },
    empty: { folder: true },
    link: { link: 'b/z' },
    '😀': 'x'.repeat(70_000),
    '\uffee': 'sorts after the pair of surrogates in UTF-16, before it in UTF-8',
  });
