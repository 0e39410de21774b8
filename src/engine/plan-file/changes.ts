import type { Host } from '../../model/hosts/host.js';
import type { HostName } from '../../model/names.js';
import type { Release } from '../../model/releases/release.js';
import type { HostPlan, Plan } from '../../model/runs/plan.js';
import type { PlanFile } from '../../model/runs/plan-file.js';
import { groupBy } from '../../model/text/group-by.js';
import { namesText } from '../../model/text/name-ranges.js';
import { type Difference, differences } from './differences.js';
import { changeText, settingName } from './setting-text.js';

/** Names in one line of a refusal. */
const NAMES_WIDTH = 60;

/**
 * What would be different if a plan was made again now, one line for each cause, hosts folded. Both
 * are portable. Every field of a plan counts, also one that is added later, unless it is named here.
 */
export function changesOf(was: Plan, is: Plan): readonly string[] {
  const causes = [
    ...releaseChanges(was.release, is.release),
    ...selectionChanges(was, is),
    ...endpointChanges(hostsIn(was), hostsIn(is)),
    ...configChanges(was, is),
    ...hostChanges(was, is),
    ...otherChanges(was, is),
  ];
  return causes.length > 0 ? causes : consequences(was, is);
}

/** The settings of fleet.yaml that apply, as they were and as they are; not whether it has other apps too. */
export const configChanges = (was: Pick<Plan, 'app'>, is: Pick<Plan, 'app'>): readonly string[] =>
  differences(was.app, is.app)
    .filter(({ path: [key = ''] }) => key !== 'several')
    .map(settingChange);

const settingChange = ({ path, was, is }: Difference): string =>
  `config: ${settingName(path)}: ${changeText(path, was, is)}`;

type Maker = PlanFile['fleet'];

/** Another fleet may plan, and work, otherwise. */
export function fleetChanges(was: Maker, is: Maker): readonly string[] {
  if (was.version !== is.version)
    return [`fleet: ${changeText(['version'], was.version, is.version)}`];
  if (was.program === is.program) return [];
  const [before, now] = [was.program.slice(0, 12), is.program.slice(0, 12)];
  return [`fleet: its host program: ${changeText(['program'], before, now)}`];
}

export function releaseChanges(was: Release, is: Release): readonly string[] {
  const keys = ['id', 'digest', 'commit'] as const;
  return keys
    .filter((key) => was[key] !== is[key])
    .map(
      (key) => `release: ${NAME_OF[key]}: ${changeText([key], shown(was[key]), shown(is[key]))}`,
    );
}

const NAME_OF = { id: 'id', digest: 'content', commit: 'commit' } as const;

const shown = (value: string | null): string | null => value?.slice(0, 40) ?? null;

/** What a plan does with each host of its selection. */
function placesOf({ hosts, unchanged, skipped }: Plan): ReadonlyMap<HostName, string> {
  return new Map([
    ...hosts.map(({ host }) => [host.name, 'to be updated'] as const),
    ...unchanged.map((name) => [name, 'on the release already'] as const),
    ...skipped.map(({ host }) => [host.name, 'not reached'] as const),
  ]);
}

/** Every host of a plan's selection. */
export const namesIn = (plan: Plan): readonly HostName[] => [...placesOf(plan).keys()];

/** Hosts that came and went. */
export function nameChanges(
  was: readonly HostName[],
  is: readonly HostName[],
  group: string,
): readonly string[] {
  const [before, now] = [new Set(was), new Set(is)];
  const added = is.filter((name) => !before.has(name));
  const gone = was.filter((name) => !now.has(name));
  return [
    ...(added.length === 0 ? [] : [`hosts: new in ${group}: ${namesText(added, NAMES_WIDTH)}`]),
    ...(gone.length === 0
      ? []
      : [`hosts: not in ${group} any more: ${namesText(gone, NAMES_WIDTH)}`]),
  ];
}

function selectionChanges(before: Plan, now: Plan): readonly string[] {
  const [was, is] = [placesOf(before), placesOf(now)];
  const moved = [...is].flatMap(([name, place]) => {
    const earlier = was.get(name);
    return earlier === undefined || earlier === place
      ? []
      : [{ name, text: `${earlier} → ${place}` }];
  });
  return [...nameChanges([...was.keys()], [...is.keys()], now.group), ...folded('hosts', moved)];
}

/** The hosts that a plan has settings of: those on the release already are named only. */
const hostsIn = ({ hosts, skipped }: Plan): readonly Host[] =>
  [...hosts, ...skipped].map(({ host }) => host);

/** Where a host is reached, and how; both as in a portable plan. */
export function endpointChanges(was: readonly Host[], is: readonly Host[]): readonly string[] {
  const before = new Map(was.map((host) => [host.name, host]));
  const told = is.flatMap((now) => {
    const then = before.get(now.name);
    const found = then === undefined ? [] : differences(then, now);
    return found.map(({ path, was: old, is: other }) => ({
      name: now.name,
      text: `${settingName(path)}: ${changeText(path, old, other)}`,
    }));
  });
  return folded('hosts', told);
}

/**
 * Fields of a host that are compared elsewhere, follow from others, or name the run. A delta makes the same
 * release as the whole, and depends on what this machine knows of other releases.
 */
const FOLLOWING: ReadonlySet<string> = new Set([
  ...['host', 'txn', 'wave', 'prune', 'earlier', 'delta'],
]);

function hostChanges(was: Plan, is: Plan): readonly string[] {
  const before = new Map(was.hosts.map((each) => [each.host.name, each]));
  const told = is.hosts.flatMap((now) => {
    const then = before.get(now.host.name);
    const found = then === undefined ? [] : differences(comparable(then), comparable(now));
    return found
      .filter(({ path: [key = ''] }) => !FOLLOWING.has(key))
      .map((difference) => ({ name: now.host.name, ...hostChange(difference) }));
  });
  return groupBy(told, ({ topic }) => topic).flatMap((same) => folded(same[0].topic, same));
}

/** Why a host is out of service is text for people, and may have figures in it. */
function comparable({ condition: { kind }, ...host }: HostPlan) {
  return { ...host, condition: kind };
}

interface Told {
  readonly name: HostName;
  readonly text: string;
}

function hostChange({ path, was, is }: Difference): {
  readonly topic: string;
  readonly text: string;
} {
  const [key = ''] = path;
  switch (key) {
    case 'epoch':
      return { topic: 'runs', text: 'another run or recovery has locked it since then' };
    case 'from':
      return {
        topic: 'current release',
        text: changeText(path, was ?? 'nothing', is ?? 'nothing'),
      };
    default:
      return { topic: 'state', text: `${settingName(path)}: ${changeText(path, was, is)}` };
  }
}

/** `topic: web[01:04]: text`, one line for each text. */
const folded = (topic: string, told: readonly Told[]): readonly string[] =>
  groupBy(told, ({ text }) => text).map((same) => {
    const names = same.map(({ name }) => name);
    return `${topic}: ${namesText(names, NAMES_WIDTH)}: ${same[0].text}`;
  });

/** Compared above, or of the run and not of what it does. A rollback after it depends on this machine's history. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  ...['app', 'release', 'hosts', 'skipped', 'unchanged'],
  ...[
    'run',
    'operator',
    'person',
    'createdAt',
    'reason',
    'backTo',
    'madeFrom',
    'approval',
    'uploadBytes',
  ],
]);

/** They follow from hosts and config; named only if nothing else has changed. */
const CONSEQUENCES: ReadonlySet<string> = new Set(['waves', 'approvals', 'limits']);

const otherChanges = (was: Plan, is: Plan): readonly string[] =>
  differences(was, is)
    .filter(({ path: [key = ''] }) => !ELSEWHERE.has(key) && !CONSEQUENCES.has(key))
    .map(
      ({ path, was: before, is: now }) =>
        `plan: ${settingName(path)}: ${changeText(path, before, now)}`,
    );

function consequences(was: Plan, is: Plan): readonly string[] {
  const rest = (plan: Plan) => ({
    waves: plan.waves,
    approvals: plan.approvals,
    limits: plan.limits,
    order: plan.hosts.map(({ host }) => host.name),
    hosts: Object.fromEntries(
      plan.hosts.map(({ host, wave, prune, earlier }) => [host.name, { wave, prune, earlier }]),
    ),
  });
  return differences(rest(was), rest(is)).map(
    ({ path, was: before, is: now }) =>
      `plan: ${settingName(path)}: ${changeText(path, before, now)}`,
  );
}
