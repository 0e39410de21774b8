import type { Host } from '../../src/model/host.js';
import { asHostName } from '../../src/model/names.js';

/** A host with nothing special about it but its name and labels. */
export function hostFixture(name: string, labels: Readonly<Record<string, string>> = {}): Host {
  return {
    name: asHostName(name),
    address: name,
    ssh: {
      user: 'deploy',
      port: 22,
      identityFiles: [],
      agent: null,
      passphrase: null,
      knownHosts: [],
      hostKeys: 'strict',
      jump: null,
      transport: 'ssh2',
      connectTimeoutMs: 15_000,
      keepaliveMs: 15_000,
    },
    labels,
    vars: {},
    groups: [],
  };
}
