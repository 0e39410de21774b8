import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const CHECKOUT = join(import.meta.dirname, '../..');

/**
 * Bundles the measured process as `npm run build` bundles fleet, since loading hundreds of sources
 * would be measured too; gives back the file to run.
 */
export async function buildMeasured(): Promise<string> {
  const target = join(CHECKOUT, '.tmp/growth');
  rmSync(target, { recursive: true, force: true });
  await build({
    entryPoints: [join(import.meta.dirname, 'one.ts')],
    outdir: target,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    minifyWhitespace: true,
    minifySyntax: true,
    external: ['ssh2', 'libsql'],
    banner: {
      js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  cpSync(join(CHECKOUT, 'src/host/program'), join(target, 'program'), { recursive: true });
  return join(target, 'one.js');
}
