import type { HostReading, ReadHost } from '../../engine/reading/host-reading.js';
import { unreadUnits, unreadWords } from '../../engine/reading/unit-health.js';
import type { HostFacts, UnitReading } from '../../host/protocol/protocol.js';
import { currentOf, unitIsUp, whyUnread } from '../../host/reply/facts.js';
import type { ReleaseId } from '../../model/names.js';
import {
  type Accounts,
  accountsOf,
  differenceText,
} from '../../model/releases/choose/agreement.js';
import { isAdopted } from '../../model/releases/release.js';
import type { App } from '../../model/runs/app.js';
import type { ChangedUnitFile, StatusRow } from '../../ui/reports/status/table.js';

/** What `fleet status` shows of each host. */
export function statusRows(surveys: readonly HostReading[], app: App): readonly StatusRow[] {
  const read = surveys.filter((survey) => survey.kind === 'read');
  const accounts = accountsOf(
    read.map(({ host, facts }) => ({ host: host.name, releases: facts.releases })),
  );
  return surveys.map((survey) =>
    survey.kind === 'read' ? readRow(survey, app, accounts) : unreadRow(survey),
  );
}

function readRow({ host, facts }: ReadHost, app: App, accounts: Accounts): StatusRow {
  const release = currentOf(facts);
  const { serving, servingBy } = servingOf(facts);
  const isRead = unreadUnits(app.service.units, facts.units).length === 0;
  // One unit represents all: the first that is not up, else the first.
  const unit = facts.units.find((each) => !unitIsUp(each)) ?? facts.units[0] ?? null;
  return {
    host: host.name,
    reachable: true,
    release,
    commit: facts.releases.find(({ id }) => id === release)?.meta.commit ?? null,
    phase: facts.phase,
    unit: unit && { active: unit.active, sub: unit.sub, mainPid: unit.mainPid },
    serving,
    servingBy,
    linkMoved: movedText(facts) !== null,
    restartPending: isRead ? facts.units.some(({ pending }) => pending) : null,
    restarted: isRead ? facts.units.some(({ restarted }) => restarted) : null,
    drift: driftOf(facts, app, accounts),
    unitFiles: changedUnitFiles(facts),
  };
}

/** Unit files that are not as the current release has brought them. In a run they change with the release. */
function changedUnitFiles({ phase, run, unitFiles = [] }: HostFacts): readonly ChangedUnitFile[] {
  if (phase !== 'idle' || run !== null) return [];
  return unitFiles.flatMap(({ unit, found, brought, lines }) =>
    brought === undefined ? [] : [{ unit, found, brought, installed: lines ?? null }],
  );
}

const UNIT_FILE_WORDS = {
  file: 'was changed by hand',
  absent: 'was deleted',
  link: 'was replaced by a link (masked?)',
} as const satisfies Record<ChangedUnitFile['found'], string>;

/** One unit represents all: the first that runs another release than `current` names, else the first known. */
function servingOf(facts: HostFacts): Pick<UnitReading, 'serving' | 'servingBy'> {
  const known = facts.units.filter(({ serving }) => serving !== null);
  const odd = known.find(({ serving }) => serving !== currentOf(facts));
  return odd ?? known[0] ?? { serving: null, servingBy: null };
}

function unreadRow({ host, failure }: Extract<HostReading, { kind: 'failed' }>): StatusRow {
  return {
    host: host.name,
    reachable: false,
    release: null,
    commit: null,
    phase: null,
    unit: null,
    serving: null,
    servingBy: null,
    linkMoved: null,
    restartPending: null,
    restarted: null,
    drift: null,
    unitFiles: null,
    error: failure,
  };
}

/** What differs from how a finished run leaves a host, the worst first; null if nothing does. */
function driftOf(facts: HostFacts, { service }: App, accounts: Accounts): string | null {
  const current = currentOf(facts);
  const wrong: string[] = [];
  const unread = unreadWords(service.units, facts);
  if (unread !== null) wrong.push(unread);
  for (const part of ['state', 'releases'] as const) {
    const why = whyUnread(facts, part);
    if (why !== null) wrong.push(why);
  }
  if (facts.current.kind === 'foreign') wrong.push(`current is ${facts.current.what}`);
  if (facts.phase !== 'idle') wrong.push(`phase ${facts.phase}`);
  if (facts.run !== null) wrong.push(`claimed by ${facts.run}`);
  for (const unit of facts.units) {
    if (unit.load !== 'loaded') wrong.push(`${unit.unit} is ${unit.load}`);
    else if (current !== null && !unitIsUp(unit))
      wrong.push(unit.dead ?? `${unit.unit} is ${unit.active}`);
    if (unit.changed === true)
      wrong.push(`${unit.unit}: its file was changed, without daemon-reload`);
    wrong.push(...processDrift(unit, current));
  }
  for (const { unit, found } of changedUnitFiles(facts)) {
    wrong.push(`the unit file ${unit} ${UNIT_FILE_WORDS[found]} since its deploy`);
  }
  const moved = movedText(facts);
  if (moved !== null) wrong.push(moved);
  const link = linkDrift(facts);
  if (link !== null) wrong.push(link);
  const difference = current === null ? null : differenceText(accounts, current);
  if (difference !== null) wrong.push(`the hosts do not agree on ${current}: ${difference}`);
  return wrong.length === 0 ? null : wrong.join(', ');
}

function processDrift(unit: UnitReading, current: ReleaseId | null): readonly string[] {
  const { serving, pending } = unit;
  const later = pending ? ', restart pending: current was moved after it was started' : '';
  if (serving !== null && serving !== current) return [`${unit.unit} runs ${serving}${later}`];
  return pending ? [`the process of ${unit.unit} is older than current, restart pending`] : [];
}

/** How `current` differs from how fleet left it; null if it does not, during a run, or if fleet never moved it. */
function movedText({ phase, run, left, current }: HostFacts): string | null {
  if (left === null || run !== null || (phase !== 'idle' && phase !== 'down')) return null;
  if (current.kind === 'absent') return `current is gone; fleet left it on ${left}`;
  if (current.kind === 'foreign' || current.release === left) return null;
  return `current was moved by hand; fleet left it on ${left}`;
}

/** What is odd about a link. A link to another tool's release is not, if it was adopted or a run activated it. */
function linkDrift({ current, releases, to }: HostFacts): string | null {
  if (current.kind !== 'link') return null;
  const { release, target, leads } = current;
  if (leads === 'nowhere') return `current leads nowhere (${target})`;
  const known = releases.find(({ id }) => id === release);
  if (target !== undefined) {
    const isKnown = to === release || (known !== undefined && isAdopted(known.meta));
    return isKnown ? null : `current was not made by fleet (${target})`;
  }
  if (known === undefined) return 'current is not a release of fleet';
  return known.complete ? null : 'current has no folder';
}
