import { printableLine } from '../../../errors/printable.js';
import { TOOL_TRAITS } from '../../../model/adopt/tool.js';
import { countText } from '../../../model/text/count-text.js';
import { groupBy } from '../../../model/text/group-by.js';
import { countedNames, namesText } from '../../../model/text/name-ranges.js';
import type { Style } from '../../terminal/style.js';
import { failureBlock, failureKey } from '../../text/failure.js';
import { localDateTime } from '../../text/format.js';
import { type TableLook, tableLines } from '../../text/table.js';
import type { AdoptReleaseRow, AdoptReport, AdoptRow } from './rows.js';

/** What will be, or was, adopted; hosts with the same release share a line. Then what a person should know. */
export function adoptLines(report: AdoptReport, look: TableLook): readonly string[] {
  const { style } = look;
  return [
    ...releaseTable(report, look),
    ...leftLines(report, style),
    ...noteLines(report, style),
    ...refusalLines(report, style),
  ];
}

type OnHost = AdoptReleaseRow & { readonly host: string };

function releaseTable({ hosts }: AdoptReport, look: TableLook): readonly string[] {
  const rows = hosts.flatMap(({ host, releases }) =>
    releases.map((release): OnHost => ({ ...release, host })),
  );
  const groups = groupBy(rows, ({ host: _, digest: __, ...release }) =>
    JSON.stringify(release),
  ).toSorted(([a], [b]) => ((a.deployedAt ?? '') < (b.deployedAt ?? '') ? 1 : -1));
  type Group = readonly [OnHost, ...OnHost[]];
  const { dash } = look.style.symbols;
  return tableLines<Group>(
    [
      { title: 'RELEASE', cell: ([{ name }]) => name },
      { title: 'COMMIT', optional: true, cell: ([{ commit }]) => commit?.slice(0, 7) ?? dash },
      {
        title: 'DEPLOYED',
        optional: true,
        cell: ([{ deployedAt }]) => (deployedAt === null ? dash : localDateTime(deployedAt)),
      },
      { title: 'BY', optional: true, cell: ([{ deployer }]) => deployer ?? '' },
      { title: 'STATE', cell: ([release]) => stateText(release) },
      { title: 'HOSTS', cell: (group) => onHosts(group, hosts) },
    ],
    groups,
    look,
  );
}

function onHosts(group: readonly OnHost[], hosts: readonly AdoptRow[]): string {
  const names = group.map(({ host }) => host);
  return names.length === hosts.length && names.length > 1
    ? `all ${names.length}`
    : countedNames(names, 40);
}

const stateText = ({ state, current, known }: AdoptReleaseRow): string =>
  [state, ...(current ? ['current'] : []), ...(known ? ['adopted before'] : [])].join(', ');

function leftLines({ hosts }: AdoptReport, style: Style): readonly string[] {
  const rows = hosts.flatMap(({ host, left }) => left.map((each) => ({ ...each, host })));
  const groups = groupBy(rows, ({ name, reason }) => `${name}\0${reason}`);
  return groups.map((group) => {
    const [{ name, reason }] = group;
    const where = countedNames(group.map(({ host }) => host));
    const mark = style.dim(style.symbols.skipped);
    return `${mark} releases/${printableLine(name)} is left alone on ${where}: ${reason}`;
  });
}

function noteLines(report: AdoptReport, style: Style): readonly string[] {
  const { hosts, differing, shared, dryRun } = report;
  const tools = groupBy(
    hosts.filter(({ tool }) => tool !== null),
    ({ tool }) => tool ?? '',
  ).map((group) => {
    const { tool } = group[0];
    const label = tool === null ? '' : TOOL_TRAITS[tool].label;
    return `${label} deployed ${namesText(group.map(({ host }) => host))}.`;
  });
  const relinked = hosts.filter(({ relink }) => relink).map(({ host }) => host);
  const link =
    relinked.length === 0
      ? []
      : [`current ${dryRun ? 'becomes' : 'is now'} a relative link on ${namesText(relinked)}.`];
  const staged = hosts.some(({ releases }) =>
    releases.some(({ state, current }) => state === 'staged' && !current),
  );
  const warning = style.yellow(style.symbols.warning);
  return [
    ...tools,
    ...link,
    ...(staged
      ? ['A staged release has no record that it ran: to roll back to it, add --force.']
      : []),
    ...(differing.length === 0
      ? []
      : [`${warning} The content of ${namesText(differing)} is not the same on all hosts.`]),
    ...sharedLines(shared, warning),
  ];
}

function sharedLines(shared: AdoptReport['shared'], warning: string): readonly string[] {
  const { missing, extra, unlike } = shared;
  const paths = (all: readonly string[]): string => all.map(printableLine).join(', ');
  return [
    ...(missing.length === 0
      ? []
      : [
          `${warning} The current releases share paths that fleet.yaml does not. Add to it, under shared:`,
          ...missing.map((path) => `    - ${JSON.stringify(path)}`),
        ]),
    ...(extra.length === 0
      ? []
      : [`${warning} fleet.yaml shares ${paths(extra)}; the current releases do not.`]),
    ...unlike.map(
      ({ path, target }) =>
        `${warning} ${printableLine(path)} leads to shared/${printableLine(target)}: fleet shares a path only under its own name.`,
    ),
  ];
}

function refusalLines({ hosts }: AdoptReport, style: Style): readonly string[] {
  const failed = hosts.flatMap(({ host, error }) => (error === null ? [] : [{ host, error }]));
  return groupBy(failed, ({ error }) => failureKey(error)).flatMap((group) =>
    failureBlock(namesText(group.map(({ host }) => host)), group[0].error, style),
  );
}

/** The question before anything is changed. */
export function adoptQuestion({ hosts, group }: AdoptReport): string {
  const planned = hosts.filter(({ state }) => state === 'planned');
  const ids = planned.flatMap(({ releases }) =>
    releases.filter(({ known }) => !known).map(({ id }) => id),
  );
  const what = countText(new Set(ids).size, 'release');
  return `Adopt ${what} on ${countText(planned.length, 'host')} of ${group}? Nothing is deleted.`;
}
