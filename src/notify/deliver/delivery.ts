import type { Receiver, ReceiverOf } from '../../config/fleet/receivers.js';
import type { ReceiverKind } from '../../config/fleet/sections/receivers/forms.js';
import { FleetError } from '../../errors/fleet-error.js';
import { printableLine } from '../../errors/printable.js';
import { reasonOf } from '../../errors/reason.js';
import { tryFileLock } from '../../files/file-lock.js';
import { CHANNELS } from '../adapters.js';
import type { Limits, OpenReceiver, Verdict } from '../channel.js';
import { backoffMs, LONGEST_WAIT_MS } from './backoff.js';
import { type Entry, letterOf, waitOf } from './entry.js';
import type { Outbox, Waiting } from './outbox.js';
import { ServiceLimits } from './service-limits.js';

/** What a delivery has from outside. */
export interface DeliveryDeps {
  readonly outbox: Outbox;
  /** The receiver that an entry is for, as fleet.yaml has it now. */
  readonly find: (entry: Entry) => Promise<Found>;
  /** Reads the secrets of a receiver; {@link openReceiver}. */
  readonly open: (receiver: Receiver) => Promise<Opened>;
  readonly bastion: string;
  readonly now: () => Date;
  readonly random: () => number;
  /** Gets a line for each letter that was sent, refused or given up. */
  readonly log: (outcome: Outcome) => void;
}

/** `folder`: paths are relative to it. */
export type SecretReader = (written: string, folder: string) => Promise<string>;

export type Found =
  | { readonly kind: 'found'; readonly receiver: Receiver }
  /** fleet.yaml was read and does not have it any more. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'unread'; readonly why: string };

/** What became of an entry. */
export interface Outcome {
  readonly entry: Entry;
  readonly end: 'sent' | 'refused' | 'expired' | 'gone';
  readonly why: string | null;
}

/** How far the letters of a receiver are. */
export type Progress =
  | { readonly kind: 'empty' }
  /** Another process sends for this receiver now. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'waits'; readonly ms: number; readonly why: string }
  | { readonly kind: 'moved'; readonly outcome: Outcome };

/** How long a letter is of use; then it is removed, and a line of the log says so. */
const EXPIRES_MS = 24 * 3_600_000;

export interface SendRequest {
  readonly signal: AbortSignal;
  /** Tries what waits for its next try too, as a person asks; limits of services hold all the same. */
  readonly atOnce: boolean;
}

/**
 * Sends the next letter of a receiver, if it is time, under the lock of the receiver: no other process sends
 * for it meanwhile, and letters keep their order. Rejects only if the outbox cannot be read or written.
 */
export async function sendNext(
  deps: DeliveryDeps,
  receiver: string,
  request: SendRequest,
): Promise<Progress> {
  if (deps.outbox.waiting(receiver).length === 0) return { kind: 'empty' };
  const held = await tryFileLock(deps.outbox.lockOf(receiver), async (): Promise<Progress> => {
    const [first, ...others] = deps.outbox.waiting(receiver);
    return first === undefined ? { kind: 'empty' } : sendFirst(deps, [first, ...others], request);
  });
  return held?.result ?? { kind: 'busy' };
}

type All = readonly [Waiting, ...Waiting[]];

async function sendFirst(
  deps: DeliveryDeps,
  all: All,
  { signal, atOnce }: SendRequest,
): Promise<Progress> {
  const [first] = all;
  const now = deps.now();
  if (now.getTime() - Date.parse(first.entry.addedAt) > EXPIRES_MS) {
    return ended(deps, first, { end: 'expired', why: first.entry.why });
  }
  const waitMs = waitOf(first.entry, now);
  if (waitMs > 0 && !atOnce) return { kind: 'waits', ms: waitMs, why: first.entry.why ?? '' };
  const found = await deps.find(first.entry);
  if (found.kind === 'gone') return ended(deps, first, { end: 'gone', why: null });
  if (found.kind === 'unread') return waits(deps, first, { why: found.why });
  let opened: Opened;
  try {
    opened = await deps.open(found.receiver);
  } catch (error) {
    return unopened(deps, first, error);
  }
  return sendOpened(deps, all, { ...found, opened, signal });
}

interface ToSend {
  readonly receiver: Receiver;
  readonly opened: Opened;
  readonly signal: AbortSignal;
}

async function sendOpened(
  deps: DeliveryDeps,
  all: All,
  { receiver, opened, signal }: ToSend,
): Promise<Progress> {
  const [first] = all;
  const now = deps.now();
  const limits = new ServiceLimits(deps.outbox.limitsFolder, opened.address, opened.limits);
  const limitMs = await limits.take(now);
  if (limitMs > 0) return waits(deps, first, { why: LIMIT, waitMs: limitMs, isHeld: true });
  const merged = opened.limits.merges ? mergedOf(deps, all) : first;
  const { id } = merged.entry;
  const { bastion } = deps;
  const context = { at: now, id, language: receiver.language, bastion };
  const verdict = await opened.send(letterOf(merged.entry), context, signal);
  const mutedMs = verdict.kind === 'retry' && verdict.isMuted ? await limits.mute(now) : 0;
  return judged(deps, merged, { verdict, mutedMs });
}

const LIMIT = 'the service takes no more letters a minute';

/** What had to wait for a limit becomes one letter, with all that waits behind it. */
function mergedOf({ outbox }: DeliveryDeps, all: All): Waiting {
  const [first, ...others] = all;
  if (!first.entry.isHeld || others.length === 0) return first;
  const entry: Entry = {
    ...first.entry,
    id: `${first.entry.id}+${others.length}`,
    notices: all.flatMap((each) => each.entry.notices),
  };
  return outbox.merge(all, entry);
}

function judged(
  deps: DeliveryDeps,
  waiting: Waiting,
  { verdict, mutedMs }: { readonly verdict: Verdict; readonly mutedMs: number },
): Progress {
  switch (verdict.kind) {
    case 'sent':
      return ended(deps, waiting, { end: 'sent', why: verdict.note ?? null });
    case 'refused':
      return ended(deps, waiting, { end: 'refused', why: verdict.why });
    case 'retry': {
      const { why } = verdict;
      const isHeld = waiting.entry.isHeld || mutedMs > 0;
      return waits(deps, waiting, {
        why,
        isHeld,
        waitMs: Math.max(verdict.afterMs ?? 0, mutedMs) || null,
        isTry: true,
      });
    }
  }
}

/** A secret that is not here may be in the environment of the next command; what is wrong stays wrong. */
function unopened(deps: DeliveryDeps, waiting: Waiting, error: unknown): Progress {
  const why = printableLine(reasonOf(error));
  const isMissing = error instanceof FleetError && error.code === 'secret_unavailable';
  return isMissing ? waits(deps, waiting, { why }) : ended(deps, waiting, { end: 'refused', why });
}

interface Wait {
  readonly why: string;
  readonly waitMs?: number | null;
  readonly isHeld?: boolean;
  /** Whether the service was asked. */
  readonly isTry?: boolean;
}

function waits(
  { outbox, now, random }: DeliveryDeps,
  waiting: Waiting,
  { why, waitMs = null, isHeld = false, isTry = false }: Wait,
): Progress {
  const { entry } = waiting;
  const tries = entry.tries + (isTry ? 1 : 0);
  const ms = Math.min(waitMs ?? backoffMs(Math.max(1, tries), random()), LONGEST_WAIT_MS);
  const triedAt = now().toISOString();
  outbox.update(waiting, {
    ...entry,
    tries,
    triedAt,
    waitMs: ms,
    isHeld: entry.isHeld || isHeld,
    why,
  });
  return { kind: 'waits', ms, why };
}

function ended(
  { outbox, log }: DeliveryDeps,
  waiting: Waiting,
  { end, why }: Pick<Outcome, 'end' | 'why'>,
): Progress {
  const outcome = { entry: waiting.entry, end, why };
  log(outcome);
  outbox.remove(waiting);
  return { kind: 'moved', outcome };
}

/** A receiver whose secrets were read, with the limits of its service. */
export interface Opened extends OpenReceiver {
  readonly limits: Limits;
}

/** Reads the secrets of a receiver. Throws `secret_unavailable` or `config_invalid`. */
export async function openReceiver<Kind extends ReceiverKind>(
  receiver: ReceiverOf<Kind>,
  read: SecretReader,
): Promise<Opened> {
  const channel = CHANNELS[receiver.kind];
  const opened = await channel.open(receiver.settings, (written) => read(written, receiver.folder));
  return { ...opened, limits: channel.limits };
}
