import type { ErrorCode } from '../../../src/errors/codes.js';
import {
  type HostPhase,
  STEP_EXIT,
  type Step,
  type StepReply,
} from '../../../src/host/protocol/protocol.js';
import type { HostEvent } from '../../../src/host/reply/reply.js';
import type { Verb } from '../../../src/model/runs/verb.js';
import { Arguments } from './arguments.js';
import { type Disk, isComplete, NO_STATE, type StateFile } from './disk.js';
import type { HostModel } from './host.js';
import { before, type Doing } from './pause.js';
import type { StepProcess } from './step-process.js';
import type { Actor, Change } from './transition.js';

/** Ends a call: the reply of the verb that refused. */
export class StepRefusal extends Error {
  readonly code: ErrorCode;
  readonly exit: number;

  constructor(code: ErrorCode, message: string, exit = 1) {
    super(message);
    this.code = code;
    this.exit = exit;
  }
}

/** Where a phase has a transaction that is not settled. */
export const OPEN_PHASES: ReadonlySet<HostPhase> = new Set<HostPhase>([
  'armed',
  'linked',
  'restarted',
  'verified',
  'reverting',
]);

export const isOpen = (state: StateFile): boolean => OPEN_PHASES.has(state.phase);

/** `decide` syncs the root and the markers; arm the releases and its recipe. */
export const SYNCED_AT_END = ['state', 'current', 'markers', 'recipes'] as const;

const LOCK_WAIT_MS = 20_000;
const LONG_LOCK_WAIT_MS = 180_000;
const SWITCH_LOCK_WAIT_MS = 30_000;
const LONG_WAITERS = new Set<Verb>(['arm', 'activate', 'verify', 'revert']);
/** Verbs that leave their name in `.fleet/holder` when they take the lock. */
const HOLDERS = new Set<Verb>(['activate', 'revert']);

/** One call of the host program on one host, as `10-frame.sh` and `20-state.sh` have it. */
export class ProgramRun {
  readonly host: HostModel;
  readonly events: HostEvent[] = [];
  readonly replies: StepReply[] = [];
  exit = 0;
  verb: Verb = 'status';
  args = new Arguments([]);
  /** The state as this call has read it; read anew with every lock. */
  state: StateFile = NO_STATE;
  locked = false;
  /** Set false when the session is gone: a payload ends there. */
  connected = true;
  process: StepProcess | null = null;

  constructor(host: HostModel) {
    this.host = host;
  }

  get disk(): Disk {
    return this.host.disk;
  }

  get txn(): string {
    return this.args.text('txn') ?? '';
  }

  get run(): string {
    return this.args.text('run') ?? '';
  }

  get epoch(): number {
    return this.args.number('epoch');
  }

  get byTimer(): boolean {
    return this.args.flag('guard') || this.verb === 'guard';
  }

  get actor(): Actor {
    const { verb, epoch, run, txn, locked } = this;
    return { by: this.byTimer ? 'switch' : 'controller', verb, epoch, run, txn, locked };
  }

  begin(step: Step): void {
    this.verb = step.verb;
    this.args = new Arguments(step.args);
  }

  /** The switch knows what was written down for it when it was armed. */
  takeRecipe(): void {
    const recipe = this.disk.recipes.get(this.txn) ?? [];
    this.args = new Arguments([['txn', this.txn], ['guard', '1'], ...recipe]);
  }

  tell(change: Change): void {
    this.host.tell(this.actor, change);
  }

  emit(event: HostEvent): void {
    this.events.push(event);
  }

  succeed(repeated = false): void {
    const { verb, state } = this;
    const reply = { verb, ok: true, phase: state.phase } as const;
    this.replies.push(repeated ? { ...reply, repeated } : reply);
  }

  refuse({ code, message, exit }: StepRefusal): void {
    this.exit = exit;
    this.replies.push({ verb: this.verb, ok: false, phase: this.state.phase, code, message });
  }

  wrongPhase(message: string): StepRefusal {
    return new StepRefusal('wrong_phase', message, STEP_EXIT.wrongPhase);
  }

  /** One writer; the state is read anew. A lock held by this call stays. */
  *lock(): Doing {
    if (HOLDERS.has(this.verb) && this.locked) this.host.holder = this.process;
    if (this.locked) return;
    if (this.host.broken.has('ignores-the-lock')) return this.readState();
    const long = LONG_WAITERS.has(this.verb) ? LONG_LOCK_WAIT_MS : LOCK_WAIT_MS;
    const waitMs = this.args.flag('guard') ? SWITCH_LOCK_WAIT_MS : long;
    const got = (yield { kind: 'lock', waitMs }) || (yield* this.#breakLock());
    if (!got) throw new StepRefusal('locked', 'another step has held the lock', STEP_EXIT.locked);
    this.locked = true;
    if (HOLDERS.has(this.verb)) this.host.holder = this.process;
    this.readState();
  }

  /** The dead-man timer ends a step that hangs in systemctl. */
  *#breakLock(): Doing<boolean> {
    const { holder } = this.host;
    if (!this.args.flag('guard') || holder === null || !this.host.steps.has(holder)) return false;
    holder.vanish();
    return yield { kind: 'lock', waitMs: SWITCH_LOCK_WAIT_MS };
  }

  unlock(): void {
    this.locked = false;
    if (this.process !== null) this.host.lock.leave(this.process);
  }

  readState(): void {
    this.state = this.disk.state;
  }

  fenceEpoch(): void {
    if (this.host.broken.has('takes-any-epoch')) return;
    if (this.epoch >= this.state.epoch) return;
    const message = `epoch ${this.epoch} is older than this host's epoch ${this.state.epoch}`;
    throw new StepRefusal('fenced', message, STEP_EXIT.fenced);
  }

  /** Refuses an older epoch and another run's claim. */
  fence(): void {
    this.fenceEpoch();
    if (this.host.broken.has('takes-any-epoch')) return;
    if (this.state.run !== null && this.state.run !== this.run) this.refuseClaimed();
  }

  refuseClaimed(): never {
    throw new StepRefusal('locked', `claimed by run ${this.state.run}`, STEP_EXIT.locked);
  }

  own(): void {
    this.fence();
    if (this.host.broken.has('takes-any-epoch')) return;
    if (this.state.run === this.run && this.state.epoch === this.epoch) return;
    throw this.wrongPhase(`run ${this.run} does not hold the lock of this host`);
  }

  ownTxn(): void {
    this.fence();
    if (this.state.txn !== this.txn) throw this.wrongPhase(`transaction ${this.txn} is not here`);
    if (!this.isOver()) this.own();
  }

  /** This transaction is settled and its claim given up. */
  isOver(): boolean {
    const { run, epoch, txn } = this.state;
    return run === null && epoch === this.epoch && txn === this.txn;
  }

  /** This transaction has come to its end on the new release. */
  isConfirmed(): boolean {
    const { phase, txn, to } = this.state;
    return phase === 'idle' && txn === this.txn && this.disk.current === to;
  }

  isRebooted(): boolean {
    return isOpen(this.state) && this.state.boot !== this.host.bootId;
  }

  refuseRebooted(): void {
    if (this.isRebooted()) throw new StepRefusal('rebooted', 'the host was rebooted');
  }

  renewed(): Pick<StateFile, 'lease' | 'renewed'> {
    const lease = this.args.number('lease') || this.state.lease;
    return { lease, renewed: { up: this.host.uptimeSeconds, boot: this.host.bootId } };
  }

  leaseLeft(): number {
    const { renewed, lease } = this.state;
    const from = renewed?.boot === this.host.bootId ? renewed.up : 0;
    return Math.max(0, from + lease - this.host.uptimeSeconds);
  }

  /** The whole state, on disk before it returns; other parts of the disk are synced with it. */
  *save(change: Partial<StateFile>, synced: readonly (keyof Disk)[]): Doing {
    yield* before('state', 2);
    this.#put(change, ['state', ...synced]);
  }

  /** Appended without a sync: a power cut may roll it back. */
  *note(change: Partial<StateFile>): Doing {
    yield* before('note');
    this.#put(change, []);
  }

  /** A line behind the state that changes no phase. */
  append(change: Partial<StateFile>): void {
    this.failIfFull();
    this.state = { ...this.state, ...change };
    this.host.write({ state: this.state }, []);
  }

  #put(change: Partial<StateFile>, synced: readonly (keyof Disk)[]): void {
    const from = this.state;
    this.failIfFull();
    this.state = { ...from, ...change };
    this.host.write({ state: this.state }, synced);
    this.tell({ kind: 'phase', before: from.phase, after: this.state.phase });
  }

  failIfFull(): void {
    if (this.host.diskFull) throw new StepRefusal('disk_full', 'no space left');
  }

  isComplete(id: string): boolean {
    return this.host.broken.has('trusts-releases') || isComplete(this.disk, id);
  }
}
