import type { EventOf, FleetEvent } from '../../events/event.js';
import type { HostName } from '../../model/names.js';
import type { HookBegun } from '../../model/runs/hooks/hook-begun.js';
import type { Hook } from '../../model/runs/hooks/hooks.js';

/** What a journal says of one hook of a wave or of the run. */
export interface HookRecord {
  readonly turn: string;
  readonly name: string;
  /** `unknown`: it began, and neither the journal nor a host knows how it ended. */
  readonly state: HookBegun['state'] | 'unknown';
  readonly attempt: number;
  readonly host: HostName | null;
}

/**
 * What became of the hooks of a wave or of the run, in the order in which they began. Hooks of one host are left
 * out: they belong to its transaction, and run again if the host is activated again.
 */
export function readHooks(
  events: readonly FleetEvent[],
  hooks: readonly Hook[],
): readonly HookRecord[] {
  const found = new Map<string, HookRecord>();
  const put = (record: HookRecord): void => void found.set(record.turn, record);
  for (const event of events) {
    switch (event.type) {
      case 'hook-started':
        if (event.turn !== event.key) put(begun(event));
        break;
      case 'hook-ended':
        if (event.turn !== event.key) put(ended(event));
        break;
      case 'hook-settled': {
        const record = found.get(event.turn);
        if (record !== undefined) put(event.how === 'done' ? done(record) : again(record));
        break;
      }
      case 'run-ended':
        for (const record of found.values()) if (isClosing(record, hooks)) put(again(record));
        break;
    }
  }
  return [...found.values()];
}

const done = (record: HookRecord): HookRecord => ({ ...record, state: 'done' });

/** Under a new number, so that no host takes it for the same one. */
const again = (record: HookRecord): HookRecord => ({
  ...record,
  state: 'again',
  attempt: record.attempt + 1,
});

/** A host knows the end of its hooks; what ran on a bastion has told no one. */
function begun({ turn, name, attempt, host, where }: EventOf<'hook-started'>): HookRecord {
  return { turn, name, attempt, host, state: where === 'host' ? 'open' : 'unknown' };
}

function ended({ end, ifFails, ...event }: EventOf<'hook-ended'>): HookRecord {
  const { turn, name, attempt, host } = event;
  const record = { turn, name, attempt, host };
  switch (end) {
    case 'ok':
      return { ...record, state: 'done' };
    case 'failed':
      return ifFails === 'warn'
        ? { ...record, state: 'done' }
        : again({ ...record, state: 'done' });
    case 'interrupted':
      return { ...record, state: 'unknown' };
    case 'lost':
      return { ...record, state: 'open' };
    case 'refused':
      return { ...record, state: 'again' };
  }
}

/** Each end of the run has its own hooks. */
function isClosing({ turn }: HookRecord, hooks: readonly Hook[]): boolean {
  const point = hooks.find(({ id }) => id === turn)?.point;
  return point === 'after_run' || point === 'on_failure';
}

/** What the plan of a resumed run keeps of them. */
export function hooksBegun(records: readonly HookRecord[]): readonly HookBegun[] {
  return records.flatMap(({ turn, state, attempt, host }) =>
    state === 'unknown' ? [] : [{ turn, state, attempt, host }],
  );
}
