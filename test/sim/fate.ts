import type { Fate, SentCall } from './network.js';
import { type Fault, hostNameOf } from './scenario.js';
import type { World } from './world.js';

/** What the faults of the scenario do to a call. */
export function fateOf(call: SentCall, world: World): Fate {
  const { faults } = world.scenario;
  const hits = faults.filter((fault) => isHit(fault, call, world.hosts.size));
  const crash = faults.find(
    (fault) => isCrash(fault) && isSender(fault, call, world) && fault.call === call.process.calls,
  );
  const find = <Kind extends Fault['kind']>(kind: Kind) =>
    hits.find((fault): fault is Extract<Fault, { kind: Kind }> => fault.kind === kind);
  return {
    cut: find('cut'),
    stall: find('stall'),
    reboot: find('reboot-in'),
    crash: crash !== undefined && isCrash(crash) ? crash.mode : undefined,
  };
}

type Crash = Extract<Fault, { kind: 'crash' | 'crash-again' }>;

const isCrash = (fault: Fault): fault is Crash =>
  fault.kind === 'crash' || fault.kind === 'crash-again';

function isSender({ kind }: Crash, { process }: SentCall, world: World): boolean {
  const struck = kind === 'crash' ? world.controllers[0] : world.successor;
  return struck?.process === process;
}

function isHit(fault: Fault, { host, nth }: SentCall, hosts: number): boolean {
  if (!('call' in fault) || isCrash(fault)) return false;
  return hostNameOf(fault.host % hosts) === host && fault.call === nth;
}
