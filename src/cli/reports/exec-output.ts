import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { printable } from '../../errors/printable.js';
import { safeJson } from '../../errors/unicode-escape.js';
import { namesText } from '../../model/text/name-ranges.js';
import type { Style } from '../../ui/terminal/style.js';
import type { Context } from '../context/context.js';
import { printLines } from '../context/output.js';

/** The result of a command on one host. Texts stay bytes, outside of the heap, until they are shown. */
export interface HostExec {
  readonly host: string;
  /** The exit code, or null if the command had none. */
  readonly exit: number | null;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** True if it printed more than is kept: the start of stdout, the end of stderr. */
  readonly truncated: boolean;
  /** Why there is no exit code. */
  readonly error: string | null;
}

/** The object of `--json`, written host by host: as one text it might be longer than a string may be. */
export async function writeExecJson(
  context: Context,
  command: string,
  results: readonly HostExec[],
): Promise<void> {
  const { stdout } = context;
  const head = safeJson({ schemaVersion: 1, command, hosts: [] }, 2).replace(/\]\n\}$/, '');
  await write(stdout, head);
  for (const [at, { stdout: out, stderr: err, ...result }] of results.entries()) {
    const { host, exit, truncated, error } = result;
    const shown = { host, exit, stdout: printable(out), stderr: printable(err), truncated, error };
    const json = safeJson(shown, 2).replace(/^/gm, '    ');
    await write(stdout, `${at === 0 ? '' : ','}\n${json}`);
  }
  await write(stdout, '\n  ]\n}\n');
}

/** One block for all hosts with the same output. */
export async function writeFolded(
  context: Context,
  style: Style,
  results: readonly HostExec[],
): Promise<void> {
  const alike = new Map<string, [HostExec, ...HostExec[]]>();
  for (const result of results) {
    const key = sameness(result);
    const known = alike.get(key);
    if (known === undefined) alike.set(key, [result]);
    else known.push(result);
  }
  for (const hosts of alike.values()) {
    const [first] = hosts;
    const end = first.error ?? (first.exit === 0 ? '' : `exit ${first.exit}`);
    const cut = hosts.some(({ truncated }) => truncated);
    const names = namesText(hosts.map(({ host }) => host));
    const title = style.bold(`${names}${hosts.length > 1 ? ` (${hosts.length})` : ''}`);
    printLines(context.stdout, [
      `${title}${end === '' ? '' : style.red(`  ${end}`)}${cut ? '  cut: it printed more than is shown' : ''}`,
    ]);
    for (const bytes of [first.stdout, first.stderr]) {
      const text = printable(bytes);
      const lines = text.replace(/\n?$/, '\n').replace(/^(?=.)/gm, '  ');
      if (text !== '') await write(context.stdout, lines);
    }
  }
}

function sameness({ exit, error, stdout, stderr }: HostExec): string {
  const hash = createHash('sha256').update(stdout).update(`|${stdout.length}|`).update(stderr);
  return JSON.stringify([exit, error, hash.digest('hex')]);
}

/** Waits for a slow reader, so that what it has not read does not pile up here. */
async function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (stream.write(text) || stream.destroyed) return;
  const gone = new AbortController();
  const { signal } = gone;
  // A reader that closes early is not a failure of the command.
  const ends = ['drain', 'close', 'error'].map((event) => once(stream, event, { signal }));
  await Promise.race(ends).catch(() => undefined);
  gone.abort();
  await Promise.allSettled(ends);
}
