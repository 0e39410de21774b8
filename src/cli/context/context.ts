import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { Secrets } from '../../errors/secrets.js';
import type { Clock } from '../../model/clock.js';
import type { Identity } from '../../model/hosts/identity.js';
import type { Person } from '../../model/hosts/person.js';
import type { Transport } from '../../transport/port.js';
import { personOf } from '../person/person.js';
import { homeFolder, stateFolder, workingFolder } from './folders.js';
import { personName, processIdentity } from './identity.js';
import { openOutlet } from './outlet.js';
import { systemClock } from './system-clock.js';

/** Everything a command takes from the outside: the one place that reads the process. */
export interface Context {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The login name of the person. */
  readonly user: string;
  /** `user@bastion`; FLEET_OPERATOR names the person where many share an account. */
  readonly operator: string;
  /** Who that is by what the system knows, for logs. */
  readonly identity: Identity;
  /** The same with all that the environment says, for the records of runs. */
  readonly person: Person;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Where runs, history and logs are kept: `$XDG_STATE_HOME/fleet`. */
  readonly stateDir: string;
  readonly clock: Clock;
  /** What this process may not show. */
  readonly secrets: Secrets;
  /** Reaches hosts instead of SSH: benchmarks measure everything else with it. */
  readonly transport?: ClosableTransport | undefined;
  /** From 0 up to 1; spreads what would otherwise happen at once. */
  random(): number;
  /** `n` random hex digits. */
  randomHex(n: number): string;
  /** Tells this process apart from others that carry out the same run. */
  readonly processMark: string;
  /**
   * Calls back at each Ctrl-C or termination, and when the terminal hangs up; returns what ends that.
   */
  onInterrupt(callback: (how: Interruption) => void): () => void;
}

/** A person or a program asks for an end; or the terminal has closed. */
export type Interruption = 'asked' | 'hung-up';

/** What is written to, and how. */
export type Outputs = Pick<Context, 'env' | 'stdout' | 'stderr'>;

export type ClosableTransport = Transport & { close(): Promise<void> };

/** Throws `file_unusable` if this process has no working directory or no home folder. */
export function processContext(): Context {
  const { env } = process;
  const home = homeFolder(env);
  const identity = processIdentity(env);
  return {
    ...processOutputs(),
    cwd: workingFolder(),
    home,
    user: personName(env),
    operator: identity.operator,
    identity,
    person: personOf(env, identity),
    stdin: process.stdin,
    stateDir: stateFolder(env, home),
    clock: systemClock,
    secrets: new Secrets(),
    random: Math.random,
    randomHex,
    processMark: randomHex(16),
    onInterrupt,
  };
}

const randomHex = (n: number): string =>
  randomBytes(Math.ceil(n / 2))
    .toString('hex')
    .slice(0, n);

/** The part of {@link processContext} that always exists. */
export function processOutputs(): Outputs {
  outliveHangup();
  const { stdout, stderr } = process;
  return { env: process.env, stdout: openOutlet(stdout), stderr: openOutlet(stderr) };
}

function onInterrupt(callback: (how: Interruption) => void): () => void {
  const asked = (): void => callback('asked');
  const hungUp = (): void => {
    if (hasTerminal()) callback('hung-up');
  };
  process.on('SIGINT', asked).on('SIGTERM', asked).on('SIGHUP', hungUp);
  return () => void process.off('SIGINT', asked).off('SIGTERM', asked).off('SIGHUP', hungUp);
}

/**
 * Under `nohup` neither stream is a terminal; Node has undone by now that the signal was ignored.
 */
function outliveHangup(): void {
  if (!hasTerminal() && !process.listeners('SIGHUP').includes(passOver)) {
    process.on('SIGHUP', passOver);
  }
}

const hasTerminal = (): boolean => process.stdout.isTTY === true || process.stderr.isTTY === true;

const passOver = (): void => undefined;
