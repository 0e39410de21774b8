import type { HostName } from '../model/names.js';
import type { HostClient } from './client.js';

/** The clients of a command, one a host. */
export interface HostClients {
  /** The client of that host; a host that the command did not select is a bug, and throws. */
  of(host: HostName): HostClient;
}

export function createHostClients(
  clients: Iterable<readonly [host: HostName, client: HostClient]>,
): HostClients {
  const byHost = new Map(clients);
  return {
    of(host) {
      const client = byHost.get(host);
      if (client === undefined) throw new Error(`no client for host ${host}`);
      return client;
    },
  };
}
