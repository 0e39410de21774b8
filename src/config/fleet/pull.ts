import type { PullSettings } from '../../model/releases/pull.js';
import { durationFrom } from '../schema/words.js';
import type { PullYaml } from './sections/pull.js';

const DEFAULT_EGRESS = 100_000_000;
const DEFAULT_BUDGET_MS = 60_000;

/** `release.pull` with its defaults; null if hosts are not to fetch anything. */
export function buildPull(yaml: PullYaml | undefined): PullSettings | null {
  if (yaml === undefined || yaml === false) return null;
  const given = yaml === true ? {} : yaml;
  return {
    url: given.url ?? null,
    put: given.put ?? null,
    upload: given.upload ?? null,
    when: given.when ?? 'always',
    egress: given.egress === undefined ? DEFAULT_EGRESS : rateFrom(given.egress),
    budgetMs: given.budget === undefined ? DEFAULT_BUDGET_MS : durationFrom(given.budget),
    caFile: given.ca_file ?? null,
    onFailure: given.on_failure ?? 'push',
  };
}

const UNITS: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9 };

function rateFrom(text: string): number {
  const [, count, unit = ''] = /^(\d+)([kMG]B)\/s$/.exec(text) ?? [];
  return Number(count) * (UNITS[unit] ?? 1);
}
