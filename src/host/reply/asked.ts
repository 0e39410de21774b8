import { shortLine } from '../../errors/printable.js';
import { SERVICE_ACTIONS } from '../../model/runs/app.js';
import type { Verb } from '../../model/runs/verb.js';
import type { Step, StepReply } from '../protocol/protocol.js';
import { serviceCommands } from '../protocol/service-rights.js';
import { OTHER_WAYS } from '../protocol/sudo-state.js';
import { MOST_DIFFERENCES } from './drift.js';
import type { HostEvent } from './reply.js';
import { canFailBy } from './reply-codes.js';

/** The tools that the host program needs or can use, as `facts` reports them. */
export const NEEDED_TOOLS =
  'tar gzip flock systemctl sha256sum df mv ln rm mkdir chmod sync date cat readlink timeout sleep tr head ls id wc tee cp sort uniq stat touch'.split(
    ' ',
  );
export const USEFUL_TOOLS = ['curl', 'wget', 'bash', 'zstd', 'nc'];

/** More releases than any host keeps. */
const MOST_RELEASES = 10_000;
const MOST_UNIT_FILES = 200;
/** A call leaves one at most, and the next claim deletes them. */
const MOST_PARTIAL = 1_000;
/** The host sends the last lines of a tool's log. */
const MOST_RECORDS = 500;
const MOST_BACKUPS = 2_000;
/** Reading such a marker costs as much as reading ten valid ones. */
const MOST_DAMAGED = 200;

type EventName = HostEvent['event'];

/** The verbs that may send each event. Any verb may send a note or an `undeletable`. */
const TOLD_BY: Readonly<Record<Exclude<EventName, 'note' | 'undeletable'>, readonly Verb[]>> = {
  state: ['facts', 'status'],
  unread: ['facts', 'status'],
  beside: ['status'],
  manifest: ['manifest'],
  drift: ['compare'],
  differs: ['compare'],
  unit: ['facts', 'status'],
  host: ['facts'],
  unit_file: ['facts'],
  kept_unit: ['facts'],
  unit_check: ['check_units'],
  spool: ['facts', 'status', 'claim'],
  release: ['facts'],
  folder: ['inspect'],
  record: ['inspect'],
  shared: ['inspect'],
  digested: ['digest'],
  backup: ['facts', 'backup'],
  restored: ['restore'],
  linked: ['activate', 'revert', 'guard'],
  restarted: ['activate', 'revert'],
  probe: ['probe', 'verify', 'revert'],
};

/** Checks each line of a host against the steps that were sent. Returns what is wrong, or null. */
export interface Asked {
  event(event: HostEvent): string | null;
  reply(reply: StepReply): string | null;
  /** A malformed marker. */
  damaged(): string | null;
}

export function createAsked(steps: readonly Step[]): Asked {
  let answered = 0;
  let refused = false;
  /** How often the current step has sent each event. */
  let told = new Map<string, number>();
  const atMost: AtMost = (times, what) => {
    const count = (told.get(what) ?? 0) + 1;
    told.set(what, count);
    return count > times
      ? `${what}: told more than ${times === 1 ? 'once' : `${times} times`}`
      : null;
  };
  return {
    event(event) {
      const step = refused ? undefined : steps[answered];
      if (step === undefined) return `${event.event}: told after the last reply`;
      if (!isOfAny(event) && !TOLD_BY[event.event].includes(step.verb)) {
        return `${event.event}: not of the step ${step.verb}`;
      }
      return notAsked(step, event) ?? repeats(step, event, atMost);
    },
    damaged() {
      const step = refused ? undefined : steps[answered];
      if (step === undefined || !asks(step, 'releases')) return 'release: not asked for';
      return atMost(MOST_DAMAGED, 'release, damaged');
    },
    reply(reply) {
      const step = refused ? undefined : steps[answered];
      if (step?.verb !== reply.verb) return 'reply.verb: a reply to a step that was not sent';
      if (!reply.ok && !canFailBy(reply.verb, reply.code)) {
        return `reply.code: not a code of the step ${reply.verb}: ${reply.code}`;
      }
      answered += 1;
      refused = !reply.ok;
      told = new Map();
      return null;
    },
  };
}

type OfAny = Extract<HostEvent, { event: 'note' | 'undeletable' }>;

const isOfAny = (event: HostEvent): event is OfAny =>
  event.event === 'note' || event.event === 'undeletable';

type AtMost = (times: number, what: string) => string | null;

function repeats(step: Step, event: HostEvent, atMost: AtMost): string | null {
  switch (event.event) {
    case 'state':
    case 'host':
      return atMost(1, event.event);
    case 'beside':
      return atMost(1, `beside ${event.session}`);
    case 'unread':
      return atMost(1, `unread ${event.what}`);
    case 'unit': {
      const asked = valuesOf(step, 'unit').filter((unit) => unit === event.unit);
      return atMost(asked.length, `unit ${event.unit}`);
    }
    case 'unit_file':
      return atMost(1, `unit_file ${event.unit}`) ?? atMost(MOST_UNIT_FILES, 'unit_file');
    case 'kept_unit':
      return (
        atMost(1, `kept_unit ${event.release} ${event.unit}`) ?? atMost(MOST_RELEASES, 'kept_unit')
      );
    case 'unit_check':
      return atMost(1, `unit_check ${event.unit}`);
    case 'release':
      return atMost(1, `release ${event.id}`) ?? atMost(MOST_RELEASES, 'release');
    case 'spool':
      return atMost(MOST_PARTIAL, 'spool');
    case 'backup':
      return atMost(1, `backup ${event.id}`) ?? atMost(MOST_BACKUPS, 'backup');
    case 'restored':
      return atMost(1, 'restored');
    case 'drift':
      return atMost(1, `drift ${event.release}`) ?? atMost(MOST_RELEASES, 'drift');
    case 'differs':
      return atMost(MOST_DIFFERENCES, `differs ${event.release}`);
    case 'folder':
      return atMost(1, `folder ${event.id}`) ?? atMost(MOST_RELEASES, 'folder');
    case 'record':
      return atMost(MOST_RECORDS, `record of ${event.of}`);
    case 'shared':
    case 'undeletable':
      return atMost(MOST_DAMAGED, event.event);
    case 'digested':
      return atMost(1, 'digested');
    default:
      return null;
  }
}

/** An event about something that was not asked for. */
function notAsked(step: Step, event: HostEvent): string | null {
  switch (event.event) {
    case 'unit':
    case 'restarted': {
      const known = valuesOf(step, 'unit').includes(event.unit);
      return known ? null : `${event.event}.unit: not a unit that was asked for: ${event.unit}`;
    }
    case 'unit_check': {
      const known = valuesOf(step, 'unit_file').includes(event.unit);
      return known ? null : 'unit_check.unit: not a file that was asked for';
    }
    case 'kept_unit':
      return asks(step, 'kept') ? null : 'kept_unit: not asked for';
    case 'release':
      return asks(step, 'releases') ? null : 'release: not asked for';
    case 'spool': {
      const asked = step.verb !== 'claim' || valuesOf(step, 'sha256').includes(event.sha256);
      return asked ? null : 'spool.sha256: not the archive that was asked for';
    }
    case 'digested': {
      const known = valuesOf(step, 'id').includes(event.id);
      return known ? null : 'digested.id: not the release that was asked for';
    }
    case 'backup':
      return backupNotAsked(step, event.id);
    case 'restored': {
      const known = valuesOf(step, 'backup').includes(event.id);
      return known ? null : 'restored.id: not the backup that was asked for';
    }
    case 'drift': {
      const [id] = valuesOf(step, 'id');
      return id === undefined || id === event.release
        ? null
        : 'drift: not of the release asked for';
    }
    case 'beside': {
      const known = valuesOf(step, 'beside').includes(event.session);
      return known ? null : 'beside: not a process that was asked about';
    }
    case 'host':
      return (
        strange('missingTools', event.missingTools, NEEDED_TOOLS) ??
        strange('unfitTools', event.unfitTools, NEEDED_TOOLS) ??
        strange('tools', event.tools, USEFUL_TOOLS) ??
        strange('otherWays', event.otherWays, OTHER_WAYS) ??
        strange('missingShared', event.missingShared, valuesOf(step, 'shared')) ??
        strange('missingRights', event.missingRights, rightsAsked(step)) ??
        (event.deadMan.length > 0 && !asks(step, 'tiers') ? 'host.deadMan: not asked for' : null)
      );
    default:
      return null;
  }
}

/** The step that takes a backup reports its own, and no other. */
function backupNotAsked(step: Step, id: string): string | null {
  if (step.verb === 'facts') return asks(step, 'backups') ? null : 'backup: not asked for';
  return valuesOf(step, 'txn').includes(id) ? null : 'backup.id: not of this transaction';
}

function strange(field: string, found: readonly string[], asked: readonly string[]): string | null {
  const odd = found.find((each) => !asked.includes(each));
  if (odd !== undefined) return `host.${field}: not one that was asked for: ${shortLine(odd, 60)}`;
  return found.length > asked.length ? `host.${field}: more than were asked for` : null;
}

const valuesOf = (step: Step, wanted: string): readonly string[] =>
  step.args.flatMap(([key, value]) => (key === wanted ? [value] : []));

const asks = (step: Step, wanted: string): boolean =>
  step.args.some(([key, value]) => key === wanted && value === '1');

/** The commands that doctor checks with sudo. */
function rightsAsked(step: Step): readonly string[] {
  const action = SERVICE_ACTIONS.find((each) => valuesOf(step, 'action').includes(each));
  if (!asks(step, 'doctor') || action === undefined) return [];
  return serviceCommands({ units: valuesOf(step, 'unit'), action });
}
