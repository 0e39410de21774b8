import { type Chance, chanceOf } from './random.js';
import type { Flaw } from './releases.js';

/**
 * What is done to the fleet in one run. `at` is the moment, as a part of the time that an
 * undisturbed deploy takes; `forMs` is how long it lasts.
 */
export type Fault =
  | { readonly kind: 'kill-controller'; readonly at: number }
  /** Stopped past its lease, while a second controller takes over and does a job of its own. */
  | { readonly kind: 'freeze-controller'; readonly at: number; readonly next: Job }
  | (HostFault & { readonly kind: 'link-down' | 'full-disk' | 'kill-sshd' | 'sick-unit' })
  | (HostFault & { readonly kind: 'kill-unit' })
  /** SIGKILL for what runs of a hook, for the step that runs it, or for both. */
  | (HostFault & { readonly kind: 'kill-hook'; readonly whom: HookVictim })
  | (HostFault & { readonly kind: 'reboot'; readonly abrupt: boolean });

type HookVictim = 'command' | 'step' | 'both';

interface HostFault {
  readonly at: number;
  readonly hosts: readonly string[];
  readonly forMs: number;
}

export type FaultKind = Fault['kind'];
export type Job = 'deploy' | 'rollback';

/** A run as the seed draws it. What comes of it also hangs on the moment, and on the runs before. */
export interface Scenario {
  readonly number: number;
  readonly job: Job;
  /** What is wrong with the release that a deploy brings. */
  readonly flaw: Flaw;
  readonly policy: ScenarioPolicy;
  readonly faults: readonly Fault[];
  /** Hosts to which another tool deploys before the run. */
  readonly foreign: readonly string[];
  /** Who clears away what a dead controller left: its own bastion, or another. */
  readonly rescuer: 'own' | 'other';
  /** A run that died, or stopped in a hook, is resumed at first; and what is said of a hook that was interrupted. */
  readonly resume: 'done' | 'again' | null;
  /** A host on which a hook says no. */
  readonly veto: string | null;
  /** A host whose backup is brought back afterwards. */
  readonly restore: string | null;
}

/** The part of the policy that runs differ in, as fleet.yaml has it. */
interface ScenarioPolicy {
  readonly waves: readonly (number | string)[];
  readonly max_unavailable: string;
  readonly tolerate: { readonly wave: number; readonly run: number };
  readonly tolerate_unreachable: number;
  readonly on_failure: string;
}

/** What a host's dead-man timer leaves time for, and more; see `CONFIRM_DEADLINE_MS`. */
const PAST_DEADLINE_MS = [13_000, 17_000] as const;
const KINDS = [
  ['kill-controller', 6],
  ['freeze-controller', 4],
  ['link-down', 5],
  ['reboot', 4],
  ['full-disk', 3],
  ['kill-sshd', 3],
  ['sick-unit', 3],
  ['kill-unit', 3],
  ['kill-hook', 5],
] as const satisfies readonly (readonly [FaultKind, number])[];
/** Both end what the controller does; one of them is enough for a run. */
const CONTROLLER: readonly FaultKind[] = ['kill-controller', 'freeze-controller'];

/** Draws run `number` of a seed: always the same for the same hosts. */
export function drawScenario(seed: number, number: number, hosts: readonly string[]): Scenario {
  const chance = chanceOf(seed, number);
  const job = chance.likely(0.72) ? 'deploy' : 'rollback';
  return {
    number,
    job,
    flaw: job === 'deploy' ? drawFlaw(chance) : 'none',
    policy: drawPolicy(chance),
    faults: drawFaults(chance, hosts),
    rescuer: chance.likely(0.25) ? 'other' : 'own',
    foreign: chance.likely(0.3) ? chance.some(chance.whole(1, hosts.length), hosts) : [],
    resume: chance.likely(0.5) ? chance.pick(['done', 'again']) : null,
    veto: chance.likely(0.1) ? chance.pick(hosts) : null,
    restore: chance.likely(0.3) ? chance.pick(hosts) : null,
  };
}

function drawFlaw(chance: Chance): Flaw {
  return chance.weighed([
    ['none', 14],
    ['dies', 2],
    ['dies-late', 2],
    ['unhealthy', 2],
  ]);
}

function drawPolicy(chance: Chance): ScenarioPolicy {
  return {
    waves: chance.pick([
      [1, '25%', 'rest'],
      [1, '50%', 'rest'],
      [2, 'rest'],
      [1, '25%', '25%', 'rest'],
    ]),
    max_unavailable: chance.pick(['25%', '50%']),
    tolerate: { wave: chance.whole(0, 1), run: chance.whole(0, 2) },
    tolerate_unreachable: chance.whole(0, 2),
    on_failure: chance.weighed([
      ['rollback-run', 4],
      ['rollback-wave', 1],
      ['rollback-host', 1],
      ['hold', 1],
    ]),
  };
}

/** How many runs have a killed hook and nothing else: beside other faults it is seldom what decides. */
const HOOK_ALONE = 0.15;

function drawFaults(chance: Chance, hosts: readonly string[]): readonly Fault[] {
  if (chance.likely(HOOK_ALONE)) {
    // It waits for the first hook that it sees, since a busy machine takes its time to come to one.
    return [{ kind: 'kill-hook', at: 0.05, hosts, forMs: 20_000, whom: drawVictim(chance) }];
  }
  const count = chance.weighed([
    [0, 1],
    [1, 6],
    [2, 5],
    [3, 3],
  ]);
  const kinds: FaultKind[] = [];
  while (kinds.length < count) {
    const kind = chance.weighed(KINDS);
    const repeated = kinds.some((before) =>
      CONTROLLER.includes(kind) ? CONTROLLER.includes(before) : before === kind,
    );
    if (!repeated) kinds.push(kind);
  }
  return kinds.map((kind) => drawFault(kind, chance, hosts));
}

function drawFault(kind: FaultKind, chance: Chance, hosts: readonly string[]): Fault {
  const at = chance.between(0.2, 0.85);
  const few = (most: number): readonly string[] => chance.some(chance.whole(1, most), hosts);
  switch (kind) {
    case 'kill-controller':
      return { kind, at };
    case 'freeze-controller':
      // Before its claims there is nothing to take over.
      return { kind, at: chance.between(0.3, 0.85), next: chance.pick(['deploy', 'rollback']) };
    case 'link-down': {
      const most = chance.likely(0.15) ? hosts.length : Math.ceil(hosts.length / 5);
      return { kind, at, hosts: few(most), forMs: drawTime(chance, 0.5) };
    }
    case 'full-disk':
      return { kind, at, hosts: few(3), forMs: drawTime(chance, 0.2) };
    case 'kill-sshd':
      return { kind, at, hosts: few(3), forMs: chance.whole(200, 5_000) };
    case 'sick-unit':
      return { kind, at, hosts: few(2), forMs: drawTime(chance, 0.2) };
    case 'kill-unit':
      return { kind, at, hosts: few(2), forMs: 0 };
    case 'kill-hook':
      // As soon as there is one on any of them, so its moment is before the hooks.
      return {
        kind,
        at: chance.between(0.1, 0.7),
        hosts: chance.likely(0.6) ? hosts : few(2),
        forMs: 3_000,
        whom: drawVictim(chance),
      };
    case 'reboot':
      return { kind, at, hosts: few(2), forMs: 0, abrupt: chance.likely(0.5) };
  }
}

/** Of a hook whose step dies too, no one knows how far it came. */
function drawVictim(chance: Chance): HookVictim {
  return chance.weighed([
    ['both', 2],
    ['command', 1],
    ['step', 1],
  ]);
}

/** For a while, or with that probability past the deadline of every switch. */
function drawTime(chance: Chance, past: number): number {
  return chance.likely(past) ? chance.whole(...PAST_DEADLINE_MS) : chance.whole(800, 6_000);
}
