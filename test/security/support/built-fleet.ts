import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { bundleScript } from '../../../scripts/bundle.js';
import type { Lab } from '../../../src/lab/fleet/lab.js';

const CHECKOUT = join(import.meta.dirname, '../../..');
const RELEASES = join(CHECKOUT, 'examples/shop/releases');

const CONFIG = `app: shop
root: ~/shop
service: { unit: shop.service }
release: { from: ./releases/good }
shared: [.env]
policy: { min_healthy_time: 300ms, healthy_deadline: 8s }
`;

/** How a process ended: its exit code, or the signal that ended it. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A line for `sh` that runs the program as `"$@"`. */
  readonly by?: string;
}

/** The program as `npm run build` makes it, in a folder of its own, and a bastion to run it on. */
export class BuiltFleet {
  /** Below the checkout, where its packages are found. */
  readonly #folder: string;
  #releases = 0;
  /** The person's working folder. */
  readonly dir = mkdtempSync(join(tmpdir(), 'fleet-built-'));
  readonly stateDir = join(this.dir, '.state/fleet');

  constructor() {
    mkdirSync(join(CHECKOUT, '.tmp'), { recursive: true });
    this.#folder = mkdtempSync(join(CHECKOUT, '.tmp/built-'));
  }

  get program(): string {
    return join(this.#folder, 'bin/fleet.js');
  }

  async build(): Promise<void> {
    cpSync(join(CHECKOUT, 'bin'), join(this.#folder, 'bin'), { recursive: true });
    const dist = join(this.#folder, 'dist');
    await bundleScript(join(CHECKOUT, 'src/cli/main.ts'), join(dist, 'main.cjs'));
    cpSync(join(CHECKOUT, 'src/host/program'), join(dist, 'program'), { recursive: true });
    // Other accounts run it too.
    chmodSync(this.#folder, 0o755);
    cpSync(RELEASES, join(this.dir, 'releases'), { recursive: true });
    writeFileSync(join(this.dir, 'fleet.yaml'), CONFIG);
  }

  /** Starts `node bin/fleet.js ARGS`. */
  start(args: readonly string[], options: StartOptions = {}): ChildProcess {
    const command = [process.execPath, this.program, ...args];
    const by = ['-c', options.by ?? 'exec "$@"', 'sh', ...command];
    return spawn('sh', by, {
      cwd: options.cwd ?? this.dir,
      env: { ...this.#environment(), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  run(args: readonly string[], options?: StartOptions): Promise<ProcessEnd> {
    return endOf(this.start(args, options));
  }

  /** A folder with a release that no host has had yet. */
  newRelease(): string {
    this.#releases += 1;
    const folder = join(this.dir, `release-${this.#releases}`);
    cpSync(join(RELEASES, 'good'), folder, { recursive: true });
    writeFileSync(join(folder, 'stamp'), `${this.#releases}`);
    return folder;
  }

  /** What names the hosts of a practice fleet. */
  on(lab: Lab): readonly string[] {
    return ['-i', lab.inventoryFile, '-g', 'prod'];
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    rmSync(this.dir, { recursive: true, force: true });
  }

  #environment(): Readonly<Record<string, string | undefined>> {
    const { PATH } = process.env;
    return { PATH, HOME: this.dir, XDG_STATE_HOME: join(this.dir, '.state'), LOGNAME: 'ops' };
  }
}

/** One for the tests of a file. */
export function builtFleet(): BuiltFleet {
  const fleet = new BuiltFleet();
  beforeAll(() => fleet.build(), 60_000);
  afterAll(() => fleet.close());
  return fleet;
}

/** Resolves once the process has said so on either stream; rejects where it ends before. */
export function says(child: ChildProcess, pattern: RegExp): Promise<void> {
  let said = '';
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: string) => {
        said += text;
        if (pattern.test(said)) resolve();
      });
    }
    child.once('close', () => reject(new Error(`never said ${pattern}: ${said}`)));
  });
}

export function endOf(child: ChildProcess): Promise<ProcessEnd> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...texts }));
  });
}
