import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_BACKUP } from '../../../src/model/releases/backup.js';
import type { App } from '../../../src/model/runs/app.js';
import { turnOf } from '../../../src/model/runs/hooks/hook-turns.js';
import type { Hook } from '../../../src/model/runs/hooks/hooks.js';
import type { FakeHost } from '../../host/support/fake-host.js';
import { SIM_HOOKS } from '../sim-hooks.js';

/** Next to the root of each host, so that nothing of fleet deletes it; that of the bastion is with the first host. */
const LOG = 'hooks.log';
const WAVES = 3;

/** Each hook writes down that it ran: its id, its run, its wave and its host. */
const logging = (hook: Hook): Hook => {
  const log = hook.where === 'host' ? `"$FLEET_ROOT/../${LOG}"` : '"$HOOK_LOG"';
  const words = `"${hook.id} $FLEET_RUN $FLEET_WAVE $FLEET_HOST"`;
  const command = `printf '%s\\n' ${words} >>${log}`;
  const folder = hook.where === 'host' ? null : '/';
  return { ...hook, folder, work: { kind: 'command', command } };
};

const HOOKS = SIM_HOOKS.map(logging);

/** Hooks at every point, and a backup before each activation. */
export const HOOKED: Pick<App, 'hooks' | 'backup'> = {
  hooks: HOOKS,
  backup: { ...NO_BACKUP, paths: ['shared'] },
};

export const hookLogOf = ([first]: readonly FakeHost[]): string =>
  join(first?.dir ?? '/nowhere', `bastion-${LOG}`);

/** Whether a hook of a wave or of the run has run, on whatever machine. */
export const hookBegan = (hosts: readonly FakeHost[], turn: string): boolean =>
  turnsIn(linesOf(hosts)).includes(turn);

interface Line {
  readonly id: string;
  readonly run: string;
  readonly wave: string;
  readonly host: string;
}

function linesOf(hosts: readonly FakeHost[]): readonly Line[] {
  const files = [hookLogOf(hosts), ...hosts.map(({ dir }) => join(dir, LOG))];
  const lines = files.flatMap((file) =>
    existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [],
  );
  return lines.map((line) => {
    const [id = '', run = '', wave = '', host = ''] = line.split(' ');
    return { id, run, wave, host };
  });
}

const hookOf = (id: string): Hook | undefined => HOOKS.find((hook) => hook.id === id);

/** Every run of a hook of a wave or of the run. */
function turnsIn(lines: readonly Line[]): readonly string[] {
  return lines.flatMap(({ id, wave }) => {
    const hook = hookOf(id);
    return hook === undefined || hook.per === 'host' ? [] : [turnOf(hook, Number(wave) - 1)];
  });
}

/** At these points a run that succeeds has every hook of it, of a wave or of the run. */
const ALWAYS: ReadonlySet<Hook['point']> = new Set(['before_activate', 'after_confirm'] as const);

/** No hook of a wave or of the run ran twice; none is missing if the run has come to its end. */
export function hookFaults(hosts: readonly FakeHost[], isWhole: boolean): readonly string[] {
  const turns = turnsIn(linesOf(hosts)).filter((turn) => !/^(after_run|on_failure)-/.test(turn));
  const twice = turns.filter((turn, index) => turns.indexOf(turn) !== index);
  const expected = HOOKS.filter(({ point, per }) => ALWAYS.has(point) && per !== 'host').flatMap(
    (hook) =>
      hook.per === 'wave'
        ? Array.from({ length: WAVES }, (_, wave) => turnOf(hook, wave))
        : [turnOf(hook, 0)],
  );
  const missing = isWhole ? expected.filter((turn) => !turns.includes(turn)) : [];
  return [
    ...twice.map((turn) => `hook ${turn} ran twice`),
    ...missing.map((turn) => `hook ${turn} was skipped`),
  ];
}

/** Of a transaction that has moved the link of a host: its backup, and its own hooks before that. */
export function preparationFaults(host: FakeHost, txn: string): readonly string[] {
  const wrong: string[] = [];
  const [run = ''] = txn.split('.');
  const hooks = HOOKS.filter((hook) => {
    return hook.point === 'before_activate' && hook.per === 'host' && hook.where === 'host';
  });
  if (!existsSync(join(host.root, '.fleet/backups', txn, 'info'))) {
    wrong.push(`${txn} has no backup`);
  }
  for (const { id } of hooks) {
    const record = join(host.root, '.fleet/hooks', run, `${id}.${txn}`);
    if (existsSync(record) && /^ended 0$/m.test(readFileSync(record, 'utf8'))) continue;
    wrong.push(`hook ${id} of ${txn} was skipped`);
  }
  return wrong;
}
