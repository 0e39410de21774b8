import { closeSync, constants, fstatSync, fsyncSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileProblem } from '../../errors/file-problem.js';
import { FleetError } from '../../errors/fleet-error.js';
import { reasonOf } from '../../errors/reason.js';
import type { FleetEvent } from '../../events/event.js';
import { eventJson } from '../../events/event-json.js';
import { ensureOwnFolder, openOwn } from '../../files/own-files.js';
import { replaceFile, syncFolder } from '../../files/replace-file.js';
import { headOf } from '../../history/chain/head.js';
import { jsonForm, linkOf } from '../../history/chain/link.js';
import { isRunId, type RunId } from '../../model/names.js';
import type { Plan } from '../../model/runs/plan.js';
import { planFileText } from './plan-record.js';

/** The most that waits before it is written, in bytes and in milliseconds. */
const BUFFER_BYTES = 64 * 1024;
const LINGER_MS = 200;

const { O_APPEND, O_CREAT, O_RDWR } = constants;

/** The files of one run's journal, in its own folder. */
export const JOURNAL_FILES = { plan: 'plan.json', events: 'events.ndjson' } as const;

/** The folder of one run's journal. Throws if the id is not a run id: it could point elsewhere. */
export function journalFolder(stateDir: string, run: RunId): string {
  if (!isRunId(run)) {
    throw new FleetError('run_unknown', `${JSON.stringify(run)} cannot be the id of a run`);
  }
  return join(stateDir, 'runs', run);
}

/**
 * Opens the journal in `folder`, created if missing (0700, files 0600), and writes the plan first. An
 * older journal of the same run is continued. Throws `file_unusable` or `bastion_full` if that
 * fails: no run starts without its journal.
 */
export function openJournal(folder: string, plan: Plan, warn: (message: string) => void): Journal {
  return opened(folder, warn, () => {
    replaceFile(join(folder, JOURNAL_FILES.plan), planFileText(plan));
  });
}

/** Opens the journal of a run that is over, to record its end. Its plan stays as it is. Throws the same errors. */
export function reopenJournal(folder: string, warn: (message: string) => void): Journal {
  return opened(folder, warn, () => undefined);
}

function opened(folder: string, warn: (message: string) => void, prepare: () => void): Journal {
  try {
    ensureOwnFolder(folder);
    prepare();
    const descriptor = openEvents(join(folder, JOURNAL_FILES.events));
    syncFolder(folder);
    return new Journal(descriptor, warn);
  } catch (cause) {
    throw fileProblem(cause, 'the journal of the run') ?? cause;
  }
}

/**
 * A run's own record: the intent before each effect, the result after it. Every call is
 * synchronous, so that an event is written before the next effect begins. After a failure it calls
 * `warn` once, and the run continues without a journal: finishing the hosts is more important.
 */
export class Journal {
  readonly #descriptor: number;
  readonly #warn: (message: string) => void;
  #open = true;
  #pending: string[] = [];
  #pendingBytes = 0;
  #linger: NodeJS.Timeout | null = null;
  #head: string;
  #hasEnded = false;

  constructor(descriptor: number, warn: (message: string) => void) {
    this.#descriptor = descriptor;
    this.#warn = warn;
    this.#head = headOf(descriptor, jsonForm).digest;
  }

  /** The digest of the last line, which stands for all lines before it; null if one could not be written. */
  get head(): string | null {
    return this.#open ? this.#head : null;
  }

  /** The listener of the event stream. A step is written before it is sent; a decision is synced to disk. */
  readonly append = (event: FleetEvent): void => {
    // The end of a run is the last line: what another record complains of then is on the screen. Progress says
    // nothing about a run that is over, or is taken over.
    if (!this.#open || this.#hasEnded || event.type === 'upload-progress') return;
    this.#hasEnded = event.type === 'run-ended';
    const line = `${this.#chained(eventJson(event))}\n`;
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    const care = careFor(event);
    if (care === 'sync') this.sync();
    else if (care === 'flush' || this.#pendingBytes >= BUFFER_BYTES) this.flush();
    else this.#linger ??= setTimeout(() => this.flush(), LINGER_MS).unref();
  };

  /** Each line has a digest over itself and the line before, so that an edit shows. */
  #chained(json: string): string {
    this.#head = linkOf(this.#head, json, 'utf8');
    return jsonForm.seal(json, this.#head);
  }

  /** Writes everything appended so far; survives a crash of this process. */
  flush(): void {
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#linger = null;
    if (this.#pending.length === 0 || !this.#open) return;
    const text = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#attempt(() => writeWhole(this.#descriptor, text));
  }

  /** As flush, and syncs to disk; survives a crash of this machine. */
  sync(): void {
    this.flush();
    if (this.#open) this.#attempt(() => fsyncSync(this.#descriptor));
  }

  /** Flushes, syncs and closes. What is appended later is dropped. */
  close(): void {
    this.sync();
    if (this.#open) this.#attempt(() => closeSync(this.#descriptor));
    this.#open = false;
  }

  /** After one failed write, no more is written: a journal with gaps would mislead. */
  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#open = false;
      closeQuietly(this.#descriptor);
      const why = reasonOf(error);
      this.#warn(`the journal of this run ends here, and the run continues without it: ${why}`);
    }
  }
}

/** How durable an event must be before anything else is done. */
function careFor(event: FleetEvent): 'sync' | 'flush' | 'none' {
  switch (event.type) {
    case 'run-started':
    case 'phase-started':
    case 'gate-judged':
    case 'stopped':
    case 'paused':
    case 'resumed':
    case 'run-ended':
    case 'hook-started':
    case 'hook-ended':
    case 'hook-settled':
    case 'taken-over':
      return 'sync';
    case 'step-sent':
      return 'flush';
    default:
      return 'none';
  }
}

function openEvents(file: string): number {
  const descriptor = openOwn(file, O_RDWR | O_APPEND | O_CREAT);
  const { size } = fstatSync(descriptor);
  if (size === 0) return descriptor;
  // A controller that crashed while writing leaves half a line: start a new line.
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, size - 1);
  if (last.toString() !== '\n') writeWhole(descriptor, Buffer.from('\n'));
  return descriptor;
}

function writeWhole(descriptor: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
}

/** A full disk may fail here too. The warning was given by then. */
function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // Closed or not, it is not used again.
  }
}
