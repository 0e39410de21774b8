import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A database server of this machine on a free port of loopback, with its data in a temporary folder. */
export interface DatabaseServer {
  readonly port: number;
  /** The URL of a new, empty database. */
  freshUrl(): string;
  /** Of one whose tables of the history are empty. */
  emptyUrl(): string;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** The same data on the same port again. */
  start(): Promise<void>;
  /** Keeps it from answering, and lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** Runs statements as the administrator, in no database or in one. */
  sql(statements: string, database?: string): string;
  stop(): Promise<void>;
}

/**
 * Whether tests can start a server from this program. Where every test must run, a missing program is a failure of the
 * tests, not a reason to leave them out.
 */
export const hasProgram = (path: string): boolean =>
  existsSync(path) || process.env.FLEET_REAL === 'always';

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const found = server.address();
      server.close(() => resolve(typeof found === 'object' && found !== null ? found.port : 0));
    });
  });
}

/** Waits until a server that is starting answers as `asks` says. */
export async function untilReady(
  child: ChildProcess,
  port: number,
  asks: () => void,
): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (child.exitCode !== null) throw new Error(`the server has ended: ${child.exitCode}`);
    if (await accepts(port)) {
      try {
        asks();
        return;
      } catch {
        // It listens, and is not ready yet.
      }
    }
    await delay(50);
  }
  throw new Error('the server does not start');
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** Of a process and of those that it has started, which share its group. */
export async function killGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}

/** Runs a program and returns what it prints, without its complaints. */
export const output = (program: string, args: readonly string[], input = ''): string =>
  execFileSync(program, args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] }).trim();

/** The tables of a history. */
export const TABLES = ['runs', 'run_hosts', 'run_events', 'releases', 'run_documents'];

interface Databases {
  readonly create: (name: string) => string;
  readonly truncate: string;
  readonly urlOf: (name: string) => string;
  readonly sql: DatabaseServer['sql'];
}

/** New databases of a server, by statements as it knows them. */
export function databasesOf({
  create,
  truncate,
  urlOf,
  sql,
}: Databases): Pick<DatabaseServer, 'freshUrl' | 'emptyUrl'> {
  let count = 0;
  let emptied: string | null = null;
  const fresh = (): string => {
    count += 1;
    sql(create(`fleet${count}`));
    return `fleet${count}`;
  };
  return {
    freshUrl: () => urlOf(fresh()),
    emptyUrl() {
      if (emptied !== null) sql(truncate, emptied);
      emptied ??= fresh();
      return urlOf(emptied);
    },
  };
}
