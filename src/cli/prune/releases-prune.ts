import {
  findPrunable,
  type Prunable,
  type Pruned,
  pruneReleases,
} from '../../engine/held/prune-releases.js';
import type { HostReading } from '../../engine/reading/host-reading.js';
import { EXIT, type ExitCode } from '../../errors/codes.js';
import { countText } from '../../model/text/count-text.js';
import { groupBy } from '../../model/text/group-by.js';
import { countedNames } from '../../model/text/name-ranges.js';
import { failureJson } from '../../ui/json/parts.js';
import { type TableLook, tableLines } from '../../ui/text/table.js';
import { readTarget, withLink } from '../connect/reading.js';
import type { Action } from '../context/command.js';
import { obtainConsent, refuseUnattended } from '../context/consent.js';
import type { Context } from '../context/context.js';
import { hostFields, noted } from '../context/noted.js';
import { printJson, printLines, printWarning, tableLook } from '../context/output.js';
import { newRunId } from '../context/run-id.js';
import type { Target } from '../context/workspace.js';
import { failedHosts } from '../reports/failed-hosts.js';
import type { PruneOptions } from '../session/flags.js';

const CONSENT = {
  asks: 'a prune asks before it deletes anything',
  instead: '--dry-run to see what it would delete',
};

/** `fleet releases prune -g GROUP`: deletes releases that neither `keep` nor `keep_for` keeps. */
export const pruneCommand: Action<PruneOptions> = async (context, options) => {
  const dryRun = options.dryRun === true;
  if (!dryRun) refuseUnattended(context, options, CONSENT);
  const { target, surveys } = await readTarget(context, options);
  const reads = surveys.filter((each) => each.kind === 'read');
  const all = findPrunable(reads, target.app, context.clock.now());
  const prunable = all.filter(({ remove }) => remove.length > 0);
  const unread = unreadOf(surveys);
  const count = prunable.reduce((sum, { remove }) => sum + remove.length, 0);
  if (options.json !== true) {
    const out = dryRun ? context.stdout : context.stderr;
    printLines(out, prunableLines(prunable, tableLook(context, options)));
    for (const line of failedHosts(unread)) printWarning(context, line);
  }
  if (dryRun || prunable.length === 0) {
    if (options.json === true)
      printJson(context, pruneJson(target, { dryRun, prunable, failed: unread }));
    return exitFor([], unread.length);
  }
  const where = `${countText(prunable.length, 'host')} of ${target.group}`;
  const question = `Delete ${countText(count, 'release')} on ${where}?`;
  await obtainConsent(context, options, { ...CONSENT, question });
  const results = await carryOut(context, options, { target, prunable });
  const failed = [...unread, ...failuresOf(results)];
  if (options.json === true) {
    printJson(context, pruneJson(target, { dryRun, prunable, failed, results }));
  } else printLines(context.stdout, resultLines(results));
  for (const line of warningsOf(results, options)) printWarning(context, line);
  return exitFor(results, unread.length);
};

function carryOut(
  context: Context,
  options: PruneOptions,
  { target, prunable }: { readonly target: Target; readonly prunable: readonly Prunable[] },
): Promise<readonly Pruned[]> {
  const { leaseMs } = target.app.policy;
  const who = { run: newRunId(context), owner: context.operator, leaseMs };
  return noted(context, deedOf(target, prunable), () =>
    withLink(context, options, (link, interrupt) => {
      const work = { ...who, call: link.to(target).caller(), interrupt };
      return pruneReleases(prunable, { app: target.app, work });
    }),
  );
}

function resultLines(results: readonly Pruned[]): readonly string[] {
  const removed = results.reduce((sum, each) => sum + each.removed.length, 0);
  return [`Deleted ${countText(removed, 'release')}.`];
}

/** Failures are in the JSON already. */
function warningsOf(results: readonly Pruned[], { json }: PruneOptions): readonly string[] {
  const stuck = results.flatMap(({ host, warnings }) =>
    warnings.map((warning) => `${host}: ${warning}`),
  );
  return json === true ? stuck : [...failedHosts(failuresOf(results)), ...stuck];
}

type Failed = readonly {
  readonly host: string;
  readonly failure: Parameters<typeof failureJson>[0];
}[];

const unreadOf = (surveys: readonly HostReading[]): Failed =>
  surveys.flatMap((each) =>
    each.kind === 'failed' ? [{ host: each.host.name, failure: each.failure }] : [],
  );

const failuresOf = (results: readonly Pruned[]): Failed =>
  results.flatMap(({ host, failure }) => (failure === null ? [] : [{ host, failure }]));

function prunableLines(prunable: readonly Prunable[], look: TableLook): readonly string[] {
  if (prunable.length === 0) return ['No release is beyond what is kept.'];
  const rows = prunable.flatMap(({ read, remove }) =>
    remove.map((id) => ({
      host: read.host.name,
      id,
      standing: read.facts.releases.find((known) => known.id === id)?.standing ?? '',
    })),
  );
  type Same = readonly [(typeof rows)[number], ...(typeof rows)[number][]];
  return tableLines<Same>(
    [
      { title: 'DELETE', cell: ([{ id }]) => id },
      { title: 'STATE', cell: ([{ standing }]) => standing },
      { title: 'HOSTS', cell: (same) => countedNames(same.map(({ host }) => host)) },
    ],
    groupBy(rows, ({ id, standing }) => `${id} ${standing}`),
    look,
  );
}

function pruneJson(
  { app, group }: Target,
  end: {
    readonly dryRun: boolean;
    readonly prunable: readonly Prunable[];
    readonly failed: Failed;
    readonly results?: readonly Pruned[];
  },
) {
  const removedOn = new Map((end.results ?? []).map(({ host, removed }) => [host, removed]));
  return {
    schemaVersion: 1,
    app: app.name,
    group,
    dryRun: end.dryRun,
    hosts: end.prunable.map(({ read: { host }, remove }) => ({
      host: host.name,
      beyond: [...remove],
      deleted: [...(removedOn.get(host.name) ?? [])],
    })),
    failed: end.failed.map(({ host, failure }) => ({ host, error: failureJson(failure) })),
  };
}

/** 0 if all was done, 3 if hosts could not be read, 4 if one failed, 7 if others have the hosts. */
function exitFor(results: readonly Pruned[], unread: number): ExitCode {
  const codes = failuresOf(results).map(({ failure }) => failure.code);
  if (codes.includes('interrupted')) return EXIT.interrupted;
  if (codes.length > 0) return codes.every((code) => code === 'locked') ? EXIT.locked : EXIT.failed;
  return unread > 0 ? EXIT.partial : EXIT.ok;
}

function deedOf({ app, group }: Target, prunable: readonly Prunable[]) {
  const fields = {
    app: app.name,
    group,
    ...hostFields(prunable.map(({ read }) => read.host.name)),
  };
  const outcome = (results: readonly Pruned[]) => ({
    deleted: `${results.reduce((sum, { removed }) => sum + removed.length, 0)}`,
    failed: `${failuresOf(results).length}`,
  });
  return { kind: 'prune', fields, outcome } as const;
}
