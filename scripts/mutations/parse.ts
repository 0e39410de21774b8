import { spawnSync } from 'node:child_process';
import { transform } from 'esbuild';

/** Why a file of the tree is no program; null where it is one. Shell is read by the host's `sh`. */
export async function syntaxError(file: string, text: string): Promise<string | null> {
  if (file.endsWith('.sh')) {
    const { status, stderr } = spawnSync('sh', ['-n'], { input: text, encoding: 'utf8' });
    return status === 0 ? null : stderr.trim();
  }
  try {
    await transform(text, { loader: 'ts' });
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
