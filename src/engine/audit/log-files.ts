import { closeSync, constants, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { hasCode } from '../../errors/has-code.js';
import { reasonOf } from '../../errors/reason.js';
import { openOwn } from '../../files/own-files.js';
import { linesOf } from '../../history/chain/head.js';
import { pairsForm } from '../../history/chain/link.js';
import { type ChainReading, readChain } from '../../history/chain/verify.js';

/** A `deploy.log`, or one that was rotated away, with what its lines refer to. */
export interface LogFile {
  readonly file: string;
  readonly reading: ChainReading;
  /** Why it cannot be read; null if it can. */
  readonly problem: string | null;
  /** The digests that lines name as those of journals. */
  readonly journals: readonly NamedDigest[];
  /** The digests that lines follow in a file before this one. */
  readonly after: readonly { readonly line: number; readonly digest: string }[];
  /** When the first line was written, RFC 3339; null without one. */
  readonly since: string | null;
}

/** The end of a journal as a line of the log has it. */
export interface NamedDigest {
  readonly line: number;
  readonly run: string;
  /** Null if the journal was not whole then. */
  readonly digest: string | null;
}

/** The log itself, then the rotated ones beside it: `deploy.log.1`, `deploy.log-20260131.gz`. */
export function logFilesOf(log: string): readonly LogFile[] {
  const name = basename(log);
  const all = namesIn(dirname(log)).filter((each) => isRotated(name, each));
  return [name, ...all].map((each) => logFile(join(dirname(log), each)));
}

const isRotated = (name: string, other: string): boolean =>
  other.startsWith(name) && /^[.-][0-9]+(-[0-9]+)?(\.gz)?$/.test(other.slice(name.length));

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function logFile(file: string): LogFile {
  const { text, problem } = textOf(file);
  const reading = readChain(text, pairsForm);
  const lines = linesOf(text);
  return {
    file,
    reading,
    problem,
    journals: lines.flatMap((line, index) => journalIn(line, index + 1)),
    after: lines.flatMap((line, index) => {
      const [, digest] = / after=([0-9a-f]{64}) chain=/.exec(line) ?? [];
      return digest === undefined ? [] : [{ line: index + 1, digest }];
    }),
    since: /^(\d{4}-\d\d-\d\dT\S+Z) /.exec(lines[0] ?? '')?.[1] ?? null,
  };
}

/** A value with a space is a JSON string, so that no text of a person looks like these. */
function journalIn(line: string, at: number): readonly NamedDigest[] {
  const [, run] = /^\S+ run=(\S+) /.exec(line) ?? [];
  const [, digest] = / journal=([0-9a-f]{64}|-)(?= |$)/.exec(line) ?? [];
  if (run === undefined || digest === undefined) return [];
  return [{ line: at, run, digest: digest === '-' ? null : digest }];
}

/** One character for each byte. */
export function textOf(file: string): { readonly text: string; readonly problem: string | null } {
  try {
    const descriptor = openOwn(file, constants.O_RDONLY);
    try {
      const bytes = readFileSync(descriptor);
      const plain = file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
      return { text: plain.toString('latin1'), problem: null };
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const none = hasCode(error, 'ENOENT');
    return { text: '', problem: none ? null : reasonOf(error) };
  }
}
