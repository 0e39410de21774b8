import { join } from 'node:path';
import { defaultUnit } from '../../test/real/support/options.js';
import { bootRealFleet, type RealFleet } from '../../test/real/support/real-fleet.js';
import type { Comparison } from '../options.js';
import { type DelayProxy, startProxy } from '../proxy/start-proxy.js';
import { machineFacts } from '../report/machine.js';
import type { ResultStore } from '../report/store.js';
import { BenchFolder } from './bench-folder.js';
import { measure } from './measure.js';
import { measureRounds } from './rounds.js';
import { type Reach, type Scene, writeScene } from './scene.js';
import { TOOLS, type Tool } from './tools.js';

const PROXY_PORT = 2222;

// The peers have no reset-failed, and would meet systemd's start limit.
export const UNIT = defaultUnit('shop').replace('[Unit]', '[Unit]\nStartLimitIntervalSec=0');

/** Where results go, and lines for the person who waits for them. */
export interface Output {
  readonly store: ResultStore;
  readonly tell: (line: string) => void;
}

/** Measures all cells of a comparison, on one fleet of real hosts. */
export async function compare(comparison: Comparison, output: Output): Promise<void> {
  const tools = TOOLS.filter(({ name }) => comparison.tools.includes(name));
  output.store.begin({
    command: ['npm run bench --', ...process.argv.slice(2).map(quoted)].join(' '),
    machine: machineFacts(),
    versions: Object.fromEntries(tools.map(({ name, version }) => [name, version()])),
  });
  const fleet = await bootRealFleet({
    count: Math.max(...comparison.hosts),
    // With the rights that the best kind of dead-man timer takes: all that fleet does is measured.
    sudo: { systemdRun: true },
    units: { 'shop.service': UNIT },
    // Ansible's modules are Python.
    base: { packages: ['python3'] },
  });
  try {
    const folder = new BenchFolder(join(fleet.dir, 'bench'));
    await prepare(fleet, folder, tools);
    for (const rtt of comparison.rtts) {
      for (const count of comparison.hosts) {
        const { scene, proxy } = await stageOf(fleet, folder, { count, rtt });
        const quickEnough = tools.filter(({ slow }) => !slow || count <= comparison.slowHosts);
        const stage = { scene, proxy, rtt, folder, ...output };
        await measureRounds(stage, { ...comparison, tools: quickEnough });
        await proxy?.close();
      }
    }
  } finally {
    await fleet.shutdown();
  }
}

function quoted(word: string): string {
  return /^[\w=,./+-]+$/.test(word) ? word : `'${word}'`;
}

/**
 * Brings the base release to all hosts, and lets each tool run once on one of them, so that the files
 * of no tool are read from a cold disk when it is measured.
 */
async function prepare(
  fleet: RealFleet,
  folder: BenchFolder,
  tools: readonly Tool[],
): Promise<void> {
  const { env, base } = folder;
  const [first] = TOOLS;
  const all = writeScene(folder.scene('all'), fleet, directly(fleet, fleet.hosts.length));
  if (first !== undefined) await measure({ argv: first.argv('deploy', base), cwd: all.dir, env });
  const one = writeScene(folder.scene('one'), fleet, directly(fleet, 1));
  for (const tool of tools) {
    const argv = tool.argv('rollback', base);
    // fleet finds nothing to do, and has read its files in the deploy before.
    if (tool.name !== 'fleet') await measure({ argv, cwd: one.dir, env: { ...env, ...tool.env } });
  }
}

/** Some hosts of a fleet, behind a proxy if there is a round-trip time. */
export async function stageOf(
  fleet: RealFleet,
  folder: BenchFolder,
  { count, rtt }: { readonly count: number; readonly rtt: number },
): Promise<{ readonly scene: Scene; readonly proxy: DelayProxy | null }> {
  const dir = folder.scene(`${count}-hosts-${rtt}-ms`);
  if (rtt === 0) return { scene: writeScene(dir, fleet, directly(fleet, count)), proxy: null };
  const reaches = directly(fleet, count).map(({ host }, index) => ({
    host,
    address: `127.88.0.${index + 1}`,
    port: PROXY_PORT,
  }));
  const routes = reaches.map(({ host, ...from }) => ({
    from,
    to: { address: host.address, port: 22 },
  }));
  return { scene: writeScene(dir, fleet, reaches), proxy: await startProxy(routes, rtt) };
}

function directly(fleet: RealFleet, count: number): readonly Reach[] {
  return fleet.hosts.slice(0, count).map((host) => ({ host, address: host.address, port: 22 }));
}
