import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerCgroups, killCgroups, renewCgroups } from './cgroup.js';
import { until } from './deadline.js';

/** nspawn's way to say that the container asked for a reboot; see --keep-unit in its manual. */
const ASKED_FOR_REBOOT = 133;
/** What systemd as PID 1 takes for `systemctl reboot`: SIGRTMIN+5. */
const REBOOT_SIGNAL = 39;

export interface ContainerSpec {
  /** Also the names of its network namespace and, under the slot's, of its cgroup. */
  readonly machine: string;
  readonly hostname: string;
  readonly slot: number;
  /** Holds `root`; gets `console` (what the boots printed) and `leader` (a process id). */
  readonly dir: string;
  /** Aborted when the fleet goes: nothing is started from then on. */
  readonly over: AbortSignal;
}

/** One systemd-nspawn container, booted again whenever it asks for a reboot. */
export class Container {
  readonly #spec: ContainerSpec;
  readonly #cgroups: readonly string[];
  #up: Promise<void> | undefined;
  #process: ChildProcess | undefined;
  #leader: number | undefined;
  #wanted = false;

  constructor(spec: ContainerSpec) {
    this.#spec = spec;
    this.#cgroups = containerCgroups(spec.slot, spec.machine);
  }

  /** The process that is PID 1 inside; undefined while it is off, or between two boots. */
  get leader(): number | undefined {
    return this.#leader;
  }

  /** Starts it; resolves when its systemd runs, which is before a login works. */
  async start(): Promise<void> {
    this.#wanted = true;
    await (this.#up ?? this.#launch());
  }

  /** An orderly shutdown; resolves when nothing of it runs any more. */
  async powerOff(): Promise<void> {
    this.#wanted = false;
    this.#process?.kill('SIGTERM');
    await this.#awaitEnd(30_000);
  }

  /** As when someone pulls the plug. What was written stays, synced or not. */
  async cutPower(): Promise<void> {
    this.#wanted = false;
    killCgroups(this.#cgroups);
    await this.#awaitEnd(10_000);
  }

  /** An orderly reboot; resolves when the next systemd runs. */
  async reboot(): Promise<void> {
    const before = this.#leader;
    if (before === undefined) throw new Error(`${this.#spec.hostname} is off`);
    process.kill(before, REBOOT_SIGNAL);
    await until(30_000, `${this.#spec.hostname} to reboot`, () => {
      this.#spec.over.throwIfAborted();
      return this.#leader !== undefined && this.#leader !== before;
    });
  }

  /** The end of what nspawn and the boots printed. */
  console(): string {
    return readFileSync(join(this.#spec.dir, 'console'), 'utf8').slice(-2000);
  }

  /** At most one boot is under way, whoever asked for it. */
  #launch(): Promise<void> {
    const up = this.#boot();
    this.#up = up;
    up.catch(() => {
      if (this.#up === up) this.#up = undefined;
    });
    return up;
  }

  async #boot(): Promise<void> {
    await renewCgroups(this.#cgroups);
    if (!this.#wanted || this.#spec.over.aborted) throw new Error('stopped before it started');
    const nspawn = spawnNspawn(this.#spec, this.#cgroups);
    this.#process = nspawn;
    nspawn.once('exit', (code) => {
      this.#process = undefined;
      this.#leader = undefined;
      this.#up = undefined;
      if (code === ASKED_FOR_REBOOT && this.#wanted) void this.#launch();
    });
    await until(10_000, `${this.#spec.hostname} to start`, () => {
      if (this.#process !== nspawn) throw new Error(`nspawn ended: ${this.console()}`);
      this.#leader = findLeader(nspawn.pid);
      return this.#leader !== undefined;
    });
    writeFileSync(join(this.#spec.dir, 'leader'), `${this.#leader}\n`);
  }

  async #awaitEnd(time: number): Promise<void> {
    await until(time, `${this.#spec.hostname} to end`, () => this.#process === undefined);
  }
}

/** Containers are given cgroup v2, as servers have it; systemd 258 and later start by no other. */
const NSPAWN_ENV = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1',
};

/** In a session of its own, so that a terminal's Ctrl-C does not reach it. */
function spawnNspawn(spec: ContainerSpec, cgroups: readonly string[]): ChildProcess {
  const enterCgroups =
    'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs" || exit; shift; done; shift; exec "$@"';
  const args = ['-c', enterCgroups, 'sh', ...cgroups, '--', 'systemd-nspawn', ...nspawnArgs(spec)];
  const output = openSync(join(spec.dir, 'console'), 'a');
  const child = spawn('/bin/sh', args, {
    cwd: '/',
    detached: true,
    env: NSPAWN_ENV,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  child.unref();
  return child;
}

function nspawnArgs({ machine, hostname, dir }: ContainerSpec): readonly string[] {
  return [
    '--quiet',
    `--machine=${machine}`,
    `--hostname=${hostname}`,
    `--directory=${dir}/root`,
    `--network-namespace-path=/run/netns/${machine}`,
    // This machine's PID 1 need not be systemd, so there may be no one to register with.
    '--register=no',
    '--keep-unit',
    '--settings=no',
    '--console=pipe',
    '--resolv-conf=off',
    '--timezone=off',
    '--link-journal=no',
    '--boot',
  ];
}

/** The child of nspawn that is process 1 of a PID namespace. */
function findLeader(nspawn: number | undefined): number | undefined {
  try {
    const children = readFileSync(`/proc/${nspawn}/task/${nspawn}/children`, 'utf8');
    return children
      .split(' ')
      .filter((pid) => pid !== '')
      .map(Number)
      .find((pid) => /^NSpid:.*\s1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
  } catch {
    return undefined;
  }
}
