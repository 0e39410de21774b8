import type { Receiver } from '../config/fleet/receivers.js';
import { reasonOf } from '../errors/reason.js';
import type { Listener } from '../events/bus.js';
import type { FleetEvent } from '../events/event.js';
import { isAsked } from '../model/runs/notices.js';
import type { PlanView } from '../model/runs/plan-view.js';
import type { Courier } from './deliver/courier.js';
import { ENTRY_VERSION, type Entry, letterId } from './deliver/entry.js';
import type { Outbox } from './deliver/outbox.js';
import type { Notice } from './notice.js';
import { begunState, leftNotice, type NoticeState, noticeOf } from './notices.js';

export interface NotifierOptions {
  /** Who gets notices of this run. */
  readonly receivers: readonly Receiver[];
  /** The absolute path of the fleet.yaml that names them. */
  readonly config: string;
  readonly outbox: Outbox;
  readonly courier: Courier;
  readonly now: () => Date;
  /** The plan of a run that another process began, of which only the end is to come. */
  readonly begun: PlanView | null;
  readonly warn: (message: string) => void;
}

/** An event listener that tells people. */
export interface Notifier {
  readonly listener: Listener;
  /** The run ends here, if it has not ended. What was told is in the outbox then. */
  leave(): void;
}

/**
 * Puts what people are told of a run into the outbox and wakes the courier. Nothing of it can change the
 * run: what fails is reported once through `warn`.
 */
export function createNotifier(options: NotifierOptions): Notifier {
  const { receivers, outbox, courier, now, begun, warn } = options;
  let state: NoticeState | null = begun === null ? null : begunState(begun, begun.createdAt);
  let last: FleetEvent | null = null;
  let isBroken = false;

  function tell(notice: Notice): void {
    const asked = receivers.filter(({ on }) => isAsked(on, notice.kind));
    const each = new Map(asked.map((receiver) => [receiver.key, receiver]));
    try {
      for (const receiver of each.values()) outbox.add(entryOf(options, receiver, notice), now());
    } catch (error) {
      if (!isBroken) warn(`notices are not kept and not sent: ${reasonOf(error)}`);
      isBroken = true;
    }
    courier.wake([...each.keys()]);
  }

  return {
    listener(event) {
      last = event;
      const step = noticeOf(state, event);
      state = step.state;
      if (step.notice !== null) tell(step.notice);
    },
    leave() {
      const left = state === null || last === null ? null : leftNotice(state, last);
      if (left !== null) tell({ ...left, at: now().toISOString() });
    },
  };
}

function entryOf({ config, now }: NotifierOptions, { key, name }: Receiver, notice: Notice): Entry {
  return {
    schemaVersion: ENTRY_VERSION,
    id: letterId(notice),
    receiver: key,
    name,
    config,
    notices: [notice],
    replaces: [],
    addedAt: now().toISOString(),
    tries: 0,
    triedAt: null,
    waitMs: 0,
    isHeld: false,
    why: null,
  };
}
