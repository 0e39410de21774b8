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

function textOf(
  { uploadBytes, contentBytes = 0 }: Plan,
  hosts: readonly [HostPlan, ...HostPlan[]],
): string {
  const [{ delta }] = hosts;
  const where = `to ${countText(hosts.length, 'host')}`;
  if (delta === undefined) return `${bytesText(uploadBytes)} ${where}`;
  return `${bytesText(delta.bytes)} of ${bytesText(contentBytes)} ${where}, built on ${delta.base}`;
}
