import { closeSync, constants, fstatSync, fsyncSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileProblem } from '../../errors/file-problem.js';
import { FleetError } from '../../errors/fleet-error.js';
import { reasonOf } from '../../errors/reason.js';
import type { FleetEvent } from '../../events/event.js';
import { eventJson } from '../../events/event-json.js';
import { ensureOwnFolder, openOwn } from '../../files/own-files.js';
import { replaceFile, syncFolder } from '../../files/replace-file.js';
import { isRunId, type RunId } from '../../model/names.js';
import type { Plan } from '../../model/runs/plan.js';
import { planFileText } from './plan-record.js';

/** What waits at most before it is written, in bytes and in milliseconds. */
const BUFFER_BYTES = 64 * 1024;
const LINGER_MS = 200;

const { O_APPEND, O_CREAT, O_RDWR } = constants;

/** The files of one run's journal, in its own folder. */
export const JOURNAL_FILES = { plan: 'plan.json', events: 'events.ndjson' } as const;

/** The folder of one run's journal. Throws where the id is no name, which would lead elsewhere. */
export function journalFolder(stateDir: string, run: RunId): string {
  if (!isRunId(run)) {
    throw new FleetError('run_unknown', `${JSON.stringify(run)} cannot be the id of a run`);
  }
  return join(stateDir, 'runs', run);
}

/**
 * Opens the journal in `folder`, made if need be (0700, files 0600), and puts the plan there first.
 * An older journal of the same run is continued. Throws `file_unusable` or `bastion_full` where that
 * cannot be done: no run starts without its journal.
 */
export function openJournal(folder: string, plan: Plan, warn: (message: string) => void): Journal {
  return opened(folder, warn, () => {
    replaceFile(join(folder, JOURNAL_FILES.plan), planFileText(plan));
  });
}

/** Opens the journal of a run that is over, to note its end; its plan stays as it is. Throws alike. */
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
 * synchronous, so that what was appended is where it must be before the next effect begins.
 * After a failure it tells `warn` once and goes on without: the hosts outrank it.
 */
export class Journal {
  readonly #descriptor: number;
  readonly #warn: (message: string) => void;
  #open = true;
  #pending: string[] = [];
  #pendingBytes = 0;
  #linger: NodeJS.Timeout | null = null;

  constructor(descriptor: number, warn: (message: string) => void) {
    this.#descriptor = descriptor;
    this.#warn = warn;
  }

  /** The listener of the event stream. A step about to be sent is written, a decision is on disk. */
  readonly append = (event: FleetEvent): void => {
    if (!this.#open) return;
    const line = `${eventJson(event)}\n`;
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    const care = careFor(event);
    if (care === 'sync') this.sync();
    else if (care === 'flush' || this.#pendingBytes >= BUFFER_BYTES) this.flush();
    else this.#linger ??= setTimeout(() => this.flush(), LINGER_MS).unref();
  };

  /** Hands everything appended so far to the system; survives the death of this process. */
  flush(): void {
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#linger = null;
    if (this.#pending.length === 0 || !this.#open) return;
    const text = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#attempt(() => writeWhole(this.#descriptor, text));
  }

  /** As flush, and onto the disk; survives the death of this machine. */
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

  /** A disk that fails once is not asked again: half a journal with gaps would mislead. */
  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#open = false;
      closeQuietly(this.#descriptor);
      const why = reasonOf(error);
      this.#warn(`the journal of this run ends here: ${why}`);
    }
  }
}

/** How safe an event must be before anything else is done. */
function careFor(event: FleetEvent): 'sync' | 'flush' | 'none' {
  switch (event.type) {
    case 'run-started':
    case 'phase-started':
    case 'gate-judged':
    case 'stopped':
    case 'paused':
    case 'resumed':
    case 'run-ended':
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
  // A controller that died while writing leaves half a line; the next one must begin its own.
  const last = Buffer.alloc(1);
  readSync(descriptor, last, 0, 1, size - 1);
  if (last.toString() !== '\n') writeWhole(descriptor, Buffer.from('\n'));
  return descriptor;
}

function writeWhole(descriptor: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
}

/** Some disks fail at this too; what there is to tell was told by then. */
function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // Closed or not, it is not used again.
  }
}
