import { backupEventText } from '../events/backup-text.js';
import type { EventOf, FleetEvent } from '../events/event.js';
import { approvalText, pauseText, reasonText, stopText } from '../model/runs/run-words.js';
import { countText } from '../model/text/count-text.js';
import type { RunEvent } from './store.js';

/** An event as one line of a run's timeline; null for events that only the journal keeps. */
export function timelineEntry(event: FleetEvent): RunEvent | null {
  const detail = detailOf(event);
  return detail === null ? null : { at: event.at, type: event.type, detail };
}

function detailOf(event: FleetEvent): string | null {
  switch (event.type) {
    case 'phase-started': {
      const wave = event.wave === null ? '' : ` ${event.wave + 1}`;
      const hosts = event.hosts.length === 0 ? '' : `, ${countText(event.hosts.length, 'host')}`;
      return `${event.phase}${wave}${hosts}`;
    }
    case 'gate-judged': {
      const hosts = event.hosts.length === 0 ? '' : `: ${event.hosts.join(', ')}`;
      return `gate ${event.wave + 1} ${event.verdict}${hosts}`;
    }
    case 'stopped':
      return stopText(event.reason, Number.POSITIVE_INFINITY);
    case 'pause-asked':
      return `${event.by} requested a pause${reasonText(event.reason)}`;
    case 'paused':
      return pauseText(event.why, event.wave);
    case 'resumed':
      return `resumed by ${event.by}${reasonText(event.reason)}`;
    case 'warning':
      return event.host === undefined ? event.message : `${event.host}: ${event.message}`;
    case 'backup-taken':
    case 'backup-restored':
      return backupEventText(event);
    case 'hook-ended':
      return hookText(event);
    case 'run-started':
      return event.plan.approval === undefined ? null : approvalText(event.plan.approval);
    case 'taken-over':
      return `${event.how} by ${event.by}; before, it was a run of ${event.of}`;
    case 'run-ended':
      return event.state;
    case 'journal-sealed':
      return `${SEALED}${event.digest}`;
    default:
      return null;
  }
}

const SEALED = 'journal sealed, sha256 ';

/** The last digest of a journal, in an entry that has it; null for every other one. */
export function sealedDigest({ type, detail }: RunEvent): string | null {
  return type === 'journal-sealed' && detail.startsWith(SEALED)
    ? detail.slice(SEALED.length)
    : null;
}

/** A hook that ended well on a host is told by the journal alone: there may be thousands. */
function hookText(event: EventOf<'hook-ended'>): string | null {
  const { name, host, end, ifFails, failure } = event;
  if (end === 'ok' && host !== null) return null;
  const where = host === null ? '' : ` on ${host}`;
  const warns = end === 'failed' && ifFails === 'warn' ? ', a warning' : '';
  const why = failure === null ? '' : `: ${failure.message}`;
  return `hook ${JSON.stringify(name)}${where}: ${HOOK_ENDS[end]}${warns}${why}`;
}

const HOOK_ENDS: Readonly<Record<EventOf<'hook-ended'>['end'], string>> = {
  ok: 'done',
  failed: 'failed',
  interrupted: 'interrupted',
  lost: 'no answer',
  refused: 'not begun',
};
