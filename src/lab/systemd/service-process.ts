import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readFileSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandLine, expandCommand, splitWords } from './command-line.js';
import type { UnitFile } from './unit-file.js';

/** How a process of a unit ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A started process, leader of its own group. `ended` never rejects. */
export interface UnitProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
}

/** What kept a line from running: systemd's exit code for it, or null if no process was started. */
export interface LaunchFailure {
  readonly code: number | null;
  /** Lines for the journal. */
  readonly notes: readonly string[];
}

/** Exit codes of systemd.exec(5) for failures before execve(2). */
const EXIT_CHDIR = 200;
const EXIT_EXEC = 203;
const MISSING = 'No such file or directory';

export interface LaunchOptions {
  readonly unit: UnitFile;
  readonly line: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The journal file; the process itself appends stdout and stderr to it. */
  readonly journal: string;
}

/** Starts one `Exec…=` line. */
export function launch(options: LaunchOptions): UnitProcess | LaunchFailure {
  const environment = readEnvironment(options);
  if (environment === null)
    return {
      code: null,
      notes: [
        `Failed to load environment files: ${MISSING}`,
        `Failed to run 'start' task: ${MISSING}`,
      ],
    };
  const command = expandCommand(options.line, environment);
  const program = findProgram(command, environment);
  const cwd = options.unit.workingDirectory;
  const folder = cwd !== null && isFolder(cwd.path) ? cwd.path : null;
  const name = command.argv[0] ?? '';
  if (cwd !== null && folder === null && !cwd.optional)
    return {
      code: EXIT_CHDIR,
      notes: [
        `Changing to the requested working directory failed: ${MISSING}`,
        `Failed at step CHDIR spawning ${name}: ${MISSING}`,
      ],
    };
  if (program === null) return notExecutable(name);
  return run({ program, command, cwd: folder ?? '/', environment, journal: options.journal });
}

/** Ends every process of the group that `pid` leads; a group that is gone already is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is empty.
  }
}

/** SIGTERM to the whole group, SIGKILL if the leader does not end in time. Resolves when it has ended. */
export async function terminate(
  main: UnitProcess,
  timeoutMs: number,
  onTimeout: () => void,
): Promise<ProcessEnd | 'timeout'> {
  const patience = new AbortController();
  signalGroup(main.pid, 'SIGTERM');
  const late = sleep(timeoutMs, 'timeout' as const, patience).catch(() => 'timeout' as const);
  const end = await Promise.race([main.ended, late]);
  patience.abort();
  if (end === 'timeout') onTimeout();
  signalGroup(main.pid, 'SIGKILL');
  await main.ended;
  return end;
}

interface ProcessOptions {
  readonly program: string;
  readonly command: CommandLine;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly journal: string;
}

function run(options: ProcessOptions): UnitProcess | LaunchFailure {
  const journal = openSync(options.journal, 'a', 0o644);
  try {
    const child = spawn(options.program, options.command.argv.slice(1), {
      cwd: options.cwd,
      env: options.environment,
      detached: true,
      stdio: ['ignore', journal, journal],
    });
    const ended = endOf(child, options.command.ignoreFailure);
    if (child.pid !== undefined) return { pid: child.pid, ended };
    return notExecutable(options.program);
  } finally {
    closeSync(journal);
  }
}

function notExecutable(name: string): LaunchFailure {
  return {
    code: EXIT_EXEC,
    notes: [
      `Failed to locate executable ${name}: ${MISSING}`,
      `Failed at step EXEC spawning ${name}: ${MISSING}`,
    ],
  };
}

function endOf(child: ChildProcess, ignoreFailure: boolean): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: EXIT_EXEC, signal: null }));
    child.once('exit', (code, signal) =>
      resolve(ignoreFailure ? { code: 0, signal: null } : { code, signal }),
    );
  });
}

/** The unit's variables over those of the host; null if an environment file is missing. */
function readEnvironment(options: LaunchOptions): Record<string, string> | null {
  const environment = { ...options.environment, ...options.unit.environment };
  for (const file of options.unit.environmentFiles) {
    let text: string;
    try {
      text = readFileSync(file.path, 'utf8');
    } catch {
      if (file.optional) continue;
      return null;
    }
    for (const line of text.split('\n')) {
      const match = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line);
      const [, name, value] = match ?? [];
      if (name !== undefined) environment[name] = splitWords(value ?? '').join(' ');
    }
  }
  return environment;
}

function findProgram(
  command: CommandLine,
  environment: Readonly<Record<string, string>>,
): string | null {
  const name = command.argv[0];
  if (name === undefined) return null;
  const candidates = isAbsolute(name)
    ? [name]
    : (environment.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
