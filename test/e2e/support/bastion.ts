import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { RealFleet } from '../../real/support/real-fleet.js';

const PROGRAM = fileURLToPath(new URL('../../../bin/fleet.js', import.meta.url));
/** A command that hangs fails its test by name, not the whole suite by silence; milliseconds. */
const LONGEST_MS = 90_000;

/** How a `fleet` command ended; `code` is null if a signal ended it. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The whole of stdout as one JSON object; throws if it is anything else. */
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  json(): any;
}

/** A `fleet` command that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout and stderr together match; rejects when the command ends before. */
  says(pattern: RegExp): Promise<void>;
}

export interface BastionOptions {
  /** fleet.yaml as an object, or its text; `app`, `root` and `service` have those of the lab. */
  readonly config?: Readonly<Record<string, unknown>> | string;
  /** The Node that runs fleet; the one of the tests unless told. */
  readonly node?: string;
}

type Variables = Readonly<Record<string, string>>;

/** A person's working folder on a bastion: fleet.yaml, inventories/, a git repository, own state. */
export class Bastion {
  readonly dir = mkdtempSync(join(tmpdir(), 'fleet-e2e-'));
  readonly stateDir = join(this.dir, '.state', 'fleet');
  readonly #node: string;

  constructor(options: BastionOptions = {}) {
    this.git('init', '--quiet', '--initial-branch=main');
    this.configure(options.config ?? {});
    this.#node = options.node ?? process.execPath;
  }

  /** Writes the inventory of a real fleet, all hosts in `web`; `change` may alter it first. */
  use(fleet: RealFleet, ssh: Readonly<Record<string, unknown>> = {}): this {
    const hosts = fleet.hosts.map(({ name, address }) => ({ name, address }));
    const login = {
      user: 'deploy',
      identity_file: fleet.identityFile,
      known_hosts: fleet.knownHostsFile,
    };
    this.write(
      'inventories/lab.yaml',
      stringify({ ssh: { ...login, ...ssh }, groups: { web: { hosts } } }),
    );
    return this;
  }

  configure(config: Readonly<Record<string, unknown>> | string): void {
    const defaults = { app: 'shop', root: '/opt/shop', service: { unit: 'shop.service' } };
    const text = typeof config === 'string' ? config : stringify({ ...defaults, ...config });
    this.write('fleet.yaml', text);
  }

  /** Writes a file below the working folder; what has a `#!` can be run. */
  write(path: string, text: string | Uint8Array): string {
    const file = join(this.dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (typeof text === 'string' && text.startsWith('#!')) chmodSync(file, 0o755);
    return file;
  }

  /** Makes `files` the whole of `app/` and commits it; answers with the commit. */
  release(files: Readonly<Record<string, string>>): string {
    rmSync(join(this.dir, 'app'), { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) this.write(join('app', path), text);
    this.git('add', '--all', '--', 'app');
    this.git('commit', '--quiet', '--allow-empty', '--message', 'a release');
    return this.git('rev-parse', 'HEAD').trim();
  }

  git(...args: readonly string[]): string {
    const identity = ['-c', 'user.name=e2e', '-c', 'user.email=e2e@localhost'];
    return execFileSync('git', [...identity, ...args], { cwd: this.dir, encoding: 'utf8' });
  }

  /** Runs the built program to its end, with no terminal anywhere. */
  fleet(args: readonly string[], env: Variables = {}): Promise<Ended> {
    return this.start(args, env).ended;
  }

  /** Starts the built program, with no terminal anywhere. */
  start(args: readonly string[], env: Variables = {}): Running {
    const child = spawn(this.#node, [PROGRAM, ...args], {
      cwd: this.dir,
      env: { ...this.#environment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: LONGEST_MS,
      killSignal: 'SIGKILL',
    });
    return watch(child, args);
  }

  close(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  #environment(): Record<string, string | undefined> {
    const { CI: _, SSH_AUTH_SOCK: __, ...env } = process.env;
    return { ...env, HOME: this.dir, XDG_STATE_HOME: join(this.dir, '.state'), LOGNAME: 'ops' };
  }
}

function watch(child: ChildProcess, args: readonly string[]): Running {
  const heard = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      heard[name] += text;
      for (const listener of [...listeners]) listener();
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...heard, json: () => oneObject(heard, args) }));
  });
  return {
    child,
    ended,
    says: (pattern) =>
      new Promise<void>((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(heard.stdout) && !pattern.test(heard.stderr)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        ended.then(
          () => reject(new Error(`never said ${pattern}: ${heard.stdout}${heard.stderr}`)),
          reject,
        );
      }),
  };
}

function oneObject(
  { stdout, stderr }: { stdout: string; stderr: string },
  args: readonly string[],
) {
  try {
    return JSON.parse(stdout) as unknown;
  } catch {
    throw new Error(`fleet ${args.join(' ')}: no JSON object on stdout: ${stdout}\n${stderr}`);
  }
}
