import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoteAll } from '../../../src/host/quote.js';
import { type CommandResult, mustRun, runCommand } from './command.js';
import { ensureSudoImage, type SudoSuite } from './sudo-image.js';

/** Says with what it was called, and by whom. */
const RECORDER = `#!/bin/sh\nprintf '%s\\0' started "$@"\n`;

/** Before the answer to each of many calls. */
const MARK = '-- the next call --';

/** A command line that sudo has let pass, and the arguments with which it started the command. */
export interface Started {
  readonly words: readonly string[];
  readonly args: readonly string[];
}

/** The real sudo of some Debian, which decides; what it would start only tells of its arguments. */
export class SudoJudge {
  readonly #folder: string;
  readonly #sudo: string;
  readonly #visudo: string;

  private constructor(folder: string, kind: 'sudo' | 'sudo-rs') {
    this.#folder = folder;
    this.#sudo = kind;
    this.#visudo = kind === 'sudo' ? 'visudo' : 'visudo-rs';
  }

  static async open(suite: SudoSuite, kind: 'sudo' | 'sudo-rs'): Promise<SudoJudge> {
    const image = await ensureSudoImage(suite);
    const folder = mkdtempSync(join(tmpdir(), 'fleet-sudo-'));
    for (const name of ['up', 'work', 'root']) mkdirSync(join(folder, name));
    const layers = `lowerdir=${image},upperdir=${folder}/up,workdir=${folder}/work`;
    await mustRun('mount', ['-t', 'overlay', 'overlay', '-o', layers, join(folder, 'root')]);
    chmodSync(folder, 0o755);
    const judge = new SudoJudge(folder, kind);
    judge.put('etc/hosts', `127.0.0.1 localhost ${hostname()}\n`);
    judge.put('etc/sudoers', 'root ALL=(ALL:ALL) ALL\n#includedir /etc/sudoers.d\n', 0o440);
    for (const name of ['systemd-run', 'systemctl']) judge.put(`usr/bin/${name}`, RECORDER, 0o755);
    return judge;
  }

  /** Places a file in its file system. */
  put(path: string, text: string, mode = 0o644): void {
    const file = join(this.#folder, 'root', path);
    mkdirSync(join(file, '..'), { recursive: true });
    rmSync(file, { force: true });
    writeFileSync(file, text, { mode });
    chmodSync(file, mode);
  }

  /** Pastes lines as doctor says, but without asking visudo, as a careless admin does. */
  sudoers(lines: readonly string[]): void {
    this.put('etc/sudoers.d/fleet', lines.map((line) => `${line}\n`).join(''), 0o440);
  }

  /** What visudo says of a line. */
  check(line: string): Promise<CommandResult> {
    this.put('root/fleet', `${line}\n`, 0o440);
    return this.#inside(['root', 'root'], [this.#visudo, '-cf', '/root/fleet']);
  }

  /** Calls sudo with these words as deploy. */
  ask(words: readonly string[]): Promise<CommandResult> {
    return this.#inside(['deploy', 'deploy'], [this.#sudo, ...words]);
  }

  /** Calls `sudo -n` with each of these as deploy, and says which were let pass. */
  async startAll(lines: readonly (readonly string[])[]): Promise<readonly Started[]> {
    const calls = lines.map((words) => `echo '${MARK}'; ${this.#sudo} -n ${quoteAll(words)}`);
    this.put('tmp/calls', `exec 2>/dev/null </dev/null\n${calls.join('\n')}\n`);
    const { stdout } = await this.#inside(['deploy', 'deploy'], ['sh', '/tmp/calls']);
    const answers = stdout.split(`${MARK}\n`).slice(1);
    if (answers.length !== lines.length) throw new Error(`${answers.length} of ${lines.length}`);
    return answers.flatMap((answer, at) =>
      answer.startsWith('started\0')
        ? [{ words: lines[at] ?? [], args: answer.split('\0').slice(1, -1) }]
        : [],
    );
  }

  /** What the host program makes of each of these, called by deploy: `judge_right` of its fragments. */
  async rights(lines: readonly (readonly string[])[]): Promise<readonly string[]> {
    const program = new URL('../../../src/host/program/', import.meta.url);
    const files = readdirSync(program, { recursive: true, encoding: 'utf8' });
    const parts = files.filter((file) => /\/(10|39)-.*\.sh$/.test(file));
    const text = parts.map((name) => readFileSync(new URL(name, program), 'utf8'));
    const own = `sudo() { command ${this.#sudo} "$@"; }`;
    const calls = lines.map((words) => `judge_right ${quoteAll(words)}; echo "$RIGHT"`);
    this.put('tmp/rights', [...text, own, ...calls, ''].join('\n'));
    const { stdout } = await this.#inside(['deploy', 'deploy'], ['sh', '/tmp/rights']);
    return stdout.trim().split('\n');
  }

  async close(): Promise<void> {
    await mustRun('umount', [join(this.#folder, 'root')]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #inside([user, group]: readonly [string, string], words: readonly string[]) {
    const env = ['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C'];
    const root = join(this.#folder, 'root');
    const args = [`--userspec=${user}:${group}`, root, ...env, ...words];
    return runCommand('chroot', args, { timeout: 300_000 });
  }
}
