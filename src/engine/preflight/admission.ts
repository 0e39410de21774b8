import { type ErrorCode, EXIT, exitCodeOf } from '../../errors/codes.js';
import { FleetError } from '../../errors/fleet-error.js';
import type { HostFailure } from '../../errors/host-failure.js';
import { hasRelease } from '../../host/reply/facts.js';
import type { HostName } from '../../model/names.js';
import type { Release } from '../../model/releases/release.js';
import { causesOf } from '../../model/runs/alike.js';
import type { App } from '../../model/runs/app.js';
import type { SkippedHost } from '../../model/runs/plan.js';
import type { Size } from '../../model/runs/policy.js';
import { sizeOf } from '../../model/runs/size.js';
import { countText } from '../../model/text/count-text.js';
import { countedNames } from '../../model/text/name-ranges.js';
import { problem } from '../reading/host-problem.js';
import type { HostReading, ReadHost } from '../reading/host-reading.js';
import { judgeFacts } from './preflight.js';

export interface Reached {
  readonly hosts: readonly ReadHost[];
  readonly skipped: readonly SkippedHost[];
  /** Hosts that were not read, and that the run may not skip. */
  readonly missing: readonly HostComplaint[];
}

/** The codes of a host that is not there at all. */
const MAY_BE_SKIPPED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unreachable',
  'connect_timeout',
  'connection_lost',
]);

/** A host that cannot take part, and everything that is wrong there. */
export interface HostComplaint {
  readonly host: HostName;
  readonly failures: readonly HostFailure[];
}

/**
 * Divides the surveyed hosts into those that answered, those that may be skipped, and those that may
 * not. If more hosts could not be reached than `tolerate` allows, none may be skipped. A host that
 * answers with a wrong key, or refuses the login, is never skipped.
 */
export function reachedHosts(surveys: readonly HostReading[], tolerate: Size): Reached {
  const hosts = surveys.filter((survey) => survey.kind === 'read');
  const failed = surveys.filter((survey) => survey.kind === 'failed');
  const mistrusted = failed.some(({ failure }) => !MAY_BE_SKIPPED.has(failure.code));
  const allowed = sizeOf(tolerate, surveys.length, { floor: 0 });
  if (failed.length > allowed || mistrusted || hosts.length === 0) {
    const missing = failed.map(({ host, failure }) => ({ host: host.name, failures: [failure] }));
    return { hosts, skipped: [], missing };
  }
  const skipped = failed.map(({ host, failure }) => ({ host, reason: failure.message }));
  return { hosts, skipped, missing: [] };
}

export interface Requirements {
  readonly app: App;
  /** The release to send to hosts that lack it; absent for a rollback. */
  readonly release?: Release;
  /** Bytes on disk that archive and unpacked release take on a host that needs it. */
  readonly diskBytes: number;
  /** How many files and folders that is. */
  readonly inodes?: number | undefined;
}

/**
 * Throws the refusal of a run if any host cannot take part in it, or was not read and may not be
 * skipped. It lists every finding of every host.
 */
export function refuseUnfit(reached: Reached, needs: Requirements): void {
  const { hosts, skipped, missing } = reached;
  const complaints = [...missing, ...hosts.flatMap((read) => complaintOf(read, needs))];
  const asked = hosts.length + skipped.length + missing.length;
  if (complaints.length > 0) throw refusal(complaints, asked);
}

function complaintOf(read: ReadHost, needs: Requirements): readonly HostComplaint[] {
  const { host, facts } = read;
  const { app, release } = needs;
  const isThere = release !== undefined && hasRelease(facts, release);
  const failures = [
    ...twinFailures(read),
    ...judgeFacts(host, facts, isThere ? { app, diskBytes: 0 } : needs),
  ];
  return failures.length === 0 ? [] : [{ host: host.name, failures }];
}

/**
 * The refusal of a run for the findings on its hosts, one problem per cause. If all findings have one
 * code, it is the code; else it is `preflight_failed`. The exit code is that of the gravest finding
 * (locked, then unreachable, then the rest). `asked` is how many hosts there are.
 */
export function refusal(complaints: readonly HostComplaint[], asked: number): FleetError {
  const findings = complaints.flatMap(({ host, failures }) =>
    failures.map((failure) => ({ host, failure })),
  );
  const codes = [...new Set(findings.map(({ failure }) => failure.code))];
  const exits = codes.map(exitCodeOf);
  const exitCode =
    [EXIT.locked, EXIT.preflight].find((exit) => exits.includes(exit)) ?? EXIT.refused;
  const [only = 'preflight_failed', ...others] = codes;
  // A bad answer has a code of steps too, and those end with the exit code of a run.
  const single = others.length === 0 && exitCodeOf(only) === exitCode;
  const count = `${complaints.length} of ${countText(asked, 'host')}`;
  return new FleetError(
    single ? only : 'preflight_failed',
    `preflight refuses the run for ${count}; nothing was changed`,
    {
      exitCode,
      problems: causesOf(findings).map(({ hosts, message, hint }) => ({
        message: `${countedNames(hosts)}: ${message}`,
        hint,
      })),
    },
  );
}

/** One app may be on a machine under several roots. Two names for one root are a mistake. */
export function twinFailures({ host, facts, twin }: ReadHost): readonly HostFailure[] {
  if (twin === undefined) return [];
  const message = `${twin} and ${host.name} are one machine, and ${facts.rootPath} is one root`;
  const hint = 'keep one of the names in the inventory, or leave the other out with -l';
  return [problem('same_machine', message, hint)];
}
