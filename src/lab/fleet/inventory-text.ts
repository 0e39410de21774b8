/** One practice host, for the inventory. */
export interface InventoryHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly zone: string;
}

/** The practice fleet as an inventory in native form: group `prod` with the child `web`. */
export function inventoryText(options: {
  readonly user: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  readonly hosts: readonly InventoryHost[];
}): string {
  const quoted = JSON.stringify;
  const hosts = options.hosts.map(
    ({ name, address, port, zone }) =>
      `      - { name: ${name}, address: ${address}, port: ${port}, labels: { zone: ${zone} } }\n`,
  );
  return [
    'ssh:\n',
    `  user: ${options.user}\n`,
    `  identity_file: ${quoted(options.identityFile)}\n`,
    `  known_hosts: ${quoted(options.knownHostsFile)}\n`,
    '  host_keys: strict\n',
    'groups:\n',
    '  web:\n',
    '    hosts:\n',
    ...hosts,
    '  prod:\n',
    '    children: [web]\n',
  ].join('');
}
