import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What Ansible reads of one inventory; or why it refuses it. */
export interface Listing {
  readonly error?: string;
  readonly hosts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly groups: Readonly<
    Record<string, { readonly hosts: readonly string[]; readonly children: readonly string[] }>
  >;
}

const SCRIPT = fileURLToPath(new URL('../oracle.py', import.meta.url));
/** Debian's own, for another Python may be the first on the PATH, without Ansible. */
const PYTHON = '/usr/bin/python3';

export function hasAnsible(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import ansible.cli.inventory'], { cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Asks one process of Ansible's own code about many inventories, each by its paths; answers come in order. */
export async function* listings(
  inventories: readonly (readonly string[])[],
): AsyncGenerator<Listing> {
  const child = spawn(PYTHON, [SCRIPT], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.end(inventories.map((paths) => `${JSON.stringify(paths)}\n`).join(''));
  for await (const line of createInterface({ input: child.stdout })) {
    yield JSON.parse(line.replaceAll(/\b(?:NaN|-?Infinity)\b/g, 'null'));
  }
}
