import { join } from 'node:path';
import type { LoadedInventory } from '../../../../src/config/inventory/load.js';
import { jumpText } from '../../../../src/config/settings/jump.js';
import { QUOTED_SSH_ARGS, SSH_ARGS } from './generate-values.js';
import type { Listing } from './oracle.js';

/** An inventory as both sides are held against each other. */
export interface Compared {
  readonly hosts: Readonly<Record<string, unknown>>;
  readonly groups: Readonly<Record<string, unknown>>;
}

const isScalar = (value: unknown): boolean => value === null || typeof value !== 'object';

/** What fleet has to make of Ansible's listing, by the rules of Ansible's ssh plugin. */
export function expected(
  { hosts, groups }: Listing,
  base: { cwd: string; home: string },
): Compared {
  return {
    hosts: Object.fromEntries(
      Object.entries(hosts).map(([name, vars]) => [name, expectedHost(name, vars, base)]),
    ),
    groups: Object.fromEntries(
      Object.entries(groups)
        .filter(
          ([name, { hosts: held, children }]) =>
            name !== 'all' && (name !== 'ungrouped' || held.length > 0 || children.length > 0),
        )
        .map(([name, group]) => [
          name,
          { hosts: [...group.hosts].sort(), children: [...group.children].sort() },
        ]),
    ),
  };
}

type Vars = Readonly<Record<string, unknown>>;

function expectedHost(name: string, vars: Vars, base: { cwd: string; home: string }) {
  const last = (...names: string[]): unknown =>
    names.map((each) => vars[each]).findLast((value) => value !== undefined && value !== null);
  const key = last('ansible_private_key_file', 'ansible_ssh_private_key_file');
  const args = ['ansible_ssh_args', 'ansible_ssh_common_args', 'ansible_ssh_extra_args'];
  const known = new Map([...SSH_ARGS, ...QUOTED_SSH_ARGS]);
  const jump = args
    .map((each) => known.get(String(vars[each])))
    .find((way) => way !== undefined && way !== null);
  const data = Object.entries(vars).filter(
    ([each, value]) => !each.startsWith('ansible_') && isScalar(value),
  );
  return {
    address: String(last('ansible_host', 'ansible_ssh_host') ?? name),
    port: Number(last('ansible_port', 'ansible_ssh_port') ?? 22),
    user: String(last('ansible_user', 'ansible_ssh_user') ?? 'me'),
    keys:
      key === undefined
        ? []
        : [
            String(key).startsWith('~/')
              ? join(base.home, String(key).slice(2))
              : join(String(key).startsWith('/') ? '/' : base.cwd, String(key)),
          ],
    jump: jump ?? null,
    vars: Object.fromEntries(
      data.map(([each, value]) => [
        each,
        typeof value === 'number' && !Number.isFinite(value) ? null : value,
      ]),
    ),
  };
}

/** The same of what fleet read. */
export function actual(inventory: LoadedInventory): Compared {
  const hosts = inventory.hosts.map(({ name, address, ssh, vars }) => {
    const finite = Object.entries(vars).map(([key, value]) => [
      key,
      typeof value === 'number' && !Number.isFinite(value) ? null : value,
    ]);
    return [
      name,
      {
        address,
        port: ssh.port,
        user: ssh.user,
        keys: ssh.identityFiles,
        jump: jumpText(ssh.jump),
        vars: Object.fromEntries(finite),
      },
    ];
  });
  const groups = [...inventory.groups.values()]
    .filter(({ name }) => name !== 'all')
    .map(({ name, hosts: held, children }) => [
      name,
      { hosts: [...held].sort(), children: [...children].sort() },
    ]);
  return { hosts: Object.fromEntries(hosts), groups: Object.fromEntries(groups) };
}
