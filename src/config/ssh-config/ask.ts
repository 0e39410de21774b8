import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../../errors/fleet-error.js';
import { locate, type SourceText } from '../yaml/source-text.js';
import { isHonoured, type SshAnswer } from './keywords.js';

type Env = Readonly<Record<string, string | undefined>>;

/** OpenSSH's client of this machine, and the configuration that it is to read. */
export interface SshProgram {
  readonly path: string;
  readonly env: Env;
}

/** A host as it is named to ssh, with what else is said of it, so that no file has to. */
export interface SshSubject {
  readonly address: string;
  readonly user: string | null;
  readonly port: number | null;
  /** Whether the way there is known already. */
  readonly hasJump: boolean;
}

export interface SshQuestion extends SshSubject {
  /** As for `ssh -F`; null for the files that ssh reads by default. */
  readonly file: string | null;
}

export type Asked =
  | { readonly kind: 'answer'; readonly values: SshAnswer }
  | { readonly kind: 'refused'; readonly stderr: string };

/** A `Match exec` may take long; one that never ends must not block fleet. */
const TIMEOUT_MS = 20_000;

/** The client on the PATH; null where it is missing. */
export function findSsh(env: Env): SshProgram | null {
  for (const folder of (env.PATH ?? '').split(':')) {
    const path = join(folder, 'ssh');
    try {
      if (folder === '') continue;
      accessSync(path, constants.X_OK);
      return { path, env };
    } catch {}
  }
  return null;
}

/** `ssh -G`: what ssh would do for this host. It runs the commands of `Match exec`, as ssh does. */
export function askSsh(ssh: SshProgram, question: SshQuestion): Promise<Asked> {
  const { file, address, user, port, hasJump } = question;
  const args = [
    '-G',
    ...(file === null ? [] : ['-F', file]),
    ...(user === null ? [] : ['-l', user]),
    ...(port === null ? [] : ['-p', String(port)]),
    ...(hasJump ? ['-o', 'ProxyJump=none'] : []),
    '--',
    address,
  ];
  const options = { env: { ...ssh.env, LC_ALL: 'C' }, timeout: TIMEOUT_MS, maxBuffer: 1024 * 1024 };
  return new Promise((settle) => {
    const child = execFile(ssh.path, args, options, (error, stdout, stderr) => {
      if (error === null) return settle({ kind: 'answer', values: valuesOf(stdout) });
      const late = error.killed === true ? `no answer within ${TIMEOUT_MS / 1000} s` : '';
      settle({ kind: 'refused', stderr: late || stderr.trim() || error.message });
    });
    child.stdin?.end();
  });
}

function valuesOf(stdout: string): SshAnswer {
  const values = new Map<string, string[]>();
  for (const line of stdout.split('\n')) {
    const gap = line.indexOf(' ');
    const keyword = line.slice(0, gap);
    if (gap < 0 || !isHonoured(keyword)) continue;
    values.set(keyword, [...(values.get(keyword) ?? []), line.slice(gap + 1)]);
  }
  return values;
}

/**
 * Values that differ from the answer without any file, and those that a file names though they are the
 * same: a user has written them down.
 */
export function beyond(
  answer: SshAnswer,
  bare: SshAnswer,
  isNamed: (keyword: string) => boolean,
): SshAnswer {
  const same = ([keyword, values]: readonly [string, readonly string[]]): boolean =>
    values.join('\n') === bare.get(keyword)?.join('\n') && !isNamed(keyword);
  return new Map([...answer].filter((entry) => !same(entry)));
}

/** `FILE: line N: WORDS` or `FILE line N: WORDS`, as ssh complains of a line. */
const COMPLAINT = /^(.+?):? line (\d+): (.+)$/;

/** Each line that ssh complains of as a problem at its place, or all that it said. */
export function complaints(
  stderr: string,
  sources: ReadonlyMap<string, SourceText>,
): readonly Problem[] {
  const lines = stderr.split('\n').map((line) => line.trim());
  const placed = lines.flatMap((line): readonly Problem[] => {
    const [, file = '', number = '', words = ''] = COMPLAINT.exec(line) ?? [];
    if (file === '') return [];
    const source = sources.get(file);
    if (source === undefined) return [{ message: `ssh: ${line}` }];
    return [{ message: `ssh: ${words}`, location: lineOf(source, Number(number)) }];
  });
  return placed.length > 0 ? placed : [{ message: `ssh: ${lines.join(' ')}` }];
}

function lineOf(source: SourceText, number: number) {
  const { lineStarts } = source.lines;
  const start = lineStarts[number - 1] ?? 0;
  const end = (lineStarts[number] ?? source.text.length + 1) - 1;
  const indent = /^\s*/.exec(source.text.slice(start, end))?.[0].length ?? 0;
  return locate(source, { start: start + indent, end });
}
