import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runOn, showUnit } from './support/client.js';
import { practiceLab } from './support/practice-lab.js';

const fleet = practiceLab({ hosts: 1, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
const RELEASES = fileURLToPath(new URL('../../examples/shop/releases/', import.meta.url));

/** Puts a release of the example on the host as fleet would. */
function place(release: string): void {
  const shop = join(fleet.lab.hosts[0]?.home ?? '', 'shop');
  mkdirSync(join(shop, 'releases'), { recursive: true });
  cpSync(join(RELEASES, release), join(shop, 'releases', release), { recursive: true });
  symlinkSync('../../shared/.env', join(shop, 'releases', release, '.env'));
  rmSync(join(shop, 'current'), { force: true });
  symlinkSync(`releases/${release}`, join(shop, 'current'));
}

const RESTART_AND_SMOKE =
  'systemctl restart shop; i=0; until shop/current/bin/smoke 2>/dev/null; do i=$((i+1)); [ $i -lt 100 ] || exit 1; sleep 0.02; done';

test('the good and the better release of the example serve their own page', async () => {
  for (const release of ['good', 'better']) {
    place(release);
    expect((await runOn(fleet.lab, 'web01', RESTART_AND_SMOKE)).code).toBe(0);
  }
  const smoke = await runOn(fleet.lab, 'web01', 'shop/releases/good/bin/smoke');
  expect(smoke).toMatchObject({ code: 1, stderr: 'shop: another release answers\n' });
});

test('the example’s server for machines without busybox serves the same page', async () => {
  const { appPort } = fleet.lab.hosts[0] ?? { appPort: 0 };
  await runOn(fleet.lab, 'web01', 'systemctl stop shop');
  const serve = `cd shop/current && { node bin/serve.mjs ${appPort} >/dev/null 2>&1 & echo $! >../pid; }`;
  await runOn(fleet.lab, 'web01', serve);
  const smoke = RESTART_AND_SMOKE.replace('systemctl restart shop', ':');
  expect(
    (await runOn(fleet.lab, 'web01', `${smoke}; code=$?; kill "$(cat shop/pid)"; exit $code`)).code,
  ).toBe(0);
});

test('the example’s bad release starts, and is dead 300 ms later with its reason in the journal', async () => {
  place('dies');
  const started = await runOn(
    fleet.lab,
    'web01',
    'systemctl reset-failed shop; systemctl restart shop && systemctl is-active shop',
  );
  expect(started.stdout).toBe('active\n');
  while ((await showUnit(fleet.lab, 'web01')).NRestarts === '0')
    await new Promise((done) => setTimeout(done, 20));
  const journal = await runOn(fleet.lab, 'web01', 'journalctl -u shop -n 20 -o cat');
  expect(journal.stdout).toContain('shop: cannot open the ledger: no such table: orders\n');
});
