import { readHostState } from './host-state.js';
import { entriesOf, RELEASE_LINKS, releaseFiles } from './releases.js';
import type { Scenario } from './scenario.js';
import type { World } from './world.js';

/** What another tool deploys to the hosts of a scenario, and links by an absolute path, as Capistrano does. */
export async function plantForeign(world: World, scenario: Scenario): Promise<void> {
  const id = `${20_240_101_120_000 + scenario.number}`;
  const files = releaseFiles(id, 'none');
  const free = world.hosts.filter(({ name, root }) => {
    const state = readHostState(root);
    return scenario.foreign.includes(name) && state?.phase === 'idle' && state.run === '';
  });
  if (free.length === 0) return;
  world.known.set(id, { flaw: 'none', entries: entriesOf(files), foreign: true });
  const made = [...files].map(([path, text]) => {
    const packed = Buffer.from(text).toString('base64');
    const mode = text.startsWith('#!') ? 755 : 644;
    return `mkdir -p "$(dirname ${path})" && echo ${packed} | base64 -d >${path} && chmod ${mode} ${path}`;
  });
  const links = [...RELEASE_LINKS].map(([path, target]) => `ln -s ${target} ${path}`);
  const folder = `/opt/shop/releases/${id}`;
  const script = [
    `mkdir -p ${folder} && cd ${folder}`,
    ...made,
    ...links,
    `chown -R -h deploy: ${folder}`,
    `ln -s ${folder} /opt/shop/.theirs && mv -T /opt/shop/.theirs /opt/shop/current`,
    'chown -h deploy: /opt/shop/current',
    'systemctl reset-failed shop; systemctl restart shop',
  ].join('\n');
  for (const { host, name } of free) {
    const { code, stderr } = await host.run(`set -e\n${script}`);
    if (code !== 0) throw new Error(`${name} cannot be deployed to by another tool: ${stderr}`);
  }
}
