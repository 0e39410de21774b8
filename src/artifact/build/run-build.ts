import { type GroupEnd, runInGroup } from '../../async/process-group.js';
import { maskUrls } from '../../errors/bare-url.js';
import { FleetError } from '../../errors/fleet-error.js';
import { shortLine } from '../../errors/printable.js';
import { reasonOf } from '../../errors/reason.js';
import { formatDuration } from '../../model/text/duration.js';

/** A command that makes the files of a release, on this machine. */
export interface BuildCommand {
  /** For `sh -c`. */
  readonly run: string;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Masks what no one may see in its output. */
  readonly mask?: ((line: string) => string) | undefined;
  /** Gets each line of its output, safe to show. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** A build, and where. */
export interface SourceBuild {
  readonly command: BuildCommand;
  /** The folder of the project, for a source that is not from git. */
  readonly dir: string;
  /** For a source from git that names no folder: what the build makes, from the folder of the project. */
  readonly output: string | null;
}

const LAST_LINES = 20;
const LONGEST_LINE = 300;

/**
 * Runs a build in a folder. Throws `build_failed` with its last lines, and the signal's reason.
 */
export async function runBuild(
  build: BuildCommand,
  { dir, signal }: { readonly dir: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { run: command, timeoutMs, env, onLine, mask = (line: string) => line } = build;
  const last: string[] = [];
  const keep = (line: string): void => {
    const text = shown(mask(line));
    last.push(text);
    if (last.length > LAST_LINES) last.shift();
    onLine?.(text);
  };
  const end = await runInGroup({ command, dir, env, timeoutMs, signal, onLine: keep });
  if (end.kind === 'interrupted') throw signal?.reason;
  if (end.kind === 'exit' && end.code === 0) return;
  throw new FleetError(
    'build_failed',
    `the build ${howItEnded(end, build)}; nothing was sent to any host`,
    {
      problems: last.map((message) => ({ message })),
      hint: `it ran in ${dir}: ${shown(command)}`,
    },
  );
}

function howItEnded(end: GroupEnd, { timeoutMs }: BuildCommand): string {
  switch (end.kind) {
    case 'exit':
      return `ended with exit code ${end.code}`;
    case 'signal':
      return `was ended by ${end.signal}`;
    case 'timeout':
      return `took longer than ${formatDuration(timeoutMs)} and was ended`;
    case 'interrupted':
      return 'was interrupted';
    case 'unstarted':
      return `could not be started: ${reasonOf(end.cause)}`;
  }
}

const shown = (line: string): string => shortLine(maskUrls(line), LONGEST_LINE);
