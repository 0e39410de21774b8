import { EXIT, type ExitCode } from '../../../errors/codes.js';
import { FleetError } from '../../../errors/fleet-error.js';
import {
  type HostGap,
  type HostThen,
  hostThen,
  isDoubt,
} from '../../../history/answers/host-gaps.js';
import type { HistoryStore } from '../../../history/store.js';
import { type GapRow, type HostAtRow, hostAtLines } from '../../../ui/reports/history/host-at.js';
import { localDateTime } from '../../../ui/text/format.js';
import { stageText } from '../../../ui/text/labels.js';
import type { Context } from '../../context/context.js';
import { printJson, printLines, tableLook } from '../../context/output.js';
import { askedTime } from '../../records/asked-runs.js';
import type { HistoryOptions } from '../../session/history-flags.js';

export interface AskedHost {
  readonly host: string;
  readonly at: Date;
}

/** The host and the time that `--host` and `--at` ask about; null without `--at`. Throws `usage`. */
export function askedHost(context: Context, options: HistoryOptions): AskedHost | null {
  const at = askedTime(context, options.at, ['--at', 'end']);
  if (at === undefined) return null;
  const { host } = options;
  if (host === undefined) {
    throw new FleetError('usage', '--at needs --host', {
      hint: `Name a host: fleet history --host HOST --at ${JSON.stringify(options.at)}`,
    });
  }
  const besides = NOT_BESIDE.filter((key) => options[key] !== undefined);
  if (besides.length > 0 || options.group.length > 0) {
    const named = [...besides, ...(options.group.length > 0 ? ['group'] : [])];
    throw new FleetError(
      'usage',
      `--at and ${named.map((key) => `--${key}`).join(', ')} exclude each other`,
      {
        hint: '--host and --at ask for one moment of one host; only --app narrows that.',
      },
    );
  }
  const now = context.clock.now();
  const isDay = !/[:a-z]/i.test(options.at ?? '');
  if (at > now && !isDay && options.at !== 'today') {
    throw new FleetError('usage', `--at ${JSON.stringify(options.at)} is in the future`, {
      hint: `fleet status -l ${host} shows what it runs now.`,
    });
  }
  return { host, at: new Date(Math.min(at.getTime(), now.getTime())) };
}

const NOT_BESIDE = ['since', 'until', 'by', 'state', 'release', 'kind', 'before', 'csv'] as const;

/** Which release a host was on; 3 if the record cannot tell for certain. */
export async function showHostAt(
  context: Context,
  options: HistoryOptions,
  {
    store,
    asked,
    apps,
  }: {
    readonly store: HistoryStore;
    readonly asked: AskedHost;
    readonly apps: readonly string[] | undefined;
  },
): Promise<ExitCode> {
  const all = await hostThen(store, asked);
  const found = apps === undefined ? all : all.filter(({ app }) => apps.includes(app));
  const rows = found.map(rowOf);
  const { host } = asked;
  const at = asked.at.toISOString();
  if (options.json === true) printJson(context, { schemaVersion: 1, host, at, apps: rows });
  else if (rows.length === 0) {
    const known = await store.listRuns({ apps, host, limit: 1 });
    printLines(context.stdout, [`The history has nothing of ${host} at ${localDateTime(at)}.`]);
    printLines(context.stderr, [unknownHint(host, known.length > 0)]);
  } else {
    printLines(context.stdout, hostAtLines({ host, at, apps: rows }, tableLook(context, options)));
  }
  return rows.length > 0 && rows.every(({ sure }) => sure) ? EXIT.ok : EXIT.partial;
}

const unknownHint = (host: string, isKnown: boolean): string =>
  isKnown
    ? `Its runs are later: fleet history --host ${host}`
    : 'No run had a host of that name; fleet inventory lists the hosts.';

function rowOf({ app, release, seen, brought, gaps }: HostThen): HostAtRow {
  const run = brought?.run;
  return {
    app,
    release,
    version: run !== undefined && run.release.id === release ? run.release.version : null,
    sure: !gaps.some(isDoubt),
    seen,
    brought: brought === null ? null : { ...brought.run, at: brought.at },
    gaps: gaps.map(gapRow),
  };
}

function gapRow(gap: HostGap): GapRow {
  const run = gap.kind === 'not-brought' ? null : gap.run.run;
  return { kind: gap.kind, run, text: gapText(gap) };
}

function gapText(gap: HostGap): string {
  switch (gap.kind) {
    case 'unsure':
      return `run ${gap.run.run} could not tell where it left it (${stageText(gap.run.state)}); the release is that before this run`;
    case 'unfinished':
      return `run ${gap.run.run} of ${localDateTime(gap.run.startedAt)} has no end in the history: it runs, its controller died, or the history is incomplete; on ${gap.run.bastion}: fleet history sync ${gap.run.run}`;
    case 'under-way':
      return `run ${gap.run.run} was under way then, to ${gap.run.release.id}`;
    case 'contradicted':
      return `the next run, ${gap.run.run}, found it on ${gap.found ?? 'no release'}: what changed it is not in this history`;
    case 'adopted':
      return `fleet did not bring it: ${gap.run.operator} did, and fleet adopt recorded it later by what lay on the host`;
    case 'not-brought':
      return 'no run of this history has brought it: it is older than the history, or it was adopted';
    default:
      return gap satisfies never;
  }
}
