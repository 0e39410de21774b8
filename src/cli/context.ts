import { randomBytes } from 'node:crypto';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Clock } from '../model/clock.js';
import type { Transport } from '../transport/port.js';
import { systemClock } from './system-clock.js';

/** Everything a command takes from the outside: the one place where the process is looked at. */
export interface Context {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The login name of the person. */
  readonly user: string;
  /** `user@bastion`; FLEET_OPERATOR names the person where many share an account. */
  readonly operator: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Where runs, history and logs are kept: `$XDG_STATE_HOME/fleet`. */
  readonly stateDir: string;
  readonly clock: Clock;
  /** Reaches hosts in the place of SSH: a measurement of all the rest wants none. */
  readonly transport?: ClosableTransport | undefined;
  /** `n` random hex digits. */
  randomHex(n: number): string;
  /** Calls back at each Ctrl-C or termination; returns what ends that. */
  onInterrupt(callback: () => void): () => void;
}

export type ClosableTransport = Transport & { close(): Promise<void> };

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function processContext(): Context {
  const { env } = process;
  const home = env.HOME ?? homedir();
  const user = env.SUDO_USER ?? env.LOGNAME ?? env.USER ?? userInfo().username;
  return {
    cwd: process.cwd(),
    env,
    home,
    user,
    operator: `${env.FLEET_OPERATOR ?? user}@${hostname()}`,
    stdin: process.stdin,
    stdout: outlivingItsReader(process.stdout),
    stderr: outlivingItsReader(process.stderr),
    stateDir: join(env.XDG_STATE_HOME ?? join(home, '.local', 'state'), 'fleet'),
    clock: systemClock,
    randomHex: (n) =>
      randomBytes(Math.ceil(n / 2))
        .toString('hex')
        .slice(0, n),
    onInterrupt(callback) {
      for (const signal of SIGNALS) process.on(signal, callback);
      return () => {
        for (const signal of SIGNALS) process.off(signal, callback);
      };
    },
  };
}

/** A reader that goes away, as `| head` does, is no reason to leave a run where it is. */
function outlivingItsReader(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return stream.off('error', passBrokenPipe).on('error', passBrokenPipe);
}

function passBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
