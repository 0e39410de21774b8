import { type ErrorCode, EXIT, exitCodeOf } from '../errors/codes.js';
import { FleetError } from '../errors/fleet-error.js';
import type { HostFailure } from '../errors/host-failure.js';
import type { HostFacts } from '../host/protocol.js';
import { fold } from '../model/fold.js';
import type { Host } from '../model/host.js';
import { namesText } from '../model/name-ranges.js';
import type { HostName } from '../model/names.js';
import type { SkippedHost } from '../model/plan.js';
import type { Size } from '../model/policy.js';
import { sizeOf } from '../model/size.js';

/** What preflight read of one host, or why it could not. */
export type HostSurvey =
  | ({ readonly kind: 'read' } & ReadHost)
  | { readonly kind: 'failed'; readonly host: Host; readonly failure: HostFailure };

export interface ReadHost {
  readonly host: Host;
  readonly facts: HostFacts;
  /** Another name of the selection that leads to the same root of the same machine. */
  readonly twin?: HostName | undefined;
}

export interface Reached {
  readonly hosts: readonly ReadHost[];
  readonly skipped: readonly SkippedHost[];
}

/** What a host that is simply not there looks like. */
const MAY_BE_SKIPPED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'unreachable',
  'connect_timeout',
  'connection_lost',
]);

/** A host that refuses, and everything that is wrong there. */
export interface HostComplaint {
  readonly host: HostName;
  readonly failures: readonly HostFailure[];
}

/**
 * Divides the surveyed hosts into those that answered and those that may be skipped.
 * Throws a refusal where more could not be reached than `tolerate` allows, and `same_machine`
 * where two names reach one machine. A host that answers, but not as it should (a wrong key, a
 * refused login), is never merely skipped.
 */
export function reachedHosts(surveys: readonly HostSurvey[], tolerate: Size): Reached {
  const hosts = surveys.filter((survey) => survey.kind === 'read');
  const failed = surveys.filter((survey) => survey.kind === 'failed');
  const mistrusted = failed.some(({ failure }) => !MAY_BE_SKIPPED.has(failure.code));
  const allowed = sizeOf(tolerate, surveys.length, { floor: 0 });
  if (failed.length > allowed || mistrusted || hosts.length === 0) {
    throw refusal(failed.map(({ host, failure }) => ({ host: host.name, failures: [failure] })));
  }
  refuseTwins(hosts);
  const skipped = failed.map(({ host, failure }) => ({ host, reason: failure.message }));
  return { hosts, skipped };
}

/**
 * The refusal of a run for what its hosts have said: one problem a kind of finding, the exit code that of
 * the gravest (locked, then unreachable, then the rest).
 */
export function refusal(complaints: readonly HostComplaint[]): FleetError {
  const findings = complaints.flatMap(({ host, failures }) =>
    failures.map((failure) => ({ host, failure })),
  );
  const code = gravest(findings.map(({ failure }) => failure.code));
  const count = complaints.length === 1 ? '1 host' : `${complaints.length} hosts`;
  return new FleetError(code, `preflight refuses the run for ${count}; nothing was changed`, {
    // A mistake of a whole fleet, a missing unit say, is told once with the hosts that have it.
    problems: fold(findings, alikeness).map((same) => ({
      message: `${namesText(same.map(({ host }) => host))}: ${same[0].failure.message}`,
      hint: same[0].failure.hint,
    })),
  });
}

interface Finding {
  readonly host: HostName;
  readonly failure: HostFailure;
}

const alikeness = ({ failure: { message, hint = '' } }: Finding): string => `${message}\n${hint}`;

/** The findings of one kind give the refusal their code; mixed ones are `preflight_failed`. */
function gravest(codes: readonly ErrorCode[]): ErrorCode {
  const order = [EXIT.locked, EXIT.preflight];
  for (const exit of order) {
    const found = codes.find((code) => exitCodeOf(code) === exit);
    if (found !== undefined) return found;
  }
  const [first] = codes;
  // What is wrong with an answer is a code of steps too, and those end with the exit code of a run.
  if (first === undefined || exitCodeOf(first) !== EXIT.refused) return 'preflight_failed';
  return codes.every((code) => code === first) ? first : 'preflight_failed';
}

/** One app may live on a machine under several roots; two names for one root are a mistake. */
function refuseTwins(hosts: readonly ReadHost[]): void {
  const problems = hosts.flatMap(twinFailures);
  const [first] = problems;
  if (first === undefined) return;
  if (problems.length === 1) throw new FleetError(first.code, first.message, { hint: first.hint });
  throw new FleetError(first.code, 'names of the selection lead to one root', { problems });
}

/** What a host of two names is refused with; empty where it has one. */
export function twinFailures({ host, facts, twin }: ReadHost): readonly HostFailure[] {
  if (twin === undefined) return [];
  return [
    {
      code: 'same_machine',
      message: `${twin} and ${host.name} are one machine, and ${facts.rootPath} is one root`,
      hint: 'keep one of the names in the inventory, or leave the other out with -l',
      step: 'preflight',
    },
  ];
}
