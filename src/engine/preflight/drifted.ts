import { pathText } from '../../errors/path-text.js';
import type { HostName } from '../../model/names.js';
import { type Difference, isHarmed, type ReleaseDrift } from '../../model/releases/drift.js';
import type { Plan } from '../../model/runs/plan.js';
import { countText } from '../../model/text/count-text.js';
import { countedNames } from '../../model/text/name-ranges.js';
import type { ComparedHost } from '../reading/compare-releases.js';
import { problem } from '../reading/host-problem.js';
import { type HostComplaint, refusal } from './admission.js';

/** So many paths are named of one host. */
const MOST_NAMED = 3;

/**
 * Refuses a plan whose release is not as it was deployed on a host that has it already. Files that were added do
 * not count. Returns a warning about hosts where that cannot be known.
 */
export function refuseDrifted(plan: Plan, compared: readonly ComparedHost[]): readonly string[] {
  const complaints = compared.flatMap((each) => complaintOf(plan, each));
  if (complaints.length > 0) throw refusal(complaints, plan.hosts.length);
  return unverifiedWarning(plan, compared);
}

/** The same findings as warnings, for a run that goes there all the same. */
export function driftWarnings(plan: Plan, compared: readonly ComparedHost[]): readonly string[] {
  const found = compared.flatMap((each) => complaintOf(plan, each));
  return [
    ...found.flatMap(({ host, failures }) =>
      failures.map(({ message }) => `${host}: ${message}; --force overrides`),
    ),
    ...unverifiedWarning(plan, compared),
  ];
}

function complaintOf(plan: Plan, compared: ComparedHost): readonly HostComplaint[] {
  const { host } = compared;
  if (compared.kind === 'failed') return [{ host, failures: [compared.failure] }];
  const harmed = compared.drifts.find(isHarmed);
  if (harmed === undefined) return [];
  const message = `release ${harmed.release} is not as it was deployed: ${harmText(harmed)}`;
  return [{ host, failures: [problem('release_drifted', message, hintFor(plan))] }];
}

function hintFor({ kind, group }: Plan): string {
  const look = `fleet status -g ${group} --verify --all shows every file`;
  return kind === 'rollback'
    ? `${look}; roll back to another release with --to, or go there all the same with --force`
    : `${look}; --release with a new id sends the release again`;
}

function harmText({ differences, more }: ReleaseDrift): string {
  const harm = differences.filter(({ what }) => what !== 'added');
  if (harm.length === 0) return 'its folder is gone';
  const named = harm.slice(0, MOST_NAMED).map(differenceText).join(', ');
  const rest = harm.length - MOST_NAMED;
  if (rest <= 0) return named;
  return `${named}, and ${more ? 'at least ' : ''}${countText(rest, 'other path')}`;
}

const differenceText = ({ path, what }: Difference): string => `${pathText(path)} ${WORDS[what]}`;

const WORDS = {
  changed: 'changed',
  missing: 'is missing',
  added: 'was added',
  mode: 'has another mode',
  link: 'leads elsewhere',
  kind: 'is of another kind',
  unreadable: 'cannot be read',
} as const satisfies Record<Difference['what'], string>;

function unverifiedWarning(
  { release }: Plan,
  compared: readonly ComparedHost[],
): readonly string[] {
  const names = compared
    .filter(
      (each) => each.kind === 'read' && each.drifts.some(({ state }) => state === 'unverified'),
    )
    .map(({ host }): HostName => host);
  if (names.length === 0) return [];
  return [
    `${countedNames(names)}: ${release.id} has no manifest there, so its files cannot be verified`,
  ];
}
