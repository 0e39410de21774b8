import { asciiJson } from '../../errors/unicode-escape.js';
import type { ReleaseId, RunId } from '../../model/names.js';
import type { DriftCheck } from '../../model/releases/drift.js';
import type { Probe, Service, SharedPath } from '../../model/runs/app.js';
import type { DeadMan } from '../../model/runs/dead-man.js';
import type { Step } from '../protocol/protocol.js';
import { type ActivationRecord, recordArgs } from './activation-record.js';
import { probeArgs, serviceArgs, type Watch, watchArgs } from './watch-args.js';

/** Who acts, in which epoch, and in which transaction of this host. */
export interface Ownership {
  readonly epoch: number;
  readonly run: RunId;
  /** Unique for this run and host; the same form as a release id. */
  readonly txn: string;
  /** The bastion's time for the host's log, RFC 3339. Without it the host uses its own clock. */
  readonly at?: string | undefined;
}

type Args = Step['args'];
/** What `facts` reads only if it is asked for it. */
const FACTS = ['releases', 'tiers', 'doctor', 'backups', 'sizes', 'kept'] as const;
/** A remove argument is up to a release id long; sshd passes a call as one argument of 128 KiB. */
const REMOVED_AT_ONCE = 200;
/** The host prints the owner in one line together with much else. */
const LONGEST_OWNER = 256;

/**
 * Reads all that preflight needs; releases, and the possible dead-man timers, only if asked for. `doctor` also
 * checks every right of sudo and every tier.
 */
export function factsStep(
  service: Service,
  shared: readonly SharedPath[],
  options: { readonly [Asked in (typeof FACTS)[number]]?: boolean },
): Step {
  const asked = FACTS.flatMap((each): Args => (options[each] === true ? [[each, '1']] : []));
  const files = (service.templates ?? []).map(({ name }): Args[number] => ['unit_file', name]);
  const args = [...serviceArgs(service), ...sharedArgs(shared), ...asked, ...files];
  return { verb: 'facts', args };
}

/** Reads only the host's state and its units. */
export function statusStep(service: Service): Step {
  return { verb: 'status', args: serviceArgs(service) };
}

/** The owner of a claim, and its lease in milliseconds. */
export interface Tenure {
  /** The operator, any text. */
  readonly owner: string;
  readonly leaseMs: number;
}

/** Reads what is in a release of the host. */
export function manifestStep(id: ReleaseId): Step {
  return { verb: 'manifest', args: [['id', id]] };
}

/**
 * Claims the app on this host for a run. `expect` is `current` at the time of the plan; if it has changed the
 * host refuses. `as` is the run's name of the host, in case another name of the run leads there too. What the host
 * has received of `archive` (hex SHA-256) it keeps and reports; partial uploads of others are deleted.
 */
export function claimStep(
  by: Ownership,
  claim: Tenure & {
    readonly expect: ReleaseId | null;
    readonly as?: string | undefined;
    readonly archive?: string | undefined;
  },
): Step {
  const as: Args = claim.as === undefined ? [] : [['as', jsonText(claim.as)]];
  const archive: Args = claim.archive === undefined ? [] : [['sha256', claim.archive]];
  return {
    verb: 'claim',
    args: [
      ...ownArgs(by),
      ...tenureArgs(claim),
      ['expect', orNone(claim.expect)],
      ...as,
      ...archive,
    ],
  };
}

/**
 * Takes over an unfinished host as it is, in a newer epoch: every step of the older epoch is refused from then
 * on. `over` is the run whose claim may be taken; while its lease is valid the host refuses, unless `force`.
 */
export function adoptStep(
  by: Ownership,
  claim: Tenure & { readonly over: RunId | null; readonly force: boolean },
): Step {
  const over = claim.over ?? '-';
  const force = claim.force ? '1' : '0';
  return {
    verb: 'adopt',
    args: [...ownArgs(by), ...tenureArgs(claim), ['over', over], ['force', force]],
  };
}

/** Renews the lease of the claim. */
export function renewStep(by: Ownership, leaseMs: number): Step {
  return { verb: 'renew', args: [...ownArgs(by), leaseArg(leaseMs)] };
}

/**
 * Opens the transaction: records its releases, and starts the dead-man timer, which rolls the host back as `watch`
 * says unless it is confirmed within `withinMs`. `version` is the text of the new version.json.
 */
export function armStep(
  by: Ownership,
  move: Arming & {
    readonly from: ReleaseId | null;
    readonly to: ReleaseId;
    readonly version: string;
    readonly record?: ActivationRecord | undefined;
    /** How the release is compared with its manifest first; absent for one that was just sent. */
    readonly check?: DriftCheck | undefined;
  },
  watch: Watch,
): Step {
  return {
    verb: 'arm',
    args: [
      ...ownArgs(by),
      ['from', orNone(move.from)],
      ['to', move.to],
      ['version', asciiJson(move.version)],
      ...recordArgs(move.record),
      ...(move.check === undefined ? [] : ([['check', move.check]] as const)),
      ...armingArgs(move),
      ...watchArgs(watch),
    ],
  };
}

/** Moves `current` to the release and acts on the service. */
export function activateStep(by: Ownership, service: Service): Step {
  return { verb: 'activate', args: [...ownArgs(by), ...serviceArgs(service)] };
}

/** Watches the service until it was healthy for long enough, or the deadline is over. */
export function verifyStep(by: Ownership, watch: Watch): Step {
  return { verb: 'verify', args: [...ownArgs(by), ...watchArgs(watch)] };
}

/** One look at units and probes, for a gate; compares with what verify saw and changes nothing. */
export function probeStep(service: Service, probes: readonly Probe[]): Step {
  return { verb: 'probe', args: [...serviceArgs(service), ...probeArgs(probes)] };
}

/** Settles the transaction on its release. `since` is when that became healthy, RFC 3339. */
export function confirmStep(by: Ownership, since: string): Step {
  return { verb: 'confirm', args: [...ownArgs(by), ['since', since]] };
}

/** How a dead-man timer is armed, and after how many milliseconds it rolls the host back. */
export interface Arming {
  readonly deadMan: DeadMan;
  readonly withinMs: number;
}

/**
 * Rolls a host back to the `from` of its transaction, whose version.json stays as it was. `since` is when the
 * release that is left became bad. With `arming`, a confirmed host gets a timer that finishes the rollback
 * should this controller fail.
 */
export function revertStep(by: Ownership, since: string, watch: Watch, arming?: Arming): Step {
  const args = arming === undefined ? [] : armingArgs(arming);
  return {
    verb: 'revert',
    args: [...ownArgs(by), ['mode', 'back'], ['since', since], ...args, ...watchArgs(watch)],
  };
}

/** Leaves the host as it is, marked down, for a person to look at. */
export function holdStep(by: Ownership, since: string): Step {
  return { verb: 'revert', args: [...ownArgs(by), ['mode', 'hold'], ['since', since]] };
}

/** Gives up the claim; refused while the transaction is unfinished. */
export function unclaimStep(by: Ownership): Step {
  return { verb: 'unclaim', args: ownArgs(by) };
}

/**
 * Deletes releases, in as many steps as command lines need; the host keeps those in use. With `keepBackups` it deletes
 * all but so many backups too, except those that may be needed.
 */
export function pruneSteps(
  by: Ownership,
  remove: readonly ReleaseId[],
  keepBackups: number | null = null,
): readonly Step[] {
  const steps: Step[] =
    keepBackups === null
      ? []
      : [{ verb: 'prune', args: [...ownArgs(by), ['backups', String(keepBackups)]] }];
  for (let start = 0; start < remove.length; start += REMOVED_AT_ONCE) {
    const ids = remove.slice(start, start + REMOVED_AT_ONCE);
    const removals = ids.map((id): Args[number] => ['remove', id]);
    steps.push({ verb: 'prune', args: [...ownArgs(by), ...removals] });
  }
  return steps;
}

/** Who acts: the first arguments of every step of a run. */
export function ownArgs(by: Ownership): Args {
  return [
    ['epoch', String(by.epoch)],
    ['run', by.run],
    ['txn', by.txn],
    ...(by.at === undefined ? [] : ([['at', by.at]] as const)),
  ];
}

function armingArgs({ deadMan, withinMs }: Arming): Args {
  return [
    ['switch', deadMan],
    ['within_ms', String(withinMs)],
  ];
}

function tenureArgs({ owner, leaseMs }: Tenure): Args {
  return [['owner', jsonText(owner)], leaseArg(leaseMs)];
}

/** The host would refuse the whole call for a control character. */
function jsonText(text: string): string {
  return asciiJson(JSON.stringify(text.slice(0, LONGEST_OWNER)));
}

/** Hosts count leases in whole seconds. */
function leaseArg(leaseMs: number): Args[number] {
  return ['lease', String(Math.ceil(leaseMs / 1000))];
}

/** The shared paths, as arguments; a folder ends with a slash. */
export function sharedArgs(shared: readonly SharedPath[]): Args {
  return shared.map(({ path, kind }) => ['shared', kind === 'folder' ? `${path}/` : path]);
}

function orNone(release: ReleaseId | null): string {
  return release ?? '-';
}
