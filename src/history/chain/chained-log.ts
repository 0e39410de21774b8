import { closeSync, constants, ftruncateSync, readSync, writeSync } from 'node:fs';
import { withBriefLock } from '../../files/brief-lock.js';
import { openOwn } from '../../files/own-files.js';
import { withLogFile } from '../log-file.js';
import { type ChainHead, headOf } from './head.js';
import { CHAIN_START, linkOf, pairsForm } from './link.js';

const { O_CREAT, O_RDWR } = constants;

/** How long a line waits for another process that is writing one; that takes some milliseconds. */
const LOCK_WAIT_MS = 2000;

/** Says in a line that it is in no chain, and why. */
const UNCHAINED = 'chain=unlocked';

/**
 * Adds a line to a log whose lines are chained by digest, under a lock, and returns its digest once it is on disk. A
 * line never waits long: if another process keeps the lock, the line is added without a digest and says so; the answer
 * is null then. Throws the system's error if the log cannot be written.
 *
 * The last digest is kept beside the log too. So the first line of a log that was rotated names the last one before
 * it, and so does the next line of a log of which the end is gone: `after=<digest>`.
 */
export function appendChained(file: string, body: string): string | null {
  const done = withBriefLock(`${file}.lock`, LOCK_WAIT_MS, () => appendNext(file, body));
  if (done !== null) return done.value;
  withLogFile(file, ({ append }) => append(`${body} ${UNCHAINED}`));
  return null;
}

function appendNext(file: string, body: string): string | null {
  return withLogFile(file, ({ append, descriptor }) => {
    // A pipe has no lines before this one.
    if (descriptor === null) {
      append(body);
      return null;
    }
    const head = headOf(descriptor, pairsForm);
    const kept = keptHead(file);
    const text = isGone(kept, head) ? `${body} after=${kept}` : body;
    const digest = linkOf(head.digest, text, 'utf8');
    append(pairsForm.seal(text, digest));
    keepHead(file, digest);
    return digest;
  });
}

/** A process may have died after its line and before it kept the digest: then the one before is in the log. */
const isGone = (kept: string | null, { digest, recent }: ChainHead): kept is string =>
  kept !== null && kept !== digest && !recent.has(kept);

/** Where the last digest of a log is kept. */
export const headFileOf = (file: string): string => `${file}.head`;

/** Null if it was never kept, or was cut off. */
export function keptHead(file: string): string | null {
  try {
    const descriptor = openOwn(headFileOf(file), constants.O_RDONLY);
    try {
      const bytes = Buffer.alloc(CHAIN_START.length + 1);
      const text = bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, bytes.length, 0));
      return /^[0-9a-f]{64}\n$/.test(text) ? text.trim() : null;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return null;
  }
}

/** It is as durable as the system makes it: after a power cut, the log has the digest itself. */
function keepHead(file: string, digest: string): void {
  try {
    const descriptor = openOwn(headFileOf(file), O_RDWR | O_CREAT);
    try {
      ftruncateSync(descriptor);
      writeSync(descriptor, `${digest}\n`, 0);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // The line is in the log, which is what counts.
  }
}
