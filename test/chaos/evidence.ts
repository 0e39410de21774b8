import { cpSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RoundResult } from './round.js';
import type { World } from './world.js';

/** Keeps what a violation is judged by, for a person to read; answers with the folder. */
export async function writeEvidence(world: World, result: RoundResult): Promise<string> {
  const { scenario, ends, violations } = result;
  const dir = mkdtempSync(join(tmpdir(), `fleet-chaos-${world.seed}-${scenario.number}-`));
  const put = (name: string, text: string): void => writeFileSync(join(dir, name), text);
  put('run.json', JSON.stringify({ ...result, ends: undefined }, null, 2));
  for (const [index, { role, code, stdout, stderr }] of ends.entries()) {
    put(`${index + 1}-${role.replaceAll(' ', '-')}`, `exit ${code}\n${stderr}\n${stdout}`);
  }
  const names = new Set(violations.map(({ host }) => host));
  const wanted = world.hosts.filter(({ name }) => names.size === 0 || names.has(name));
  for (const { name, root, host } of wanted) {
    mkdirSync(join(dir, name));
    for (const file of ['state', 'log']) {
      const source = join(root, '.fleet', file);
      if (existsSync(source)) cpSync(source, join(dir, name, file));
    }
    const { stdout } = await host.run('journalctl -b --no-pager -o short-precise -n 300');
    put(join(name, 'journal'), stdout);
  }
  for (const [name, bastion] of Object.entries(world.bastions)) {
    const runs = join(bastion.stateDir, 'runs');
    if (existsSync(runs)) cpSync(runs, join(dir, `runs-${name}`), { recursive: true });
  }
  return dir;
}
