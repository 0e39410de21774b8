import { markdownTable } from './markdown.js';
import { median } from './median.js';
import { JOBS, type Results, TOOL_NAMES, type ToolName } from './results.js';
import {
  hasFailed,
  type Panel,
  panelsOf,
  roundTripsOf,
  type Summary,
  summarize,
} from './summary.js';

/** What each table shows of a tool beside the bare loop. */
const MEASURES: readonly {
  readonly title: string;
  readonly text: (own: Summary, loop: Summary | null) => string;
}[] = [
  {
    title: 'seconds (× ssh loop)',
    text: (own, loop) =>
      loop === null
        ? own.wall.toFixed(2)
        : `${own.wall.toFixed(2)} (${(own.wall / loop.wall).toFixed(2)})`,
  },
  { title: 'CPU ms a host', text: (own) => own.cpuPerHost.toFixed(1) },
  // Of the controller's own cores; what the hosts take is not in it.
  { title: 'hosts a second a core', text: (own) => (1000 / own.cpuPerHost).toFixed(1) },
  { title: 'MB in all / largest process', text: (own) => `${mb(own.memory)} / ${mb(own.largest)}` },
];

/** The measured cells, a heading for each job and network. */
export function comparisonTables(results: Results): string {
  return panelsOf(results)
    .flatMap((panel) => [
      `### ${panelTitle(panel)}`,
      ...MEASURES.map((measure) => markdownTable(measureRows(results, panel, measure))),
    ])
    .join('\n\n');
}

export function panelTitle({ job, rtt }: Panel): string {
  const words = job === 'deploy' ? 'Deploy of 1.6 MB' : 'Rollback';
  return `${words}, ${rtt === 0 ? 'no delay' : `${rtt} ms round-trip time`}`;
}

function measureRows(
  results: Results,
  panel: Panel,
  { title, text }: (typeof MEASURES)[number],
): readonly (readonly string[])[] {
  const { job, rtt, sizes, tools } = panel;
  const cell = (tool: ToolName, hosts: number): string => {
    const own = summarize(results, tool, { job, rtt, hosts });
    if (own !== null) return text(own, summarize(results, 'ssh loop', { job, rtt, hosts }));
    return hasFailed(results, tool, { job, rtt, hosts }) ? 'failed' : '–';
  };
  return [
    [title, ...sizes.map((hosts) => (hosts === 1 ? '1 host' : `${hosts} hosts`)), 'rounds'],
    ...tools.map((tool) => [
      tool,
      ...sizes.map((hosts) => cell(tool, hosts)),
      roundsText(results, panel, tool),
    ]),
  ];
}

function roundsText(results: Results, { job, rtt, sizes }: Panel, tool: ToolName): string {
  const rounds = sizes.map((hosts) => summarize(results, tool, { job, rtt, hosts })?.rounds ?? 0);
  const measured = rounds.filter((count) => count > 0);
  const [least, most] = [Math.min(...measured), Math.max(...measured)];
  if (measured.length === 0) return '–';
  return least === most ? `${least}` : `${least}–${most}`;
}

/** Round trips and connections of one host, as the proxy counted them. */
export function roundTripTable(results: Results): string {
  const rows = TOOL_NAMES.flatMap((tool) => {
    const counts = JOBS.map((job) => roundTripsOf(results, tool, job));
    if (counts.every((count) => count === null)) return [];
    return [
      [tool, ...counts.flatMap((c) => [`${c?.roundTrips ?? '–'}`, `${c?.connections ?? '–'}`])],
    ];
  });
  if (rows.length === 0) return 'Not measured.';
  const heads = JOBS.flatMap((job) => [`${job}: round trips`, 'connections']);
  return markdownTable([['tool', ...heads], ...rows]);
}

/** The machine, the versions, the commands, and how busy the machine was with other things. */
export function machineText({ machine, versions, commands, samples }: Results): string {
  if (commands.length === 0) return 'Not measured.';
  const rows = [...Object.entries(machine), ...Object.entries(versions)];
  const loads = samples.map(({ load }) => load);
  const days = samples.map(({ at }) => at.slice(0, 10)).toSorted();
  const load = `${median(loads).toFixed(1)} (at most ${Math.max(...loads).toFixed(1)})`;
  return [
    markdownTable([
      ['machine and tools', ''],
      ...rows.map(([name, value]) => [name, value]),
      ...(samples.length === 0
        ? []
        : [
            ['Load average before a run', load],
            ['Days', [...new Set([days[0] ?? '', days.at(-1) ?? ''])].join(' to ')],
          ]),
    ]),
    `\`\`\`sh\n${commands.join('\n')}\n\`\`\``,
  ].join('\n\n');
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
