import type { VarValue } from '../../model/hosts/host.js';
import type { Inventory } from '../../model/hosts/inventory.js';
import { type Selection, selectShown } from '../../model/hosts/select.js';
import { jumpText } from '../settings/jump.js';

/** What `fleet inventory` shows, as its `--json` prints it: resolved, in inventory order. */
export interface InventoryView {
  readonly schemaVersion: 1;
  readonly hosts: readonly HostView[];
  /** Of a selection only groups that hold one of the hosts; else all, also empty ones. */
  readonly groups: readonly GroupView[];
}

interface HostView {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly jump: string | null;
  readonly transport: string;
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, VarValue>>;
}

interface GroupView {
  readonly name: string;
  readonly children: readonly string[];
  readonly hosts: readonly string[];
}

/** The selected hosts that fleet can reach, and their groups; no group named means all. Throws as selectShown does. */
export function viewInventory(inventory: Inventory, selection: Selection): InventoryView {
  const groups = selection.groups.length > 0 ? selection.groups : ['all'];
  const { hosts } = selectShown(inventory, { ...selection, groups });
  const isAll = selection.groups.length === 0 && selection.limit === undefined;
  const names = new Set(hosts.map((host) => host.name));
  const held = [...inventory.groups.values()].map((group) => ({
    name: group.name,
    children: group.children,
    hosts: group.hosts.filter((name) => names.has(name)),
  }));
  return {
    schemaVersion: 1,
    hosts: hosts.map(({ name, address, ssh, groups, labels, vars }) => ({
      name,
      address,
      port: ssh.port,
      user: ssh.user,
      jump: jumpText(ssh.jump),
      transport: ssh.transport,
      groups,
      labels,
      vars,
    })),
    groups: held.filter((group) => isAll || group.hosts.length > 0),
  };
}
