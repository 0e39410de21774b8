import type { FaultKind, FaultOptions } from '../fault.js';
import type { LabHost } from '../fleet/lab.js';
import type { HostLook } from '../fleet/practice-host.js';

/** A request of `fleet lab` to the running lab: one line of JSON over its socket. */
export type ControlRequest =
  | { readonly op: 'status' }
  | { readonly op: 'down' }
  | ({
      readonly op: 'fault';
      readonly host: string;
      readonly kind: FaultKind;
      readonly on: boolean;
    } & FaultOptions);

/** The answer: one line too. */
export type ControlReply =
  | { readonly ok: true; readonly status: RunningLab }
  | { readonly ok: false; readonly message: string };

/** A running practice fleet. */
export interface RunningLab {
  readonly pid: number;
  readonly dir: string;
  readonly user: string;
  readonly inventoryFile: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  readonly hosts: readonly (LabHost & HostLook)[];
}
