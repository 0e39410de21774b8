import type { NoticeKind } from '../../model/runs/notices.js';
import type { RunState } from '../../model/runs/run.js';
import type { Notice, Stop } from '../notice.js';

/**
 * Every word that people get in a notice, in one language. A title is one line without a full stop.
 * What comes in is data and may hold any text: an adapter escapes what comes out, as a whole.
 */
export interface Words {
  readonly title: { readonly [Kind in Exclude<NoticeKind, 'ended'>]: (notice: Notice) => string };
  /** A run that ended in a state; those that have a notice of their own are in `title`. */
  readonly ended: { readonly [State in RunState]: (notice: Notice) => string };
  readonly summary: (app: string, count: number) => string;
  /** In front of the title of a notice that a person has asked for. */
  readonly test: (title: string) => string;
  readonly label: {
    readonly release: string;
    readonly hosts: string;
    readonly stopped: string;
    readonly by: string;
    readonly reason: string;
    readonly duration: string;
    readonly failed: string;
    readonly next: string;
    readonly run: string;
  };
  /** Between a label, or a host, and what is said of it. */
  readonly colon: string;
  readonly counts: (counts: Notice['counts']) => string;
  readonly stop: (stop: Stop, hosts: string) => string;
  readonly duration: (ms: number) => string;
  /** `web[01:12] and 212 more` */
  readonly more: (shown: string, left: number) => string;
  /** A line of its own, for hosts that no line is left for. */
  readonly moreHosts: (count: number) => string;
  readonly noRelease: string;
}
