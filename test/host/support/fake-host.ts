import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createHostClient, type HostClient, type StepOutcome } from '../../../src/host/client.js';
import { loadHostProgram } from '../../../src/host/program.js';
import type { Step } from '../../../src/host/protocol/protocol.js';
import type { Service } from '../../../src/model/runs/app.js';
import { localConnection } from './local-connection.js';

/** The shells that a host's `sh` may be. */
export const SHELLS = ['dash', 'bash', 'busybox'] as const;
/** Those, and what is met less often; for what every shell has to do. */
export const ALL_SHELLS = [...SHELLS, 'mksh', 'yash'] as const;
export type Shell = (typeof ALL_SHELLS)[number];

const SHELL_PATHS: Record<Shell, string> = {
  dash: '/usr/bin/dash',
  bash: '/bin/bash',
  busybox: '/usr/bin/busybox',
  mksh: '/usr/bin/mksh',
  yash: '/usr/bin/yash',
};

/** The program syncs what it writes; on a busy disk that takes seconds, in memory nothing. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export const SERVICE: Service = { units: ['shop.service'], action: 'restart', scope: 'system' };

/** A folder that plays a host: its own `sh`, systemctl and units, and the app's root. */
export interface FakeHost {
  readonly dir: string;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly client: HostClient;
  /** Commands sent so far. */
  readonly commands: readonly string[];
  run(steps: readonly Step[], payload?: Uint8Array | Readable): Promise<StepOutcome>;
  /** Sets what a unit is; see fake-bin/systemctl. */
  unit(name: string, settings: Readonly<Record<string, string>>): void;
  /** Places a program before all others on PATH. */
  tool(name: string, text: string): void;
  /** What `current` says, or null. */
  current(): string | null;
  state(): Readonly<Record<string, string>>;
  /** The folder that the unit's process runs in, or null. */
  cwd(unit: string): string | null;
  /** Calls of systemctl that change something. */
  actions(): readonly string[];
  stop(): void;
}

export function createFakeHost(shell: Shell = 'dash'): FakeHost {
  const dir = mkdtempSync(join(MEMORY, 'fleet-host-'));
  const root = join(dir, 'shop');
  const units = join(dir, 'units');
  for (const folder of ['bin', 'units']) mkdirSync(join(dir, folder));
  symlinkSync(SHELL_PATHS[shell], join(dir, 'bin/sh'));
  const fakes = fileURLToPath(new URL('../fake-bin/', import.meta.url));
  for (const name of readdirSync(fakes)) copyFileSync(fakes + name, join(dir, 'bin', name));
  const env = { PATH: `${dir}/traps:${dir}/bin:/usr/sbin:/usr/bin:/sbin:/bin`, HOME: dir };
  const commands: string[] = [];
  const connection = localConnection({ env, ownGroup: true, onCommand: (c) => commands.push(c) });
  const client = createHostClient({ connect: connection, root, program: loadHostProgram() });
  const pidOf = (unit: string): string => readText(join(units, unit, 'pid')).trim();
  return {
    dir,
    root,
    env,
    client,
    commands,
    run: (steps, payload) =>
      client.run(steps, { timeoutMs: 30_000, ...(payload === undefined ? {} : { payload }) }),
    unit(name, settings) {
      mkdirSync(join(units, name), { recursive: true });
      for (const [key, value] of Object.entries(settings)) {
        writeFileSync(join(units, name, key), value);
      }
    },
    tool: (name, text) => writeFileSync(join(dir, 'bin', name), text, { mode: 0o755 }),
    current: () => (existsSync(join(root, 'current')) ? readlinkSync(join(root, 'current')) : null),
    state: () => readState(join(root, '.fleet/state')),
    cwd(unit) {
      const pid = pidOf(unit);
      return pid === '' || pid === '0' ? null : readlinkSync(`/proc/${pid}/cwd`);
    },
    actions: () =>
      readText(join(units, '.calls'))
        .split('\n')
        .filter((line) => line !== '' && !/^(show|status|is-active) |\.timer$/.test(line)),
    stop() {
      void connection.close();
      const timers = join(units, '.timers');
      for (const timer of existsSync(timers) ? readdirSync(timers) : []) {
        const pid = Number(readText(join(timers, timer)));
        if (pid > 0) endProcess(-pid);
      }
      for (const unit of readdirSync(units).filter((name) => !name.startsWith('.'))) {
        const pid = Number(pidOf(unit));
        if (pid > 0) endProcess(pid);
      }
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The last value of each key, as the program reads its state. */
function readState(file: string): Readonly<Record<string, string>> {
  const pairs = readText(file)
    .split('\n')
    .filter((line) => line.includes('='))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  return Object.fromEntries(pairs);
}

function readText(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
