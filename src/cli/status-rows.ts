import type { HostSurvey, ReadHost } from '../engine/admit.js';
import { currentOf, unitIsUp } from '../engine/draft.js';
import type { HostFacts } from '../host/protocol.js';
import { type Accounts, accountsOf, differenceText } from '../model/agreement.js';
import type { StatusRow } from '../ui/status-table.js';

/** What `fleet status` says of each host. */
export function statusRows(surveys: readonly HostSurvey[]): readonly StatusRow[] {
  const read = surveys.filter((survey) => survey.kind === 'read');
  const accounts = accountsOf(
    read.map(({ host, facts }) => ({
      host: host.name,
      current: currentOf(facts),
      releases: facts.releases,
    })),
  );
  return surveys.map((survey) =>
    survey.kind === 'read' ? readRow(survey, accounts) : unreadRow(survey),
  );
}

function readRow({ host, facts }: ReadHost, accounts: Accounts): StatusRow {
  const release = currentOf(facts);
  // One unit stands for all: the first that is not up, else the first.
  const unit = facts.units.find((each) => !unitIsUp(each)) ?? facts.units[0] ?? null;
  return {
    host: host.name,
    reachable: true,
    release,
    commit: facts.releases.find(({ id }) => id === release)?.meta.commit ?? null,
    phase: facts.phase,
    unit: unit && { active: unit.active, sub: unit.sub, mainPid: unit.mainPid },
    serving: facts.units.find(({ serving }) => serving !== null)?.serving ?? null,
    drift: driftOf(facts, accounts),
  };
}

function unreadRow({ host, failure }: Extract<HostSurvey, { kind: 'failed' }>): StatusRow {
  return {
    host: host.name,
    reachable: false,
    release: null,
    commit: null,
    phase: null,
    unit: null,
    serving: null,
    drift: null,
    error: failure,
  };
}

/** What is not as a finished run leaves it, the gravest first; null where all is well. */
function driftOf(facts: HostFacts, accounts: Accounts): string | null {
  const current = currentOf(facts);
  const wrong: string[] = [];
  if (facts.current.kind === 'foreign') wrong.push(`current is ${facts.current.what}`);
  if (facts.phase !== 'idle') wrong.push(`phase ${facts.phase}`);
  if (facts.run !== null) wrong.push(`claimed by ${facts.run}`);
  for (const unit of facts.units) {
    if (unit.load !== 'loaded') wrong.push(`${unit.unit} is ${unit.load}`);
    else if (current !== null && !unitIsUp(unit)) wrong.push(`${unit.unit} is ${unit.active}`);
    if (unit.serving !== null && unit.serving !== current) wrong.push(`runs ${unit.serving}`);
  }
  const link = linkDrift(facts);
  if (link !== null) wrong.push(link);
  const difference = current === null ? null : differenceText(accounts, current);
  if (difference !== null) wrong.push(`the hosts do not agree on ${current}: ${difference}`);
  return wrong.length === 0 ? null : wrong.join(', ');
}

/** What is odd of a link; one to another tool's release is not, where a run of fleet's went there. */
function linkDrift({ current, releases, to }: HostFacts): string | null {
  if (current.kind !== 'link') return null;
  const { release, target, leads } = current;
  if (leads === 'nowhere') return `current leads nowhere (${target})`;
  if (target !== undefined) return to === release ? null : `current is not of fleet (${target})`;
  const known = releases.find(({ id }) => id === release);
  if (known === undefined) return 'current is no release of fleet';
  return known.complete ? null : 'current has no folder';
}
