import type { RunLocal } from '../../src/engine/hooks/local-command.js';
import type { Hook } from '../../src/model/runs/hooks/hooks.js';
import { HOOK_RULES } from '../../src/model/runs/hooks/hooks.js';
import type { Random } from './random.js';
import type { Scenario } from './scenario.js';
import type { Scheduler } from './scheduler.js';
import type { SimProcess } from './sim-process.js';

type Place = Pick<Hook, 'point' | 'per' | 'where' | 'ifFails'>;

const PLACES: readonly Place[] = [
  { point: 'before_stage', per: 'run', where: 'bastion', ifFails: 'stop-run' },
  { point: 'before_stage', per: 'host', where: 'host', ifFails: 'fail-host' },
  { point: 'before_activate', per: 'run', where: 'host', ifFails: 'stop-run' },
  { point: 'before_activate', per: 'run', where: 'bastion', ifFails: 'warn' },
  { point: 'before_activate', per: 'wave', where: 'host', ifFails: 'stop-run' },
  { point: 'before_activate', per: 'host', where: 'host', ifFails: 'fail-host' },
  { point: 'after_activate', per: 'host', where: 'host', ifFails: 'stop-run' },
  { point: 'after_confirm', per: 'host', where: 'bastion', ifFails: 'warn' },
  { point: 'after_confirm', per: 'wave', where: 'bastion', ifFails: 'stop-run' },
  { point: 'after_confirm', per: 'run', where: 'host', ifFails: 'stop-run' },
  { point: 'before_revert', per: 'host', where: 'host', ifFails: 'warn' },
  { point: 'after_revert', per: 'host', where: 'bastion', ifFails: 'warn' },
  { point: 'after_run', per: 'run', where: 'bastion', ifFails: 'warn' },
  { point: 'on_failure', per: 'run', where: 'host', ifFails: 'warn' },
];

/** The command of a hook is its id, so that whoever runs it knows which one it is. */
export const SIM_HOOKS: readonly Hook[] = PLACES.map((place, index): Hook => {
  const id = `${place.point}-${index + 1}`;
  return {
    ...place,
    id,
    name: id,
    work: { kind: 'command', command: id },
    folder: place.where === 'bastion' ? '/project' : null,
    groups: [],
    on: ['deploy', 'rollback'],
    timeoutMs: HOOK_RULES[place.point].timeoutMs,
  };
});

export const hooksOf = ({ hooks }: Scenario): readonly Hook[] => (hooks == null ? [] : SIM_HOOKS);

/** What is seen of a hook that runs on a bastion. `turn` is null for a hook of one host. */
export interface LocalHook {
  readonly run: string;
  readonly turn: string | null;
  readonly exit: number | null;
}

export interface SimLocalOptions {
  readonly process: SimProcess;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly scenario: Scenario;
  readonly see: (hook: LocalHook) => void;
}

/** A command of the bastion: it has a session of its own, so it goes on if fleet is killed. */
export function simLocal(options: SimLocalOptions): RunLocal {
  const { process, scheduler, random, scenario, see } = options;
  return ({ command, env }) => {
    const told = new Map(env);
    const run = told.get('FLEET_RUN') ?? '';
    const hook = SIM_HOOKS.find(({ id }) => id === command);
    const wave = told.get('FLEET_WAVE');
    const turn =
      hook?.per === 'host' ? null : hook?.per === 'wave' ? `${command}.wave${wave}` : command;
    const exit = scenario.hooks?.fails.includes(command) === true ? 1 : 0;
    return new Promise((resolve) => {
      if (!process.alive) return;
      see({ run, turn, exit: null });
      scheduler.after(random.between(10, 4000), () => {
        see({ run, turn, exit });
        process.deliver(() => resolve({ kind: 'exited', exit }));
      });
    });
  };
}
