import { asciiJson } from '../errors/unicode-escape.js';
import type { LinkRule, Probe, Service, SharedPath } from '../model/app.js';
import type { DeadMan } from '../model/dead-man.js';
import type { ReleaseId, RunId } from '../model/names.js';
import type { ReleaseMeta } from '../model/release.js';
import type { Step } from './protocol.js';
import { recordArgs, type SwitchRecord } from './switch-record.js';
import { probeArgs, serviceArgs, type Watch, watchArgs } from './watch-args.js';

/** Who acts, in which epoch, and in which transaction of this host. */
export interface Ownership {
  readonly epoch: number;
  readonly run: RunId;
  /** Unique to this run and host; a name like a release's. */
  readonly txn: string;
  /** Now, on the bastion, for the host's log; RFC 3339. The host looks at its own clock without it. */
  readonly at?: string | undefined;
}

/** What `stage` sends; the sizes and the sum are those of the packed file. */
export interface StagedArchive {
  readonly sha256: string;
  readonly bytes: number;
  readonly unpacked: number;
  readonly format: 'gzip' | 'zstd' | 'none';
}

type Args = Step['args'];
/** One remove argument is as long as a release id; sshd passes a call on as one argument of 128 KiB. */
const REMOVED_AT_ONCE = 200;
/** A host tells of the owner in one line with much else. */
const LONGEST_OWNER = 256;

/**
 * Reads all that preflight needs; releases, and what a dead-man's switch could be, where asked for.
 * A `doctor` also has every right of sudo and every tier looked at.
 */
export function factsStep(
  service: Service,
  shared: readonly SharedPath[],
  options: { readonly releases: boolean; readonly tiers?: boolean; readonly doctor?: boolean },
): Step {
  const asked: Args = [
    ...(options.releases ? ([['releases', '1']] as const) : []),
    ...(options.tiers === true ? ([['tiers', '1']] as const) : []),
    ...(options.doctor === true ? ([['doctor', '1']] as const) : []),
  ];
  return { verb: 'facts', args: [...serviceArgs(service), ...sharedArgs(shared), ...asked] };
}

/** Reads the host's state and its units, and nothing else. */
export function statusStep(service: Service): Step {
  return { verb: 'status', args: serviceArgs(service) };
}

/** Who holds a claim, and for how long without a word of his, in milliseconds. */
export interface Tenure {
  /** The person, any text. */
  readonly owner: string;
  readonly leaseMs: number;
}

/**
 * Takes the app on this host for a run. `expect` is what `current` was when the plan was made, else
 * the host refuses; `as` is what the run calls it, in case another name of the run leads there too.
 */
export function claimStep(
  by: Ownership,
  claim: Tenure & { readonly expect: ReleaseId | null; readonly as?: string | undefined },
): Step {
  const as: Args = claim.as === undefined ? [] : [['as', jsonText(claim.as)]];
  return {
    verb: 'claim',
    args: [...ownArgs(by), ...tenureArgs(claim), ['expect', orNone(claim.expect)], ...as],
  };
}

/**
 * Takes over what a run has left on this host, as it is, in a newer epoch: every step of the older
 * one is refused from then on. `over` is the run whose claim may be taken; while its lease is good
 * the host refuses, unless `force`.
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

/** Says that the owner of the claim is alive. */
export function renewStep(by: Ownership, leaseMs: number): Step {
  return { verb: 'renew', args: [...ownArgs(by), leaseArg(leaseMs)] };
}

/** Sends a release as the call's payload. `version` is the text of version.json, one line of JSON. */
export function stageStep(
  by: Ownership,
  staged: {
    readonly meta: ReleaseMeta;
    readonly version: string;
    readonly archive: StagedArchive;
    readonly shared: readonly SharedPath[];
    readonly links: LinkRule;
    /** Now, on the bastion, RFC 3339. */
    readonly since: string;
  },
): Step {
  const { archive, meta } = staged;
  return {
    verb: 'stage',
    args: [
      ...ownArgs(by),
      ['id', meta.id],
      ['digest', meta.digest],
      ['sha256', archive.sha256],
      ['bytes', String(archive.bytes)],
      ['unpacked', String(archive.unpacked)],
      ['format', archive.format],
      ['meta', asciiJson(JSON.stringify(metaOnly(meta)))],
      ['version', asciiJson(staged.version)],
      ['since', staged.since],
      ['links', staged.links],
      ...sharedArgs(staged.shared),
    ],
  };
}

/**
 * Opens the transaction: records where it goes and where it came from, and starts the dead-man's
 * switch, which takes the host back by `watch` unless it is confirmed within `withinMs`. `version`
 * is the text of the version.json that goes with the switch.
 */
export function armStep(
  by: Ownership,
  move: Arming & {
    readonly from: ReleaseId | null;
    readonly to: ReleaseId;
    readonly version: string;
    readonly record?: SwitchRecord | undefined;
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
      ...armingArgs(move),
      ...watchArgs(watch),
    ],
  };
}

/** Switches `current` and acts on the service. */
export function activateStep(by: Ownership, service: Service): Step {
  return { verb: 'activate', args: [...ownArgs(by), ...serviceArgs(service)] };
}

/** Watches the service until it has been healthy for long enough, or the deadline is over. */
export function verifyStep(by: Ownership, watch: Watch): Step {
  return { verb: 'verify', args: [...ownArgs(by), ...watchArgs(watch)] };
}

/** One look at units and probes, for a gate; compares with what verify saw, and changes nothing. */
export function probeStep(service: Service, probes: readonly Probe[]): Step {
  return { verb: 'probe', args: [...serviceArgs(service), ...probeArgs(probes)] };
}

/** Ends the transaction well. `since` is when the release became healthy, RFC 3339. */
export function confirmStep(by: Ownership, since: string): Step {
  return { verb: 'confirm', args: [...ownArgs(by), ['since', since]] };
}

/** How a dead-man's switch is armed, and after how many milliseconds it takes the host back. */
export interface Arming {
  readonly deadMan: DeadMan;
  readonly withinMs: number;
}

/**
 * Takes a host back to the `from` of its transaction, whose version.json stays as it was. `since`
 * is when the release that is taken back became bad. With `arming`, a host that was confirmed gets a
 * switch that brings its way back to an end, should this controller not.
 */
export function revertStep(by: Ownership, since: string, watch: Watch, arming?: Arming): Step {
  const args = arming === undefined ? [] : armingArgs(arming);
  return {
    verb: 'revert',
    args: [...ownArgs(by), ['mode', 'back'], ['since', since], ...args, ...watchArgs(watch)],
  };
}

/** Leaves the host as it is, marked down, for a person to see. */
export function holdStep(by: Ownership, since: string): Step {
  return { verb: 'revert', args: [...ownArgs(by), ['mode', 'hold'], ['since', since]] };
}

/** Gives the claim back; refused while a switch is undecided. */
export function unclaimStep(by: Ownership): Step {
  return { verb: 'unclaim', args: ownArgs(by) };
}

/** Deletes releases, in as many steps as the limit of a command line wants; the host guards what is in use. */
export function pruneSteps(by: Ownership, remove: readonly ReleaseId[]): readonly Step[] {
  const steps: Step[] = [];
  for (let start = 0; start < remove.length; start += REMOVED_AT_ONCE) {
    const ids = remove.slice(start, start + REMOVED_AT_ONCE);
    const removals = ids.map((id): Args[number] => ['remove', id]);
    steps.push({ verb: 'prune', args: [...ownArgs(by), ...removals] });
  }
  return steps;
}

function ownArgs(by: Ownership): Args {
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

/** A control character would have the host refuse the whole call. */
function jsonText(text: string): string {
  return asciiJson(JSON.stringify(text.slice(0, LONGEST_OWNER)));
}

/** Hosts count leases in whole seconds. */
function leaseArg(leaseMs: number): Args[number] {
  return ['lease', String(Math.ceil(leaseMs / 1000))];
}

function sharedArgs(shared: readonly SharedPath[]): Args {
  return shared.map(({ path, kind }) => ['shared', kind === 'folder' ? `${path}/` : path]);
}

function orNone(release: ReleaseId | null): string {
  return release ?? '-';
}

/** The marker's fields and no others, whatever else the caller's object has. */
function metaOnly(meta: ReleaseMeta): ReleaseMeta {
  const { id, version, commit, digest, app, run, deployer, deployedAt } = meta;
  return { id, version, commit, digest, app, run, deployer, deployedAt };
}
