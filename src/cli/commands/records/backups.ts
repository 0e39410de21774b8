import {
  type ChosenBackup,
  chooseBackups,
  type Restored,
  restoreBackups,
} from '../../../engine/held/restore-backups.js';
import { EXIT, type ExitCode } from '../../../errors/codes.js';
import { countText } from '../../../model/text/count-text.js';
import { countedNames, namesText } from '../../../model/text/name-ranges.js';
import { failureJson } from '../../../ui/json/parts.js';
import { backupLines } from '../../../ui/reports/backups/table.js';
import { exitForSurveys, readTarget, withLink } from '../../connect/reading.js';
import type { Action } from '../../context/command.js';
import { obtainConsent, refuseUnattended } from '../../context/consent.js';
import type { Context } from '../../context/context.js';
import { hostFields, noted } from '../../context/noted.js';
import type { CommonOptions } from '../../context/options.js';
import { printJson, printLines, printWarning, tableLook } from '../../context/output.js';
import { newRunId } from '../../context/run-id.js';
import type { Target } from '../../context/workspace.js';
import { backupRow } from '../../reports/backup-rows.js';
import { failedHosts } from '../../reports/failed-hosts.js';
import type { RestoreOptions } from '../../session/flags.js';

/** `fleet backups -g GROUP`: what each host has kept before its link moved. */
export const backups: Action<CommonOptions> = async (context, options) => {
  const { target, surveys } = await readTarget(context, options, { backups: true });
  const rows = surveys.flatMap((each) =>
    each.kind === 'read'
      ? (each.facts.backups ?? []).map((backup) => backupRow(each.host.name, backup))
      : [],
  );
  if (options.json === true) {
    const { app, group } = target;
    printJson(context, { schemaVersion: 1, app: app.name, group, backups: rows });
  } else printLines(context.stdout, backupLines(rows, tableLook(context, options)));
  return exitForSurveys(surveys);
};

const CONSENT = {
  asks: 'a restore asks before it changes anything',
  instead: '--dry-run to see what it would do',
};

/** `fleet backups restore RUN -g GROUP`: brings back what hosts had before that run. */
export const restore: Action<RestoreOptions> = async (context, options, [reference = '']) => {
  const dryRun = options.dryRun === true;
  if (!dryRun) refuseUnattended(context, options, CONSENT);
  const { target, surveys } = await readTarget(context, options, { backups: true });
  const reads = surveys.filter((each) => each.kind === 'read');
  const { chosen, without } = chooseBackups(reads, reference);
  const unread = surveys.flatMap((each) =>
    each.kind === 'failed' ? [{ host: each.host.name, failure: each.failure }] : [],
  );
  const show = { target, chosen, without };
  if (options.json !== true || !dryRun) showChosen(context, options, show);
  if (dryRun) {
    if (options.json === true) printJson(context, resultJson(show, { dryRun, failed: unread }));
    return exitFor([], unread, without.length);
  }
  const where = `${countText(chosen.length, 'host')} of ${target.group}`;
  await obtainConsent(context, options, {
    ...CONSENT,
    question: `Restore the backup of run ${runOf(chosen)} on ${where}?`,
  });
  const results = await carryOut(context, options, show);
  const failed = [...unread, ...failuresOf(results)];
  if (options.json === true) {
    printJson(context, resultJson(show, { dryRun, failed, results }));
  } else {
    printLines(context.stdout, resultLines(results));
    for (const line of failedHosts(failed)) printWarning(context, line);
  }
  return exitFor(results, failed, without.length);
};

function carryOut(
  context: Context,
  options: RestoreOptions,
  { target, chosen }: Shown,
): Promise<readonly Restored[]> {
  const who = { run: newRunId(context), owner: context.operator };
  return noted(context, deedOf(target, chosen), () =>
    withLink(context, options, (link, interrupt) =>
      restoreBackups(chosen, {
        app: target.app,
        keeps: options.backup,
        work: { ...who, call: link.to(target).caller(), interrupt },
      }),
    ),
  );
}

interface Shown {
  readonly target: Target;
  readonly chosen: readonly ChosenBackup[];
  readonly without: readonly string[];
}

const runOf = ([first]: readonly ChosenBackup[]): string => first?.backup.run ?? '';

function showChosen(
  context: Context,
  options: RestoreOptions,
  { target, chosen, without }: Shown,
): void {
  const rows = chosen.map(({ read, backup }) => backupRow(read.host.name, backup));
  const out = options.dryRun === true ? context.stdout : context.stderr;
  printLines(out, backupLines(rows, tableLook(context, options)));
  if (without.length > 0) {
    printWarning(
      context,
      `${namesText(without)}: no backup of that run; nothing is restored there`,
    );
  }
  const command = target.app.backup?.restoreCommand ?? null;
  if (command === null && rows.some(({ commandBytes }) => commandBytes !== null)) {
    printWarning(
      context,
      'what the backup command wrote is not restored: backup.restore_command is not set',
    );
  }
  if (!options.backup) {
    printWarning(context, 'what is there now is not kept: --no-backup');
  }
}

function failuresOf(results: readonly Restored[]) {
  return results.flatMap(({ host, failure }) => (failure === null ? [] : [{ host, failure }]));
}

function resultLines(results: readonly Restored[]): readonly string[] {
  const done = results.filter(({ failure }) => failure === null);
  if (done.length === 0) return ['Nothing was restored.'];
  const names = countedNames(done.map(({ host }) => host));
  const kept = done.find((each) => each.kept !== null)?.kept;
  return [
    `Restored on ${names}. No unit was restarted.`,
    ...(kept == null ? [] : [`What was there before is kept: fleet backups restore ${kept.run}`]),
  ];
}

type Failed = readonly {
  readonly host: string;
  readonly failure: Parameters<typeof failureJson>[0];
}[];

function resultJson(
  { target, chosen, without }: Shown,
  end: {
    readonly dryRun: boolean;
    readonly failed: Failed;
    readonly results?: readonly Restored[];
  },
) {
  const { results = [] } = end;
  return {
    schemaVersion: 1,
    app: target.app.name,
    group: target.group,
    run: runOf(chosen),
    dryRun: end.dryRun,
    restored: results
      .filter(({ failure }) => failure === null)
      .map(({ host, backup, kept }) => ({ host, backup: backup.id, kept: kept?.id ?? null })),
    failed: end.failed.map(({ host, failure }) => ({ host, error: failureJson(failure) })),
    without: [...without],
  };
}

/** 0 if every host was restored, 3 if some had no such backup or could not be read, 4 if one failed. */
function exitFor(results: readonly Restored[], failed: Failed, without: number): ExitCode {
  if (failuresOf(results).length > 0) {
    const codes = new Set(failuresOf(results).map(({ failure }) => failure.code));
    if (codes.has('interrupted')) return EXIT.interrupted;
    return [...codes].every((code) => code === 'locked' || code === 'fenced')
      ? EXIT.locked
      : EXIT.failed;
  }
  return failed.length + without > 0 ? EXIT.partial : EXIT.ok;
}

function deedOf({ app, group }: Target, chosen: readonly ChosenBackup[]) {
  const fields = {
    app: app.name,
    group,
    backup: runOf(chosen),
    ...hostFields(chosen.map(({ read }) => read.host.name)),
  };
  const outcome = (results: readonly Restored[]) => ({
    ok: `${results.length - failuresOf(results).length}`,
    failed: `${failuresOf(results).length}`,
  });
  return { kind: 'backup-restore', fields, outcome } as const;
}
