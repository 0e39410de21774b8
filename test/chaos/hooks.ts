import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bastion } from '../e2e/support/bastion.js';
import type { ChaosHost } from './fleet-setup.js';

/** In every command of a hook, so that its processes are found. */
export const HOOK_MARK = 'chaos-hook';
/** In the home of the login user, which has room when the disk of the app is full. */
const HOST_LOG = 'home/deploy/hook-log';
const LOCAL_LOG = 'hook-log';

interface ChaosHook {
  readonly point: string;
  readonly per: 'host' | 'wave' | 'run';
  readonly where: 'host' | 'bastion';
  /** What it does between its first line and its last. */
  readonly does: string;
  readonly fails?: true;
}

/** One of every kind: slow ones, one that fails, one that leaves a daemon with its output open, one that prints much. */
const HOOKS: readonly ChaosHook[] = [
  { point: 'before_stage', per: 'run', where: 'bastion', does: 'sleep 0.2' },
  { point: 'before_stage', per: 'host', where: 'host', does: ':' },
  { point: 'before_activate', per: 'run', where: 'host', does: 'sleep 1' },
  { point: 'before_activate', per: 'run', where: 'bastion', does: 'sleep 0.3' },
  { point: 'before_activate', per: 'wave', where: 'host', does: 'sleep 0.3' },
  { point: 'before_activate', per: 'host', where: 'host', does: '! test -e "$HOME/veto"' },
  { point: 'before_activate', per: 'host', where: 'bastion', does: ':' },
  { point: 'after_activate', per: 'host', where: 'host', does: '(sleep 20; echo late) &' },
  { point: 'after_confirm', per: 'host', where: 'host', does: 'yes 2>&1 | head -c 3000000' },
  { point: 'after_confirm', per: 'host', where: 'host', does: 'false', fails: true },
  { point: 'after_confirm', per: 'wave', where: 'bastion', does: ':' },
  { point: 'after_confirm', per: 'run', where: 'host', does: 'sleep 0.3' },
  { point: 'before_revert', per: 'host', where: 'host', does: ':' },
  { point: 'after_revert', per: 'host', where: 'host', does: ':' },
  { point: 'after_run', per: 'run', where: 'host', does: ':' },
  { point: 'on_failure', per: 'run', where: 'bastion', does: ':' },
];

/** With the id that fleet gives each: its point and its place there. */
export const CHAOS_HOOKS = HOOKS.map((hook, index) => {
  const place = HOOKS.slice(0, index).filter(({ point }) => point === hook.point).length + 1;
  return { ...hook, id: `${hook.point}-${place}` };
});

/** `hooks:` of fleet.yaml. Each writes a line when it begins, and one when it has done its work. */
export function hooksConfig(): Readonly<Record<string, unknown>> {
  const byPoint: Record<string, unknown[]> = {};
  for (const { id, point, per, where, does, fails } of CHAOS_HOOKS) {
    const log = where === 'host' ? `"$HOME/${LOCAL_LOG}"` : LOCAL_LOG;
    const line = (word: string): string =>
      `echo "${word} ${id} $FLEET_RUN \${FLEET_WAVE:--} \${FLEET_HOST:--}" >>${log}`;
    const command = `: ${HOOK_MARK}; ${line('begin')}; { ${does.endsWith('&') ? does : `${does};`} } && ${line('end')}`;
    const timeout = point === 'after_activate' ? '2s' : '20s';
    const hook = { timeout, [where === 'host' ? 'run' : 'local']: command, per, name: id };
    byPoint[point] = [...(byPoint[point] ?? []), fails ? { ...hook, if_fails: 'warn' } : hook];
  }
  return { ...byPoint, rollback_script: 'rollback.sh' };
}

/** What a hook has written down. */
export interface HookLine {
  readonly word: 'begin' | 'end';
  readonly id: string;
  readonly run: string;
  /** As fleet counts for people, from 1; `-` for a hook of the run. */
  readonly wave: string;
  readonly about: string;
  /** The machine that it ran on; empty for a bastion. */
  readonly on: string;
}

/** All lines of all hooks, machine by machine, in their order there. */
export function readHookLines(
  hosts: readonly ChaosHost[],
  bastions: readonly Bastion[],
): readonly HookLine[] {
  const files = [
    ...hosts.map(({ name, host }) => ({ on: name, file: join(host.rootfs, HOST_LOG) })),
    ...bastions.map(({ dir }) => ({ on: '', file: join(dir, LOCAL_LOG) })),
  ];
  return files.flatMap(({ on, file }) =>
    linesOf(file).map((line) => {
      const [word, id = '', run = '', wave = '', about = ''] = line.split(' ');
      return { word: word === 'end' ? 'end' : 'begin', id, run, wave, about, on };
    }),
  );
}

/** A record of a hook on a host: `.fleet/hooks/<run>/<key>`. */
export interface HookRecord {
  readonly host: string;
  readonly run: string;
  readonly key: string;
  /** Its exit, `timeout`, or null as long as no end is recorded. */
  readonly end: string | null;
}

export function readHookRecords(hosts: readonly ChaosHost[]): readonly HookRecord[] {
  return hosts.flatMap(({ name, root }) => {
    const folder = join(root, '.fleet/hooks');
    return namesIn(folder).flatMap((run) =>
      namesIn(join(folder, run))
        .filter((key) => !/\.(out|new)$/.test(key))
        .map((key) => {
          const text = readFileSync(join(folder, run, key), 'utf8');
          return { host: name, run, key, end: /^ended (\w+)$/m.exec(text)?.[1] ?? null };
        }),
    );
  });
}

const namesIn = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder) : [];

const linesOf = (file: string): readonly string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
