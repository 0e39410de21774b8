import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ifInterrupted } from './interrupts.js';

/** Does `work` in a copy of the checkout, which is gone afterwards, however it ends. */
export async function withCopy<Result>(
  root: string,
  work: (tree: string) => Promise<Result>,
): Promise<Result> {
  const tree = copyTree(root);
  const remove = (): void => rmSync(tree, { recursive: true, force: true });
  const forget = ifInterrupted(remove);
  try {
    return await work(tree);
  } finally {
    remove();
    forget();
  }
}

/**
 * A copy of the checkout in a folder of its own: every file that git knows or would take, as it is
 * in the working tree, and `node_modules` as a link.
 */
function copyTree(root: string): string {
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const copy = mkdtempSync(join(tmpdir(), 'fleet-mutations-'));
  for (const file of listed.split('\0')) {
    // A file that was deleted is still listed, and the modules may be a link that nothing ignores.
    if (file === '' || file === 'node_modules' || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(realpathSync(join(root, 'node_modules')), join(copy, 'node_modules'));
  return copy;
}
