import { writeFileSync } from 'node:fs';
import { stringify } from 'yaml';

/** What an inventory of a lab fleet says. */
export interface InventorySource {
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  readonly identityFile: string;
  readonly knownHostsFile: string;
}

/** Writes fleet's own inventory form: one group with all hosts, and how to log in to them. */
export function writeInventoryFile(file: string, group: string, source: InventorySource): void {
  const inventory = {
    ssh: {
      user: 'deploy',
      identity_file: source.identityFile,
      known_hosts: source.knownHostsFile,
    },
    groups: {
      [group]: { hosts: source.hosts.map(({ name, address }) => ({ name, address })) },
    },
  };
  writeFileSync(file, stringify(inventory));
}
