import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { practiceLab } from '../lab/support/practice-lab.js';
import { builtFleet, endOf } from '../security/support/built-fleet.js';

const fleet = builtFleet();
const practice = practiceLab({ hosts: 3, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
const EXAMPLE = join(import.meta.dirname, '../../examples/approval');

/** A job in a checkout and a home of its own; `fleet` is on its PATH. */
function job(name: string) {
  const dir = mkdtempSync(join(tmpdir(), `fleet-job-${name}-`));
  const checkout = join(dir, 'checkout');
  cpSync(join(fleet.dir, 'releases'), join(checkout, 'releases'), { recursive: true });
  cpSync(join(fleet.dir, 'fleet.yaml'), join(checkout, 'fleet.yaml'));
  mkdirSync(join(checkout, 'inventories'));
  cpSync(practice.lab.inventoryFile, join(checkout, 'inventories/prod.yaml'));
  cpSync(EXAMPLE, join(checkout, 'examples/approval'), { recursive: true });
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'fleet'),
    `#!/bin/sh\nexec '${process.execPath}' '${fleet.program}' "$@"\n`,
  );
  chmodSync(join(bin, 'fleet'), 0o755);
  const run = (script: string, env: Readonly<Record<string, string>> = {}) =>
    endOf(
      spawn('sh', [join('examples/approval', script)], {
        cwd: checkout,
        env: { PATH: `${bin}:${process.env.PATH}`, HOME: dir, LOGNAME: name, CI: 'true', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
  return { checkout, run };
}

test('the example plans in one job and applies in another, once, as docs/plans.md says', async () => {
  const first = job('anna');
  const planned = await first.run('plan.sh', { REASON: 'ticket 4711' });
  expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('wave 1 (canary)') });
  const second = job('bert');
  cpSync(join(first.checkout, 'plan.json'), join(second.checkout, 'plan.json'));
  expect(await second.run('apply.sh')).toMatchObject({ code: 0 });
  const result = JSON.parse(readFileSync(join(second.checkout, 'result.json'), 'utf8'));
  expect(result).toMatchObject({ state: 'succeeded', reason: 'ticket 4711', exitCode: 0 });
  expect(await second.run('apply.sh')).toMatchObject({ code: 2 });
  // What GitLab calls is what was called here.
  const jobs = readFileSync(join(EXAMPLE, 'gitlab-ci.yml'), 'utf8');
  const scripts = [...jobs.matchAll(/sh examples\/approval\/(\S+)/g)].map(([, name]) => name);
  expect(scripts).toEqual(['plan.sh', 'apply.sh']);
}, 120_000);
