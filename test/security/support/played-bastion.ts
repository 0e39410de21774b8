import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerChannel } from 'ssh2';
import { createBastion } from '../../cli/support/fake-context.js';
import { sharedHostKey, sharedUserKey, startServer } from '../../transport/support/ssh-server.js';

export interface PlayedBastion {
  /** What runs on each host, by its name. */
  readonly hosts: Readonly<Record<string, (command: string, channel: ServerChannel) => void>>;
  /** Beside app, root, service, release and a quick policy. */
  readonly config?: object;
  /** What every host of the inventory has beside its name, address and port. */
  readonly each?: object;
}

/** A bastion in a folder of its own, with hosts that are played over real SSH servers. */
export async function playedBastion({ hosts, config = {}, each = {} }: PlayedBastion) {
  const bastion = createBastion();
  const { dir } = bastion;
  const served = await Promise.all(
    Object.entries(hosts).map(async ([name, onExec]) => {
      const { port } = await startServer({ onExec });
      return { name, address: '127.0.0.1', port, ...each };
    }),
  );
  writeFileSync(join(dir, 'id'), sharedUserKey.privateText, { mode: 0o600 });
  const known = served.map(({ port }) => `[127.0.0.1]:${port} ${sharedHostKey.publicLine}\n`);
  writeFileSync(join(dir, 'known'), known.join(''));
  for (const folder of ['inventories', 'app']) mkdirSync(join(dir, folder));
  writeFileSync(join(dir, 'app/file'), 'new\n');
  const ssh = { user: 'deploy', identity_file: join(dir, 'id'), known_hosts: join(dir, 'known') };
  const inventory = JSON.stringify({ ssh, groups: { web: { hosts: served } } });
  writeFileSync(join(dir, 'inventories/all.yaml'), inventory);
  const configure = (changes: object): void => {
    const policy = {
      waves: ['rest'],
      max_unavailable: served.length,
      healthy_deadline: '1s',
      min_healthy_time: '100ms',
      confirm_deadline: '8s',
    };
    const app = { app: 'shop', root: '/opt/shop', service: { unit: 'shop.service' } };
    const whole = { ...app, release: { from: './app' }, policy, ...changes };
    writeFileSync(join(dir, 'fleet.yaml'), JSON.stringify(whole));
  };
  configure(config);
  const read = (path: string): string => readFileSync(join(dir, path), 'latin1');
  return { ...bastion, configure, read };
}
