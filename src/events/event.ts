import type { ExitCode } from '../errors/codes.js';
import type { HostFailure } from '../errors/host-failure.js';
import type { HostName, RunId } from '../model/names.js';
import type { Plan, RunKind } from '../model/plan.js';
import type { HostResult, RunNotice, RunState } from '../model/run.js';
import type { Verb } from '../model/verb.js';

/** Everything that happens. The tree, the log, the journal and the history read this one stream. */
export type FleetEvent = { readonly at: string } & FleetEventBody;

export type FleetEventBody =
  | RunNotice
  | { readonly type: 'preflight-started'; readonly hosts: readonly HostName[] }
  /** Its turn has come: it is connected to and read now. */
  | { readonly type: 'preflight-asked'; readonly host: HostName }
  | {
      readonly type: 'preflight-host';
      readonly host: HostName;
      readonly failure: HostFailure | null;
    }
  | {
      readonly type: 'run-started';
      readonly run: RunId;
      readonly kind: RunKind;
      readonly plan: Plan;
    }
  /** What a host reports while it is in its stage: `linked`, `restarted shop.service`, `probe: 503`. */
  | { readonly type: 'host-note'; readonly host: HostName; readonly note: string }
  /** The intent: this step is about to be sent. */
  | {
      readonly type: 'step-sent';
      readonly host: HostName;
      readonly verbs: readonly Verb[];
      readonly txn: string;
    }
  /** The result of a step, whatever it was. */
  | {
      readonly type: 'step-ended';
      readonly host: HostName;
      readonly verbs: readonly Verb[];
      readonly txn: string;
      readonly ms: number;
      readonly failure: HostFailure | null;
    }
  | { readonly type: 'warning'; readonly message: string; readonly host?: HostName | undefined }
  | {
      readonly type: 'run-ended';
      readonly run: RunId;
      readonly state: RunState;
      readonly exitCode: ExitCode;
      readonly hosts: readonly HostResult[];
      readonly startedAt: string;
    };
