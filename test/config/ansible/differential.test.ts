import { expect, test } from 'vitest';
import { compareMany, shownDifference } from './support/campaign.js';
import { hasAnsible } from './support/oracle.js';

// All of them where the whole check of a submission runs; elsewhere some, for they take a minute.
const isWhole = process.env.FLEET_REAL === 'always';
const COUNT = isWhole ? 2400 : 150;
const LEAST = isWhole ? 2000 : 100;

const missing = !isWhole && !hasAnsible();
if (missing)
  process.stderr.write(
    "ansible-core is not installed: fleet is not held against Ansible's own reading\n",
  );

test.skipIf(missing)(
  `${LEAST} generated inventories are read exactly as Ansible reads them`,
  { timeout: 1_800_000 },
  async () => {
    const { compared, differences } = await compareMany({ seed: 20_261_130, count: COUNT });
    expect(differences.slice(0, 3).map(shownDifference)).toEqual([]);
    expect(differences).toHaveLength(0);
    expect(compared).toBeGreaterThanOrEqual(LEAST);
  },
);
