import type { FleetEvent } from '../events/event.js';
import { eventJson } from '../events/event-json.js';
import type { RunId } from '../model/names.js';
import { STAGE_TRAITS } from '../model/runs/host-stage.js';
import { isResumable } from '../model/runs/run.js';
import type { SharedDocument } from './store.js';

/**
 * What a run shows other bastions: its plan, and the events that decide something, as they are in its journal. Each
 * document belongs to one stream and is never replaced by another one: what a controller writes late, after
 * another one took over, changes nothing of that one's.
 */
export interface RunShare {
  hear(event: FleetEvent): void;
  /** How much was gathered since the last write. */
  readonly gathered: number;
  /** Writes it now. */
  flush(): void;
}

/** One write of a share: a document, or that no one needs the run's documents any more. */
export type ShareWrite =
  | { readonly kind: 'put'; readonly document: SharedDocument }
  | { readonly kind: 'remove' };

/** A batch is written as soon as it has so many characters. */
const BATCH = 128 * 1024;

/** `plan`: the text of plan.json, which has no secrets. */
export function createRunShare(
  { plan }: { readonly run: RunId; readonly plan: string },
  put: (write: ShareWrite) => void,
): RunShare {
  let stream = '';
  let lines: string[] = [];
  let first = 0;
  let length = 0;

  function flush(): void {
    if (lines.length === 0) return;
    put({ kind: 'put', document: { kind: eventsKind(stream, first), json: lines.join('\n') } });
    [lines, length] = [[], 0];
  }

  function gather(event: FleetEvent): void {
    const line = eventJson(event);
    if (lines.length === 0) first = event.seq;
    lines.push(line);
    length += line.length;
    if (length >= BATCH) flush();
  }

  return {
    hear(event) {
      if (event.type === 'stream-started') {
        flush();
        stream = event.at;
        put({ kind: 'put', document: { kind: planKind(stream), json: plan } });
      }
      if (isShared(event)) gather(event);
      if (event.type !== 'run-ended') return;
      flush();
      if (!isResumable(event.state)) put({ kind: 'remove' });
    },
    get gathered() {
      return lines.length;
    },
    flush,
  };
}

/** What another bastion found of a run, whichever fleets wrote it. */
export interface FoundShare {
  /** The text of the plan of the last controller; null if no one has written it. */
  readonly plan: string | null;
  /** The lines of events, in order. */
  readonly lines: readonly string[];
}

export function readShare(documents: readonly SharedDocument[]): FoundShare {
  const of = (kind: string) => documents.filter((each) => each.kind.startsWith(`${kind}.`));
  return {
    plan: of(PLAN).at(-1)?.json ?? null,
    lines: of(EVENTS).flatMap(({ json }) => json.split('\n')),
  };
}

/** All that a run needs to be continued, or its record to be closed: what only describes its work is left out. */
function isShared(event: FleetEvent): boolean {
  switch (event.type) {
    case 'stream-started':
    case 'run-started':
    case 'phase-started':
    case 'gate-judged':
    case 'stopped':
    case 'pause-asked':
    case 'paused':
    case 'resumed':
    case 'taken-over':
    case 'hook-started':
    case 'hook-ended':
    case 'hook-settled':
    case 'run-ended':
      return true;
    case 'host-stage':
      return STAGE_TRAITS[event.stage].final;
    default:
      return false;
  }
}

const PLAN = 'plan';
const EVENTS = 'events';
const MS_DIGITS = 13;
const SEQ_DIGITS = 10;

/** They sort as text by the time of their stream, and within one by their place in it. */
const planKind = (stream: string): string => `${PLAN}.${timeOf(stream)}`;

const eventsKind = (stream: string, seq: number): string =>
  `${EVENTS}.${timeOf(stream)}.${String(seq).padStart(SEQ_DIGITS, '0')}`;

const timeOf = (stream: string): string => String(Date.parse(stream)).padStart(MS_DIGITS, '0');
