import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { practiceBastion } from './support/practice-bastion.js';

const practice = practiceLab({ hosts: 4, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

describe('a fleet of which some hosts need the system ssh', () => {
  test('is deployed to, read and rolled back in one run, by both transports', async () => {
    const bastion = practiceBastion(practice.lab);
    const inventory = mixedInventory();
    expect(inventory.match(/openssh/g)).toHaveLength(2);
    writeFileSync(practice.lab.inventoryFile, inventory);
    const deploy = (from: string) => {
      const source = join(bastion.dir, 'releases', from);
      return bastion.fleet('deploy', '--yes', '--from', source, '--release', from);
    };
    expect(await deploy('good')).toMatchObject({ code: 0 });
    expect(await deploy('better')).toMatchObject({ code: 0 });
    expect(await bastion.fleet('rollback', '--yes', '--to', 'good')).toMatchObject({ code: 0 });
    const { code, stdout } = await bastion.fleet('status', '--json');
    expect(code).toBe(0);
    const { hosts } = JSON.parse(stdout) as { hosts: { release: string }[] };
    expect(hosts.map(({ release }) => release)).toEqual(['good', 'good', 'good', 'good']);
  }, 60_000);
});

/** Every second host of the lab by openssh. */
function mixedInventory(): string {
  const text = readFileSync(practice.lab.inventoryFile, 'utf8');
  return text.replaceAll(
    'labels: { zone: b } }',
    'labels: { zone: b }, ssh: { transport: openssh } }',
  );
}
