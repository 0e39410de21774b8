import { targetOf } from './fleet.js';
import type { HostModel } from './host-model/host.js';
import { type Conduct, GOOD } from './host-model/unit.js';
import { type Fault, hostNameOf, type Scenario } from './scenario.js';
import type { World } from './world.js';

/** How the processes of a scenario behave, alone and under load. */
export interface Conductor {
  readonly of: (host: HostModel, release: string) => Conduct;
  /** A unit was started somewhere: too many on the release may be too much for it. */
  readonly onStart: (world: World) => void;
}

type Bad = Extract<Fault, { kind: 'bad' }>;

export function createConductor(scenario: Scenario): Conductor {
  const target = targetOf(scenario);
  const bad = scenario.faults.filter((fault): fault is Bad => fault.kind === 'bad');
  const most = Math.min(
    ...scenario.faults.map((fault) => (fault.kind === 'load' ? fault.most : Infinity)),
  );
  return {
    of(host, release) {
      if (release !== target) return GOOD;
      const fault = bad.find((each) => each.host < 0 || hostNameOf(each.host) === host.name);
      return fault === undefined ? GOOD : conductOf(fault);
    },
    onStart(world) {
      const loaded = [...world.hosts.values()].flatMap((host) =>
        [...host.units.values()].filter((unit) => unit.serving === target).map(() => host),
      );
      if (loaded.length <= most) return;
      for (const host of loaded) {
        for (const unit of host.units.values()) host.later(50, () => host.die(unit));
      }
    },
  };
}

function conductOf({ how, afterMs }: Bad): Conduct {
  switch (how) {
    case 'no-start':
      return { ...GOOD, starts: false };
    case 'dies':
      return { ...GOOD, diesAfterMs: afterMs };
    case 'unwell':
      return { ...GOOD, well: false };
  }
}
