// `npm run inventories -- --count N --seed S`: generated inventories, read by fleet and by Ansible.
import { parseArgs } from 'node:util';
import { compareMany, shownDifference } from './campaign.js';

const { values } = parseArgs({
  options: { count: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
});
const options = { count: Number(values.count), seed: Number(values.seed) };
const { compared, refused, hosts, differences } = await compareMany(options);
for (const each of differences.slice(0, 5)) process.stdout.write(`${shownDifference(each)}\n\n`);
process.stdout.write(
  `seed ${options.seed}: ${compared} inventories with ${hosts} hosts read by both, ${refused} refused by Ansible, ${differences.length} read differently\n`,
);
process.exitCode = differences.length === 0 ? 0 : 1;
