import { readFileSync } from 'node:fs';

/** What a host's `.fleet/state` says, read by its form alone. */
export interface HostState {
  readonly epoch: number;
  /** The run that has the claim, empty where none has. */
  readonly run: string;
  readonly phase: string;
  readonly txn: string;
  readonly from: string;
  readonly to: string;
  /** `<tier>:<handle>` of the dead-man timer, `off`, or empty. */
  readonly switch: string;
}

/** One line of `.fleet/log`. */
export interface Transition {
  readonly verb: string;
  readonly txn: string;
  /** Empty where the dead-man timer or the boot guard acted, which belong to no run. */
  readonly run: string;
  readonly epoch: number | null;
  readonly before: string;
  readonly after: string;
}

/** A host's log; `torn` lines are those that are no JSON, as a full disk leaves them. */
export interface HostLog {
  readonly lines: readonly Transition[];
  readonly torn: number;
}

const OPEN = new Set(['armed', 'linked', 'restarted', 'verified', 'reverting']);

/** The state file of a host, whose last value of a key counts; null where there is none. */
export function readHostState(root: string): HostState | null {
  const text = readIfThere(`${root}/.fleet/state`);
  if (text === null) return null;
  const keys = new Map(
    text.split('\n').map((line): readonly [string, string] => {
      const [key = '', ...value] = line.split('=');
      return [key, value.join('=')];
    }),
  );
  const of = (key: string): string => keys.get(key) ?? '';
  return {
    epoch: Number(of('epoch')),
    run: of('run'),
    phase: of('phase'),
    txn: of('txn'),
    from: of('from'),
    to: of('to'),
    switch: of('switch'),
  };
}

export function readHostLog(root: string): HostLog {
  const texts = (readIfThere(`${root}/.fleet/log`) ?? '').split('\n').filter((line) => line !== '');
  // What is written after a torn line stands behind it.
  const parts = texts.flatMap((text) => text.split(/(?=\{"at":)/));
  const lines = parts.map(parseTransition);
  const whole = lines.filter((line) => line !== null);
  return { lines: whole, torn: lines.length - whole.length };
}

/**
 * Whether a release is being tried that no one has confirmed: a transaction is open, and `current`
 * is on its new release.
 */
export function isUnconfirmed(state: HostState | null, current: string | null): boolean {
  if (state === null || current === null || !OPEN.has(state.phase)) return false;
  return current === state.to && state.to !== state.from;
}

/**
 * Whether the dead-man timer has something to decide: a transaction is open and something of it
 * was done. One that was confirmed, and is being rolled back with the whole run, is the controller's.
 */
export function isUnfinished(
  state: HostState | null,
  current: string | null,
  log: HostLog,
): boolean {
  if (state === null || !OPEN.has(state.phase)) return false;
  if (state.phase === 'armed') return isUnconfirmed(state, current);
  return !log.lines.some(({ verb, txn }) => verb === 'confirm' && txn === state.txn);
}

function parseTransition(line: string): Transition | null {
  try {
    const { verb, txn, run, epoch = null, before, after } = JSON.parse(line);
    return { verb, txn, run, epoch, before, after };
  } catch {
    return null;
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
