import type { HostPhase, Step } from '../../../src/host/protocol/protocol.js';
import type { ReleaseMeta, ReleaseStanding } from '../../../src/model/releases/release.js';
import type { RunKind } from '../../../src/model/run-kind.js';

/** What is written of a hook: that it began, then its exit code. */
export type HookEntry = 'started' | number;

/** A unit's process, told apart from every other that the unit ever had. */
export interface Identity {
  readonly pid: number;
  readonly invocation: string;
  readonly restarts: number;
}

export type Identities = ReadonlyMap<string, Identity>;

/** `.fleet/state`; null where the file has nothing after the `=`. */
export interface StateFile {
  readonly epoch: number;
  readonly run: string | null;
  readonly owner: string | null;
  readonly txn: string | null;
  readonly phase: HostPhase;
  readonly prior: 'idle' | 'down';
  readonly from: string | null;
  readonly to: string | null;
  /** What the run of the last switch was, and what the host ran before `from`. */
  readonly kind: RunKind | null;
  readonly ran: string;
  /** Whether the release gone to was found bad. */
  readonly found: 'bad' | null;
  /** `none` where `from` led nowhere, so that the way back ends with a stopped unit. */
  readonly back: 'none' | null;
  /** Seconds of uptime at which the dead-man timer fires. */
  readonly deadline: number;
  readonly boot: string | null;
  /** Seconds. */
  readonly lease: number;
  readonly renewed: { readonly up: number; readonly boot: string } | null;
  /** `<tier>:<handle>`, `off`, or null. */
  readonly switch: string | null;
  readonly baseline: Identities | null;
  readonly before: Identities | null;
  /** Where the last transaction left `current`. */
  readonly left: string | null;
  /** The transaction of the claim, by which two hosts of a run at one root are told apart. */
  readonly mark: string | null;
}

const DEFAULT_LEASE_S = 60;

/** What a host without a state file counts as. */
export const NO_STATE: StateFile = {
  epoch: 0,
  run: null,
  owner: null,
  txn: null,
  phase: 'idle',
  prior: 'idle',
  from: null,
  to: null,
  kind: null,
  ran: '',
  found: null,
  back: null,
  deadline: 0,
  boot: null,
  lease: DEFAULT_LEASE_S,
  renewed: null,
  switch: null,
  baseline: null,
  before: null,
  left: null,
  mark: null,
};

/** `.fleet/releases/<id>`. */
export interface Marker {
  readonly standing: ReleaseStanding;
  readonly since: string;
  readonly run: string;
  readonly meta: ReleaseMeta;
}

/** What of a host survives a reboot. Every value is replaced, never changed in place. */
export interface Disk {
  readonly state: StateFile;
  readonly current: string | null;
  /** `releases/<id>`; a whole one was published by rename. */
  readonly folders: ReadonlyMap<string, 'whole' | 'partial'>;
  readonly markers: ReadonlyMap<string, Marker>;
  /** Releases of which a file was changed since they were published. */
  readonly drifted: ReadonlySet<string>;
  /** `.fleet/links/<id>`: kept of what another tool made. */
  readonly links: ReadonlySet<string>;
  /** `.fleet/revert-<txn>`: the arguments of the dead-man timer. */
  readonly recipes: ReadonlyMap<string, Step['args']>;
  /** `.fleet/backups/<txn>`. */
  readonly backups: ReadonlySet<string>;
  /** `.fleet/restored`: the last transaction that restored a backup. */
  readonly restored: string | null;
  /** `.fleet/hooks/<run>/<key>`. */
  readonly hooks: ReadonlyMap<string, HookEntry>;
  /** The unit file in systemd's folder; null if there is none. */
  readonly unitFile: string | null;
  /** `.fleet/units/<id>`: the unit file of a release. */
  readonly unitFiles: ReadonlyMap<string, string>;
  /** `.fleet/units/.next`: brought for a release, and not its own yet. */
  readonly unitNext: { readonly txn: string; readonly id: string; readonly text: string } | null;
  /** `.fleet/units/.back`: what the transaction has found installed. */
  readonly unitBack: { readonly txn: string; readonly text: string | null } | null;
}

export const EMPTY_DISK: Disk = {
  state: NO_STATE,
  current: null,
  folders: new Map(),
  markers: new Map(),
  drifted: new Set(),
  links: new Set(),
  recipes: new Map(),
  backups: new Set(),
  restored: null,
  hooks: new Map(),
  unitFile: null,
  unitFiles: new Map(),
  unitNext: null,
  unitBack: null,
};

/** Whether a release is there whole, and known. */
export function isComplete(disk: Disk, id: string): boolean {
  return disk.folders.get(id) === 'whole' && disk.markers.has(id);
}
