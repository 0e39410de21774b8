import type { HostReading } from '../../engine/reading/host-reading.js';
import { whyUnread } from '../../host/reply/facts.js';
import { releasesLines } from '../../ui/reports/releases/table.js';
import { exitForSurveys, readTarget } from '../connect/reading.js';
import type { Action } from '../context/command.js';
import { printJson, printLines, printWarning, tableLook } from '../context/output.js';
import { recordedReleases } from '../records/records.js';
import { releaseRows } from '../reports/release-rows.js';
import type { ReleasesOptions } from '../session/flags.js';

/** `fleet releases`: which releases are where, and which can be rolled back to. */
export const releases: Action<ReleasesOptions> = async (context, options) => {
  const sizes = options.sizes === true;
  const { target, surveys } = await readTarget(context, options, { sizes });
  const { releases: recorded, warnings } = await recordedReleases(context, target.app);
  for (const warning of [...warnings, ...unreadLists(surveys)]) printWarning(context, warning);
  const rows = releaseRows(surveys, recorded);
  if (options.json === true) {
    const { app, group } = target;
    printJson(context, { schemaVersion: 1, app: app.name, group, releases: rows });
  } else {
    const hosts = surveys.filter((each) => each.kind === 'read').length;
    printLines(context.stdout, releasesLines(rows, { ...tableLook(context, options), hosts }));
  }
  return exitForSurveys(surveys);
};

/** A host whose list cannot be read may still have releases. */
function unreadLists(surveys: readonly HostReading[]): readonly string[] {
  return surveys.flatMap((each) => {
    const why = each.kind === 'read' ? whyUnread(each.facts, 'releases') : null;
    return why === null ? [] : [`${each.host.name}: its releases are not listed: ${why}`];
  });
}
