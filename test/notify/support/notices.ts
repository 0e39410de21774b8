import type { FleetEvent } from '../../../src/events/event.js';
import type { NoticeKind } from '../../../src/model/runs/notices.js';
import type { Notice } from '../../../src/notify/notice.js';
import { type NoticeState, noticeOf } from '../../../src/notify/notices.js';
import { type Scenario, syntheticRun } from '../../ui/support/synthetic-run.js';

/** What people are told of a list of events. */
export function noticesOf(events: readonly FleetEvent[]): readonly Notice[] {
  let state: NoticeState | null = null;
  return events.flatMap((event) => {
    const step = noticeOf(state, event);
    state = step.state;
    return step.notice === null ? [] : [step.notice];
  });
}

/** What people are told of a synthetic run. */
export const noticesOfRun = (hosts: number, scenario: Scenario): readonly Notice[] =>
  noticesOf(syntheticRun(hosts, scenario));

/** The notice of one kind of such a run. */
export function noticeOfRun(hosts: number, scenario: Scenario, kind: NoticeKind): Notice {
  const found = noticesOfRun(hosts, scenario).find((notice) => notice.kind === kind);
  if (found === undefined) throw new Error(`no notice ${kind} of ${scenario}`);
  return found;
}
