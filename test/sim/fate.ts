import type { Fate, SentCall } from './network.js';
import { type Fault, hostNameOf } from './scenario.js';
import type { World } from './world.js';

/** What the faults of the scenario do to a call. */
export function fateOf(call: SentCall, world: World): Fate {
  const { faults } = world.scenario;
  const hits = faults.filter((fault) => isHit(fault, call, world.hosts.size));
  const isFirst = world.controllers[0]?.process === call.process;
  const crash = faults.find(
    (fault) => isFirst && fault.kind === 'crash' && fault.call === call.process.calls,
  );
  const find = <Kind extends Fault['kind']>(kind: Kind) =>
    hits.find((fault): fault is Extract<Fault, { kind: Kind }> => fault.kind === kind);
  return {
    cut: find('cut'),
    stall: find('stall'),
    reboot: find('reboot-in'),
    crash: crash?.kind === 'crash' ? crash.mode : undefined,
  };
}

function isHit(fault: Fault, { host, nth }: SentCall, hosts: number): boolean {
  if (!('call' in fault) || fault.kind === 'crash') return false;
  return hostNameOf(fault.host % hosts) === host && fault.call === nth;
}
