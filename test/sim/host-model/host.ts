import type { Step } from '../../../src/host/protocol/protocol.js';
import type { HostName } from '../../../src/model/names.js';
import type { DeadManTier } from '../../../src/model/runs/dead-man.js';
import type { Random } from '../random.js';
import type { Pending, Scheduler } from '../scheduler.js';
import { type Disk, EMPTY_DISK } from './disk.js';
import { Lock } from './lock.js';
import { ProgramRun } from './program.js';
import { StepProcess } from './step-process.js';
import { Switches } from './switches.js';
import type { Actor, Change, Transition } from './transition.js';
import { type Conduct, type RestartPolicy, Unit } from './unit.js';
import { runVerbs } from './verbs.js';

/** What a host lives in. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Hears of every change of what is true, at once. */
  readonly observe: (transition: Transition) => void;
  readonly conduct: (host: HostModel, release: string) => Conduct;
}

export interface HostOptions {
  readonly name: HostName;
  readonly units: readonly string[];
  readonly restart: RestartPolicy;
  /** How a dead-man timer can be armed here, the best first. */
  readonly tiers: readonly DeadManTier[];
  /** Whether a unit rolls an unfinished host back at boot. */
  readonly guarded: boolean;
  /** Guards that this host lacks, to see that the checkers notice. */
  readonly broken?: ReadonlySet<Breakage> | undefined;
}

/** Guards of the host program that can be taken out on purpose. */
export type Breakage =
  | 'arms-nothing'
  | 'forgets-hooks'
  | 'ignores-the-lock'
  | 'keeps-claims'
  | 'keeps-the-unit-file'
  | 'never-fires'
  | 'never-restarts'
  | 'prunes-anything'
  | 'skips-hooks'
  | 'takes-any-epoch'
  | 'takes-no-backup'
  | 'trusts-releases'
  | 'writes-in-facts';

/** systemd gives up on a unit that dies again and again; here, whatever time lies between. */
const MOST_RESTARTS = 5;

/** A server in memory: a disk, units, and whatever steps run there now. */
export class HostModel {
  readonly name: HostName;
  readonly units: ReadonlyMap<string, Unit>;
  readonly broken: ReadonlySet<Breakage>;
  readonly lock = new Lock();
  readonly switches: Switches;
  readonly tiers: readonly DeadManTier[];
  readonly guarded: boolean;
  readonly steps = new Set<StepProcess>();
  /** The step that runs a hook, a backup or a restore; one that has ended no longer counts. */
  turn: StepProcess | null = null;
  /** Hooks that fail here. */
  failingHooks: readonly string[] = [];
  disk: Disk = EMPTY_DISK;
  /** What a power cut leaves. */
  durable: Disk = EMPTY_DISK;
  up = true;
  diskFull = false;
  /** Whether it ever was: a full disk defeats the dead-man timer. */
  diskWasFull = false;
  /** Whether the app's own probes are made to fail, whatever runs. */
  sick = false;
  /** What the wall clock is off by; may be changed at any time. */
  wallOffsetMs = 0;
  /** By how much longer the next start of a unit takes. */
  hangMs = 0;
  boots = 1;
  bootedAt = 0;
  /** The step that `.fleet/holder` names. */
  holder: StepProcess | null = null;
  /** The step that `.fleet/reverter` names. */
  reverter: StepProcess | null = null;
  /** Counts what was ever changed on the disk, for the dry run. */
  writes = 0;
  readonly #around: Surroundings;
  #nextPid = 100;
  #deaths: Pending[] = [];

  constructor(around: Surroundings, options: HostOptions) {
    this.name = options.name;
    this.broken = options.broken ?? new Set();
    this.tiers = options.tiers;
    this.guarded = options.guarded;
    this.switches = new Switches(this);
    this.#around = around;
    this.units = new Map(options.units.map((unit) => [unit, new Unit(unit, options.restart)]));
  }

  get bootId(): string {
    return `boot-${this.boots}`;
  }

  /** Milliseconds since the host was started, whatever its clock is set to. */
  get uptimeMs(): number {
    return this.#around.scheduler.now - this.bootedAt;
  }

  get wallMs(): number {
    return this.scheduler.now + this.wallOffsetMs;
  }

  get uptimeSeconds(): number {
    return Math.floor(this.uptimeMs / 1000);
  }

  get scheduler(): Scheduler {
    return this.#around.scheduler;
  }

  get random(): Random {
    return this.#around.random;
  }

  failsHook(command: string): boolean {
    return this.failingHooks.includes(command);
  }

  tell(actor: Actor | null, change: Change): void {
    this.#around.observe({ host: this.name, actor, ...change });
  }

  /** Changes the disk; `synced` parts are there after a power cut, too. */
  write(change: Partial<Disk>, synced: readonly (keyof Disk)[]): void {
    this.writes += 1;
    this.disk = { ...this.disk, ...change };
    if (synced.length === 0) return;
    const kept = Object.fromEntries(synced.map((part) => [part, this.disk[part]]));
    this.durable = { ...this.durable, ...kept };
  }

  forgetRecipe(txn: string | null): void {
    if (txn === null || !this.disk.recipes.has(txn)) return;
    const recipes = new Map(this.disk.recipes);
    recipes.delete(txn);
    this.write({ recipes }, []);
  }

  /** How much longer the start that comes now takes; the one after it is quick again. */
  takeHang(): number {
    const ms = this.hangMs;
    this.hangMs = 0;
    return ms;
  }

  /** Starts a unit from what `current` names now; false where that fails. */
  start(unit: Unit, actor: Actor | null): boolean {
    const release = this.disk.current;
    const conduct = release === null ? null : this.#around.conduct(this, release);
    if (!conduct?.starts) {
      unit.end('failed');
      return false;
    }
    this.#nextPid += 1;
    unit.begin(this.#nextPid, release, conduct.well);
    const { pid } = unit;
    if (conduct.diesAfterMs !== null) {
      this.later(conduct.diesAfterMs, () => {
        if (unit.pid === pid) this.die(unit);
      });
    }
    this.tell(actor, { kind: 'unit-started', unit: unit.name, serving: unit.serving });
    return true;
  }

  stop(unit: Unit, actor: Actor): void {
    const { serving } = unit;
    unit.end('inactive');
    this.tell(actor, { kind: 'unit-stopped', unit: unit.name, serving });
  }

  /** The process ends by itself; systemd starts it again where the unit's policy says so. */
  die(unit: Unit): void {
    if (!unit.runs) return;
    const again = unit.policy === 'always' && unit.restarts < MOST_RESTARTS;
    unit.end(again ? 'restarting' : 'failed');
    this.tell(null, { kind: 'unit-died', unit: unit.name });
    if (!again) return;
    this.later(100, () => {
      if (unit.active !== 'activating') return;
      unit.restarts += 1;
      this.start(unit, null);
    });
  }

  /** Something of this boot; it does not happen if the host goes down before. */
  later(ms: number, task: () => void): Pending {
    const timer = this.#around.scheduler.after(ms, task);
    this.#deaths.push(timer);
    return timer;
  }

  /** The host goes down now and comes up again after `downMs`; a power cut loses what was not synced. */
  reboot(downMs: number, cut: 'clean' | 'power'): void {
    if (!this.up) return;
    this.up = false;
    for (const timer of this.#deaths.splice(0)) timer.cancel();
    for (const step of [...this.steps]) step.vanish();
    this.lock.clear();
    this.switches.clear();
    for (const unit of this.units.values()) unit.end('inactive');
    if (cut === 'power') this.#losePower();
    this.#around.scheduler.after(downMs, () => this.#boot());
  }

  /** Of each part of the disk either what was last synced is left, or what was last written. */
  #losePower(): void {
    const pick = <Part extends keyof Disk>(part: Part): Disk[Part] =>
      this.random.next() < 0.5 ? this.durable[part] : this.disk[part];
    this.disk = {
      state: pick('state'),
      current: pick('current'),
      folders: pick('folders'),
      markers: pick('markers'),
      drifted: pick('drifted'),
      links: pick('links'),
      recipes: pick('recipes'),
      backups: pick('backups'),
      restored: pick('restored'),
      hooks: pick('hooks'),
      unitFile: pick('unitFile'),
      unitFiles: pick('unitFiles'),
      unitNext: pick('unitNext'),
      unitBack: pick('unitBack'),
    };
    this.durable = this.disk;
  }

  /** The dead-man timer of a transaction fires: a step without a network or a controller. */
  fire(txn: string): StepProcess {
    return this.runHere(
      {
        verb: 'revert',
        args: [
          ['txn', txn],
          ['guard', '1'],
        ],
      },
      () => undefined,
    );
  }

  /** Runs a step that this host starts by itself. */
  runHere(step: Step, ended: () => void): StepProcess {
    const run = new ProgramRun(this);
    const process = new StepProcess(this, runVerbs(run, [step]), (how) => {
      if (how === 'ended') ended();
    });
    run.process = process;
    process.begin();
    return process;
  }

  #boot(): void {
    this.up = true;
    this.boots += 1;
    this.bootedAt = this.#around.scheduler.now;
    if (this.guarded) this.runHere({ verb: 'guard', args: [] }, () => this.#startUnits());
    else this.#startUnits();
  }

  #startUnits(): void {
    for (const unit of this.units.values()) {
      unit.restarts = 0;
      this.start(unit, null);
    }
    this.tell(null, { kind: 'booted' });
  }
}
