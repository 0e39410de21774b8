import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleModules } from '../../scripts/bundle.js';

const CHECKOUT = join(import.meta.dirname, '../..');

/**
 * Bundles the measured process as `npm run build` bundles fleet, since loading hundreds of sources
 * would be measured too; gives back the file to run.
 */
export async function buildMeasured(): Promise<string> {
  const folder = join(CHECKOUT, '.tmp/growth');
  rmSync(folder, { recursive: true, force: true });
  await bundleModules({ entries: [join(import.meta.dirname, 'one.ts')], folder });
  cpSync(join(CHECKOUT, 'src/host/program'), join(folder, 'program'), { recursive: true });
  return join(folder, 'one.js');
}
