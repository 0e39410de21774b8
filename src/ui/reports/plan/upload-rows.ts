import { isPulled } from '../../../model/releases/pulled.js';
import type { HostPlan, Plan } from '../../../model/runs/plan.js';
import { bytesText } from '../../../model/text/bytes-text.js';
import { countText } from '../../../model/text/count-text.js';
import { groupBy } from '../../../model/text/group-by.js';

/** How much of a release goes to which hosts, one row for each archive. */
export function uploadTexts(plan: Plan): readonly string[] {
  const uploads = plan.hosts.filter(({ upload }) => upload);
  if (uploads.length === 0) return ['is on every host already'];
  return groupBy(uploads, ({ delta }) =>
    delta === undefined ? '' : `${delta.base} ${delta.bytes}`,
  )
    .toSorted((a, b) => b.length - a.length)
    .map((hosts) => textOf(plan, hosts));
}

function textOf(plan: Plan, hosts: readonly [HostPlan, ...HostPlan[]]): string {
  const { uploadBytes, contentBytes = 0 } = plan;
  const [{ delta }] = hosts;
  const where = `to ${countText(hosts.length, 'host')}`;
  if (delta === undefined) return `${bytesText(uploadBytes)} ${where}${pullWords(plan)}`;
  return `${bytesText(delta.bytes)} of ${bytesText(contentBytes)} ${where}, built on ${delta.base}`;
}

/** From where hosts fetch it: by the reference, and never by what that holds. */
function pullWords(plan: Plan): string {
  if (!isPulled(plan)) return '';
  return `, fetched by the hosts from ${plan.app.release.pull?.url ?? 'the URL of release.from'}`;
}
