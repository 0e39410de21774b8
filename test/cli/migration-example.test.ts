import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { createBastion } from './support/fake-context.js';

const fleet = practiceLab({ hosts: 3, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
const EXAMPLE = join(import.meta.dirname, '../../examples/migration');

test('the example of a migration hook: it runs once, on the first host, before any host is activated', async () => {
  const bastion = createBastion();
  cpSync(EXAMPLE, bastion.dir, { recursive: true });
  const where = ['-i', fleet.lab.inventoryFile, '-g', 'prod', '--yes'];
  const database = (name: string) =>
    fleet.lab.hosts.map(({ home }) => join(home, 'shop/shared/db', name)).filter(existsSync);
  const first = await bastion.fleet('deploy', ...where, '--release', 'r1');
  expect(first.code, first.stderr).toBe(0);
  const second = await bastion.fleet(
    'deploy',
    ...where,
    '--release',
    'r2',
    '--from',
    join(bastion.dir, 'releases/2'),
  );
  expect(second.code, second.stderr).toBe(0);
  const schema = database('schema.sql');
  expect(schema).toHaveLength(1);
  expect(schema[0]).toContain('/web01/');
  expect(readFileSync(schema[0] ?? '', 'utf8').split('\n')).toEqual([
    'CREATE TABLE orders (id INTEGER PRIMARY KEY);',
    'ALTER TABLE orders ADD COLUMN email TEXT;',
    '',
  ]);
  const back = await bastion.fleet('rollback', ...where);
  expect(back.code, back.stderr).toBe(0);
  const left = database('rollbacks').map((file) => readFileSync(file, 'utf8'));
  expect(left).toEqual([1, 2, 3].map(() => 'leaving r2 for r1\n'));
  const results = readFileSync(join(bastion.dir, 'runs.log'), 'utf8').trimEnd().split('\n');
  expect(results.map((line) => line.split(' ')[1])).toEqual([
    'succeeded',
    'succeeded',
    'succeeded',
  ]);
});
