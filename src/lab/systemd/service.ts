import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describeEnd, execOf, judgeExit, wantsRestart } from './exit-judgement.js';
import { DONE, jobFailed, type Reply, refused } from './job-reply.js';
import {
  launch,
  type ProcessEnd,
  signalGroup,
  terminate,
  type UnitProcess,
} from './service-process.js';
import { ServiceRecord } from './service-record.js';
import { StartLimit } from './start-limit.js';
import { BadUnitFile, parseUnitFile, type Specifiers, type UnitFile } from './unit-file.js';
import type { UnitState } from './unit-state.js';

export interface ServiceOptions {
  /** Path of the unit file; its base name is the unit's. */
  readonly file: string;
  /** Where its properties are kept for the `systemctl` shim to read. */
  readonly stateFile: string;
  readonly journal: string;
  readonly specifiers: Specifiers;
  readonly environment: Readonly<Record<string, string>>;
  /** Called with the main process at each start; a fault may end it there. */
  readonly onStart?: ((pid: number) => void) | undefined;
}

/** One supervised service, which behaves as under systemd 252 as far as deploying needs it. */
export class Service {
  readonly name: string;
  readonly #options: ServiceOptions;
  readonly #record: ServiceRecord;
  #unit: UnitFile | null = null;
  #main: UnitProcess | null = null;
  #stopping = false;
  #over = false;
  #restartTimer: NodeJS.Timeout | null = null;
  readonly #startLimit = new StartLimit();

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.name = basename(options.file);
    this.#record = new ServiceRecord({ name: this.name, ...options });
    this.#load();
    this.#record.publish({});
  }

  get state(): UnitState {
    return this.#record.state;
  }

  /** Returns as soon as the process is forked for `simple`, when it has ended for `oneshot`. */
  async start(): Promise<Reply> {
    const refusal = this.#refusal('start');
    if (refusal !== null) return refusal;
    if (this.#main !== null || this.state.sub === 'exited') return DONE;
    this.#cancelRestart();
    this.#record.publish({ restarts: 0 });
    return (await this.#begin()) ? DONE : jobFailed(this.name, this.state.result);
  }

  /** ExecStop, then SIGTERM to the whole group, SIGKILL after TimeoutStopSec. */
  async stop(): Promise<Reply> {
    const main = this.#main;
    if (main === null && this.#refusal('stop') !== null)
      return refused('stop', this.name, 'not loaded');
    this.#cancelRestart();
    if (main === null) {
      if (this.state.active !== 'failed') this.#record.unload();
      return DONE;
    }
    this.#stopping = true;
    this.#record.log(`Stopping ${this.#title}...`);
    this.#record.publish({ active: 'deactivating', sub: 'stop' });
    for (const line of this.#unit?.execStop ?? []) await this.#control(line);
    this.#record.publish({ sub: 'stop-sigterm' });
    const end = await terminate(main, this.#unit?.stopTimeoutMs ?? 90_000, () =>
      this.#record.log(`State 'stop-sigterm' timed out. Killing.`),
    );
    this.#stopping = false;
    this.#main = null;
    const judged = end === 'timeout' ? 'timeout' : judgeExit(end);
    this.#settle(judged, end === 'timeout' ? { code: null, signal: 'SIGKILL' } : end);
    if (judged === 'success') this.#record.unload();
    this.#record.log(`Stopped ${this.#title}.`);
    return DONE;
  }

  async restart(verb = 'restart'): Promise<Reply> {
    const refusal = this.#refusal(verb);
    if (refusal !== null) return refusal;
    await this.stop();
    this.#record.publish({ active: 'inactive', sub: 'dead' });
    return this.start();
  }

  /** Restarts a unit that runs or is about to; leaves any other as it is. */
  async tryRestart(): Promise<Reply> {
    const refusal = this.#refusal('try-restart');
    if (refusal !== null) return refusal;
    return ['active', 'activating'].includes(this.state.active) ? this.restart() : DONE;
  }

  /** Reloads a running unit that supports it, else restarts. */
  reloadOrRestart(): Promise<Reply> {
    const reloadable = (this.#unit?.execReload.length ?? 0) > 0;
    return reloadable && this.#main !== null ? this.reload() : this.restart('reload-or-restart');
  }

  async reload(): Promise<Reply> {
    const refusal = this.#refusal('reload');
    if (refusal !== null) return refusal;
    const lines = this.#unit?.execReload ?? [];
    if (lines.length === 0) return refused('reload', this.name, 'not reloadable');
    if (this.#main === null) return refused('reload', this.name, 'not active');
    this.#record.publish({ active: 'reloading', sub: 'reload' });
    let ok = true;
    for (const line of lines) ok = ok && (await this.#control(line));
    // A process that died meanwhile has set its own state.
    if (this.#main !== null) this.#record.publish({ active: 'active', sub: 'running' });
    return ok ? DONE : jobFailed(this.name, this.state.result);
  }

  /** Forgets a failure and the start rate limit. */
  resetFailed(): Reply {
    if (!existsSync(this.#options.file) && this.#main === null)
      return refused('reset-failed', this.name, 'not loaded');
    this.#startLimit.forget();
    if (this.state.active === 'failed') this.#record.unload();
    return DONE;
  }

  /** Kills it at once, without a restart. */
  async end(): Promise<void> {
    this.#over = true;
    this.#cancelRestart();
    this.#stopping = true;
    const main = this.#main;
    if (main === null) return;
    signalGroup(main.pid, 'SIGKILL');
    await main.ended;
  }

  get #title(): string {
    const description = this.#unit?.description;
    return description ? `${this.name} - ${description}` : this.name;
  }

  #load(): void {
    const { file, specifiers } = this.#options;
    try {
      this.#unit = parseUnitFile(readFileSync(file, 'utf8'), specifiers);
      this.#record.describe({ load: 'loaded', type: this.#unit.type, restart: this.#unit.restart });
    } catch (error) {
      const bad = error instanceof BadUnitFile;
      if (bad) this.#record.log(error.message);
      this.#record.describe({ load: bad ? 'bad-setting' : 'not-found' });
    }
  }

  #refusal(verb: string): Reply | null {
    this.#load();
    const { load } = this.state;
    return load === 'loaded' ? null : refused(verb, this.name, load);
  }

  /** One start, by hand or automatic. False if systemd's job would fail. */
  async #begin(): Promise<boolean> {
    const unit = this.#unit;
    if (unit === null || this.#over) return false;
    if (this.#startLimit.hit(unit.startLimit)) return this.#startTooOften();
    const oneshot = unit.type === 'oneshot';
    this.#record.publish({
      active: 'activating',
      sub: 'start',
      result: 'success',
      invocation: randomBytes(16).toString('hex'),
      execCode: 0,
      execStatus: 0,
    });
    // systemd calls a simple service started before it knows that the program can run.
    const simple = unit.type === 'simple';
    this.#record.log(`${simple ? 'Started' : 'Starting'} ${this.#title}${simple ? '.' : '...'}`);
    for (const line of unit.execStart) {
      const process = this.#launch(unit, line);
      const ok = process !== null && (!oneshot || (await this.#awaitOneshot(process)));
      if (!ok && simple && this.state.result !== 'resources') return true;
      if (!ok) return this.#startFailed();
    }
    if (!simple) this.#record.log(`${oneshot ? 'Finished' : 'Started'} ${this.#title}.`);
    if (oneshot && unit.remainAfterExit) this.#record.publish({ active: 'active', sub: 'exited' });
    else if (oneshot) this.#record.unload();
    return true;
  }

  /** An earlier result stays: systemd 252 keeps the first reason of a failure. */
  #startTooOften(): false {
    const result = this.state.result === 'success' ? 'start-limit-hit' : this.state.result;
    this.#record.log(`Start request repeated too quickly.`);
    this.#record.log(`Failed with result '${result}'.`);
    this.#record.publish({ active: 'failed', sub: 'failed', result, mainPid: 0 });
    return this.#startFailed();
  }

  #startFailed(): false {
    this.#record.log(`Failed to start ${this.#title}.`);
    return false;
  }

  #launch(unit: UnitFile, line: string): UnitProcess | null {
    const { journal, onStart } = this.#options;
    const started = launch({ unit, line, journal, environment: this.#environment() });
    if (!('pid' in started)) {
      for (const note of started.notes) this.#record.log(note);
      this.#ended(started.code === null ? null : { code: started.code, signal: null });
      return null;
    }
    this.#main = started;
    const simple = unit.type !== 'oneshot';
    this.#record.publish({
      mainPid: started.pid,
      ...(simple ? { active: 'active', sub: 'running' } : {}),
    });
    onStart?.(started.pid);
    if (simple)
      void started.ended.then((end) => {
        if (this.#main !== started || this.#stopping) return;
        signalGroup(started.pid, 'SIGKILL');
        this.#ended(end);
      });
    return started;
  }

  async #awaitOneshot(process: UnitProcess): Promise<boolean> {
    const end = await process.ended;
    this.#main = null;
    const ok = judgeExit(end) === 'success';
    if (!ok) this.#ended(end);
    else this.#record.publish({ mainPid: 0, execCode: 1, execStatus: 0 });
    return ok;
  }

  /** The main process has ended; null if none could be started. */
  #ended(end: ProcessEnd | null): void {
    this.#main = null;
    const unit = this.#unit;
    const result = end === null ? 'resources' : judgeExit(end);
    const again = unit !== null && !this.#stopping && wantsRestart(unit.restart, result);
    // At once: a unit that waits for its restart must not be seen as failed in between.
    this.#settle(result, end, again ? { active: 'activating', sub: 'auto-restart' } : {});
    if (!again && result === 'success' && !this.#stopping) this.#record.unload();
    if (!again) return;
    this.#restartTimer = setTimeout(() => {
      const restarts = this.state.restarts + 1;
      this.#record.log(`Scheduled restart job, restart counter is at ${restarts}.`);
      this.#record.log(`Stopped ${this.#title}.`);
      this.#load();
      this.#record.publish({ restarts });
      void this.#begin();
    }, unit.restartMs);
  }

  #settle(
    result: UnitState['result'],
    end: ProcessEnd | null,
    instead: Partial<UnitState> = {},
  ): void {
    const failed = result !== 'success';
    if (failed && end !== null) this.#record.log(`Main process exited, ${describeEnd(end)}`);
    this.#record.log(failed ? `Failed with result '${result}'.` : 'Deactivated successfully.');
    this.#record.publish({
      active: failed ? 'failed' : 'inactive',
      sub: failed ? 'failed' : 'dead',
      result,
      mainPid: 0,
      ...(end === null ? {} : execOf(end)),
      ...instead,
    });
  }

  /** Runs an ExecStop or ExecReload line to its end. */
  async #control(line: string): Promise<boolean> {
    const unit = this.#unit;
    if (unit === null) return false;
    const environment = { ...this.#environment(), MAINPID: String(this.#main?.pid ?? '') };
    const started = launch({ unit, line, journal: this.#options.journal, environment });
    return 'pid' in started && judgeExit(await started.ended) === 'success';
  }

  #environment(): Record<string, string> {
    return { ...this.#options.environment, INVOCATION_ID: this.state.invocation };
  }

  #cancelRestart(): void {
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer);
    this.#restartTimer = null;
  }
}
