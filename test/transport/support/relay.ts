import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Host } from '../../../src/model/hosts/host.js';
import { startTcp, temporaryFolder } from './ssh-server.js';

/** The network between us and a host, in our hands. */
export interface Relay {
  /** The same host, on the way through the relay. */
  readonly host: Host;
  /** Connections made so far. */
  readonly connections: number;
  /** Breaks every connection. */
  cut(): void;
  /** Lets nothing through any more, and breaks nothing. */
  freeze(): void;
}

export async function startRelay(host: Host): Promise<Relay> {
  const sockets: Socket[] = [];
  let connections = 0;
  const port = await startTcp((near) => {
    connections += 1;
    const far = connect({ host: host.address, port: host.ssh.port });
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
    sockets.push(near, far);
  });
  return {
    host: atPort(host, port),
    get connections() {
      return connections;
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}

/** The host at another port, where its key is recorded as well. */
export function atPort(host: Host, port: number): Host {
  const file = join(temporaryFolder(), 'known_hosts');
  const [recorded = ''] = host.ssh.knownHosts;
  const text = readFileSync(recorded, 'utf8');
  writeFileSync(file, text.replaceAll(`]:${host.ssh.port} `, `]:${port} `));
  return { ...host, ssh: { ...host.ssh, port, knownHosts: [file] } };
}
