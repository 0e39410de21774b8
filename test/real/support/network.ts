import { mustRun } from './command.js';
import type { NamedAddress } from './fleet-layer.js';
import type { Slot } from './slot.js';

/** The address of the nth host (from 0); the bridge, which is this machine, is .1. */
export function hostAddress(slot: Slot, index: number): string {
  return `10.88.${slot.number}.${11 + index}`;
}

/** The name of a host's network namespace, and of its link's end on this machine. */
export function hostDevice(prefix: string, name: string): string {
  return `${prefix}${name}`;
}

/** Lays a bridge, and for each host a namespace with one cable to it. */
export async function layNetwork(slot: Slot, hosts: readonly NamedAddress[]): Promise<void> {
  const bridge = slot.prefix;
  await ipBatch([
    `link add ${bridge} type bridge`,
    `link set ${bridge} addrgenmode none up`,
    `address add 10.88.${slot.number}.1/24 dev ${bridge}`,
    ...hosts.flatMap(({ name }) => {
      const device = hostDevice(bridge, name);
      return [
        `netns add ${device}`,
        `link add ${device} type veth peer name eth0 netns ${device}`,
        `link set ${device} addrgenmode none master ${bridge} up`,
      ];
    }),
  ]);
  for (const { name, address } of hosts) {
    const inside = ['-n', hostDevice(bridge, name)];
    await ipBatch(
      [`address add ${address}/24 dev eth0`, 'link set lo up', 'link set eth0 up'],
      inside,
    );
  }
}

/** Pulls or plugs a host's cable. Packets vanish; established connections learn nothing of it. */
export async function setLink(device: string, state: 'up' | 'down'): Promise<void> {
  await mustRun('ip', ['link', 'set', device, state]);
}

async function ipBatch(lines: readonly string[], args: readonly string[] = []): Promise<void> {
  await mustRun('ip', [...args, '-batch', '-'], { input: `${lines.join('\n')}\n` });
}
