import { closest, listOf, suggest } from '../../errors/did-you-mean.js';
import { FleetError, type Problem } from '../../errors/fleet-error.js';
import { asHostName, type HostName } from '../names.js';
import { matchesGlob } from '../text/glob.js';
import { expandHostRange } from '../text/host-range.js';
import type { Host } from './host.js';
import type { Inventory, Objection } from './inventory.js';

/** The operator's selection: groups by name, then a pattern that narrows them. */
export interface Selection {
  /** Group names, each possibly several joined by commas; `all` means every host. */
  readonly groups: readonly string[];
  /** Comma-separated host and group names or globs; `!` excludes. */
  readonly limit?: string | undefined;
}

/**
 * The selected hosts, each once, in inventory order. Throws `group_unknown`; `selection_empty` if no host is left (which
 * never means all hosts); and `inventory_invalid` if fleet cannot work on all of them.
 */
export function selectHosts(inventory: Inventory, selection: Selection): readonly Host[] {
  const hosts = selectKnown(inventory, selection);
  const objections = objectionsTo(inventory, hosts);
  if (objections.length === 0) return hosts;
  throw new FleetError('inventory_invalid', 'fleet cannot work on all selected hosts', {
    problems: objections.map(({ problem }) => problem),
  });
}

/** The usable selected hosts, and the problems of the others. */
export interface ShownHosts {
  readonly hosts: readonly Host[];
  readonly leftOut: readonly Problem[];
}

/** For showing: hosts that fleet cannot reach are left out. Throws if none would remain. */
export function selectShown(inventory: Inventory, selection: Selection): ShownHosts {
  const hosts = selectKnown(inventory, selection);
  const objections = objectionsTo(inventory, hosts);
  const out = new Set(objections.flatMap((each) => (each.hosts.length === 1 ? each.hosts : [])));
  const rest = hosts.filter((host) => !out.has(host.name));
  if (rest.length === 0) selectHosts(inventory, selection);
  return { hosts: rest, leftOut: objections.map(({ problem }) => problem) };
}

function objectionsTo(inventory: Inventory, hosts: readonly Host[]): readonly Objection[] {
  if (inventory.objections === undefined || inventory.objections.length === 0) return [];
  const selected = new Set(hosts.map((host) => host.name));
  return inventory.objections.filter((each) => each.hosts.every((name) => selected.has(name)));
}

function selectKnown(inventory: Inventory, selection: Selection): readonly Host[] {
  const groups = splitList(selection.groups);
  if (groups.length === 0) {
    throw new FleetError('selection_empty', 'no group is named', {
      hint: `name one with -g: ${listOf([...inventory.groups.keys()])}`,
    });
  }
  const chosen = new Set(groups.flatMap((name) => hostsOfGroup(inventory, name)));
  if (chosen.size === 0) {
    throw new FleetError('selection_empty', `no host is in ${groups.join(', ')}`, {
      hint: '`fleet inventory` shows which group holds what',
    });
  }
  const limited = selection.limit === undefined ? null : limitTo(inventory, selection.limit);
  const hosts = inventory.hosts.filter(
    (host) => chosen.has(host.name) && (limited?.(host) ?? true),
  );
  if (hosts.length > 0) return hosts;
  const limit = selection.limit ?? '';
  throw new FleetError(
    'selection_empty',
    `--limit ${limit} matches no host of ${groups.join(', ')}`,
    { hint: `it holds ${listOf([...chosen])}` },
  );
}

/** The names in repeated and comma-joined arguments, blanks dropped. */
export function splitList(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => text.split(',').map((part) => part.trim())).filter(Boolean);
}

function hostsOfGroup(inventory: Inventory, name: string): readonly HostName[] {
  const group = inventory.groups.get(name);
  if (group !== undefined) return group.hosts;
  const isHost = inventory.hosts.some((host) => host.name === name);
  const groups = [...inventory.groups.keys()];
  const near = closest(name, groups);
  throw new FleetError('group_unknown', `there is no group ${name}`, {
    hint: isHost
      ? `${name} is a host: -g all -l ${name}`
      : `${near === null ? '' : `did you mean ${near}? `}groups: ${listOf(groups)}`,
  });
}

type HostTest = (host: Host) => boolean;

/** A limit with only exclusions starts from every host. */
function limitTo(inventory: Inventory, limit: string): HostTest {
  const terms = splitList([limit]);
  const wanted = terms.filter((term) => !term.startsWith('!'));
  const unwanted = terms.filter((term) => term.startsWith('!')).map((term) => term.slice(1));
  const included = wanted.map((term) => matchesOfTerm(inventory, term));
  const excluded = unwanted.map((term) => matchesOfTerm(inventory, term));
  const startsFull = included.length === 0 && excluded.length > 0;
  return (host) =>
    (startsFull || included.some((names) => names.has(host.name))) &&
    !excluded.some((names) => names.has(host.name));
}

/** A term that matches nothing in the whole inventory is a typo, which would widen an exclusion. */
function matchesOfTerm(inventory: Inventory, term: string): ReadonlySet<HostName> {
  const range = expandHostRange(term);
  if (range.kind === 'malformed') throw new FleetError('usage', `--limit: ${range.reason}`);
  const found = new Set(range.names.flatMap((pattern) => matchesOfPattern(inventory, pattern)));
  if (found.size > 0) return found;
  const names = [...inventory.hosts.map((host) => host.name), ...inventory.groups.keys()];
  throw new FleetError('selection_empty', `--limit: ${term} is not a host or group`, {
    hint: suggest(term, names),
  });
}

function matchesOfPattern(inventory: Inventory, pattern: string): readonly HostName[] {
  if (!/[*?]/.test(pattern)) return matchesOfName(inventory, asHostName(pattern));
  const groups = [...inventory.groups.values()].filter((group) => matchesGlob(group.name, pattern));
  const hosts = inventory.hosts.filter((host) => matchesGlob(host.name, pattern));
  return [...hosts.map((host) => host.name), ...groups.flatMap((group) => group.hosts)];
}

function matchesOfName(inventory: Inventory, name: HostName): readonly HostName[] {
  const group = inventory.groups.get(name);
  if (group !== undefined) return group.hosts;
  return inventory.groups.get('all')?.hosts.includes(name) === true ? [name] : [];
}
