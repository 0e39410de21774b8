import type { HostReading } from '../../../engine/reading/host-reading.js';
import { whyUnread } from '../../../host/reply/facts.js';
import { releasesLines } from '../../../ui/reports/releases/table.js';
import { exitForSurveys, readTargets, type TargetReading } from '../../connect/reading.js';
import type { Action } from '../../context/command.js';
import type { Context } from '../../context/context.js';
import { printWarning, tableLook } from '../../context/output.js';
import { recordedReleases } from '../../records/records.js';
import { type AppReport, showApps } from '../../reports/app-reports.js';
import { releaseRows } from '../../reports/release-rows.js';
import type { ReleasesOptions } from '../../session/flags.js';

/** `fleet releases`: which releases are where, and which can be rolled back to. */
export const releases: Action<ReleasesOptions> = async (context, options) => {
  const sizes = options.sizes === true;
  const [first, ...others] = await readTargets(context, options, () => ({ sizes }));
  const reports: [AppReport, ...AppReport[]] = [await reportOf(context, options, first)];
  for (const other of others) reports.push(await reportOf(context, options, other));
  return showApps(context, options, reports);
};

async function reportOf(
  context: Context,
  options: ReleasesOptions,
  { target, surveys }: TargetReading,
): Promise<AppReport> {
  const { app, group } = target;
  const { releases: recorded, warnings } = await recordedReleases(context, app);
  for (const warning of [...warnings, ...unreadLists(surveys)]) printWarning(context, warning);
  const rows = releaseRows(surveys, recorded);
  const hosts = surveys.filter((each) => each.kind === 'read').length;
  const json = { schemaVersion: 1, app: app.name, group, releases: rows } as const;
  return {
    app: app.name,
    json,
    lines: releasesLines(rows, { ...tableLook(context, options), hosts }),
    exitCode: exitForSurveys(surveys),
  };
}

/** A host whose list cannot be read may still have releases. */
function unreadLists(surveys: readonly HostReading[]): readonly string[] {
  return surveys.flatMap((each) => {
    const why = each.kind === 'read' ? whyUnread(each.facts, 'releases') : null;
    return why === null ? [] : [`${each.host.name}: its releases are not listed: ${why}`];
  });
}
