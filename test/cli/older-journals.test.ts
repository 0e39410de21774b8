import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { readJournal } from '../../src/engine/journal/journal-reading.js';
import { EVENTS_VERSION } from '../../src/events/event.js';
import { ownIdentity } from '../../src/files/process-identity.js';
import { type Lab, startLab } from '../../src/lab/fleet/lab.js';
import { PLAN_VERSION } from '../../src/model/runs/plan.js';
import {
  configOf,
  SCENARIOS,
  type Scenario,
  writeRelease,
} from '../fixtures/journals/scenarios.js';
import { runOn } from '../lab/support/client.js';
import { createBastion } from './support/fake-context.js';

const FOLDER = join(import.meta.dirname, '../fixtures/journals');
const planShape = z.looseObject({
  run: z.string(),
  hosts: z.array(
    z.looseObject({ host: z.looseObject({ name: z.string(), ssh: z.looseObject({}) }) }),
  ),
});
const hostsShape = z.array(
  z.object({
    host: z.string(),
    files: z.array(
      z.object({
        path: z.string(),
        mode: z.number(),
        kind: z.enum(['file', 'folder', 'link']),
        text: z.string(),
      }),
    ),
  }),
);

const root = mkdtempSync(join(tmpdir(), 'fleet-older-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A bastion and its hosts as the older fleet has left them. */
async function leftBy(version: string, scenario: Scenario) {
  const bastion = createBastion(() => new Date());
  const lab = await startLab({ dir: join(root, version, scenario.name), hosts: 3 });
  const from = join(FOLDER, version, scenario.name);
  const read = (file: string): string =>
    readFileSync(join(from, file), 'utf8')
      .replaceAll('@LAB@', lab.dir)
      .replaceAll('@DIR@/shop', bastion.dir)
      .replaceAll('@HOME@', bastion.dir);
  const plan = planShape.parse(JSON.parse(read('plan.json')));
  for (const { host } of plan.hosts) {
    host.ssh.port = lab.hosts.find(({ name }) => name === host.name)?.port;
  }
  const folder = join(bastion.dir, 'state/runs', plan.run);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = (name: string, text: string): void =>
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  file('plan.json', JSON.stringify(plan));
  file('events.ndjson', read('events.ndjson'));
  // Of a process that has gone.
  file('owner.json', JSON.stringify({ ...ownIdentity(), pid: 1, start: '0' }));
  writeFileSync(join(bastion.dir, 'fleet.yaml'), configOf(scenario));
  writeRelease(bastion.dir, 'two');
  mkdirSync(join(bastion.dir, 'inventories'));
  copyFileSync(lab.inventoryFile, join(bastion.dir, 'inventories/lab.yaml'));
  for (const { host, files } of hostsShape.parse(JSON.parse(read('hosts.json')))) {
    await fillHost(lab, host, files);
  }
  return { bastion, lab, folder, run: plan.run };
}

async function fillHost(
  lab: Lab,
  name: string,
  files: z.infer<typeof hostsShape>[number]['files'],
): Promise<void> {
  const app = join(lab.hosts.find((host) => host.name === name)?.home ?? '', 'shop');
  for (const { path, kind, text, mode } of files) {
    const at = join(app, path);
    mkdirSync(kind === 'folder' ? at : dirname(at), { recursive: true });
    if (kind === 'link') symlinkSync(text, at);
    if (kind === 'file') writeFileSync(at, text);
    if (kind === 'file') chmodSync(at, mode);
  }
  chmodSync(join(app, '.fleet'), 0o700);
  const start = `systemctl start shop && systemctl show shop -p MainPID -p InvocationID && cat /proc/$(systemctl show shop -p MainPID --value)/stat`;
  const { stdout } = await runOn(lab, name, start);
  adopt(join(app, '.fleet/state'), stdout);
}

/** The process is another one than the older fleet had seen, and the machine has booted since. */
function adopt(state: string, shown: string): void {
  const [, pid = ''] = /^MainPID=(\d+)$/m.exec(shown) ?? [];
  const [, invocation = ''] = /^InvocationID=(\w+)$/m.exec(shown) ?? [];
  // Field 22 of /proc/PID/stat, counted behind the name of the program.
  const [, since = ''] = /\) (?:\S+ ){19}(\d+) /.exec(shown) ?? [];
  const text = readFileSync(state, 'utf8')
    .replace(/^baseline=shop.*$/gm, `baseline=shop.service:${pid}@${since}:${invocation}:0`)
    .replace(/^acted=\d+$/gm, 'acted=1')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '00000000-0000-0000-0000-000000000000');
  writeFileSync(state, text);
}

const currentOn = (lab: Lab): readonly string[] =>
  lab.hosts.map(({ home }) => readlinkSync(join(home, 'shop/current')));

describe.each(['1', '2'])('a journal of version %s', (version) => {
  test.each(SCENARIOS)('of a run that was $name is read whole', async ({ name }) => {
    const folder = join(root, 'copies', version, name, runOf(version, name));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const file of ['plan.json', 'events.ndjson']) {
      copyFileSync(join(FOLDER, version, name, file), join(folder, file));
    }
    const { plan, events, damagedLines, newer } = await readJournal(folder);
    expect({ damagedLines, newer, waves: plan?.waves.length }).toEqual({
      damagedLines: 0,
      newer: null,
      waves: 2,
    });
    const begun = events.find(({ type }) => type !== 'stream-started');
    expect(begun).toMatchObject({ type: 'run-started', run: plan?.run, plan: { waves: 2 } });
    const sent = events.filter(({ type }) => type === 'step-sent');
    expect(sent.length).toBeGreaterThan(0);
  });

  test.each(SCENARIOS)(
    'and hosts of a run that was $name: fleet $next goes on with them',
    {
      timeout: 60_000,
    },
    async (scenario) => {
      const { bastion, lab, run, folder } = await leftBy(version, scenario);
      try {
        const words = scenario.next === 'resume' ? ['resume', run] : ['recover'];
        const ran = await bastion.fleet(...words, '--yes');
        expect(ran.code, `${ran.stdout}${ran.stderr}`).toBe(0);
        const expected = scenario.next === 'resume' ? 'releases/r2' : 'releases/r1';
        expect(currentOn(lab)).toEqual(lab.hosts.map(() => expected));
        const after = await readJournal(folder);
        expect(after).toMatchObject({ ended: true, damagedLines: 0, newer: null });
        expect(after.events.some(({ type }) => type === 'stream-started')).toBe(true);
      } finally {
        await lab.stop();
      }
    },
  );
});

test('a run whose record a newer fleet wrote is refused by name, and its record stays as it is', async () => {
  const bastion = createBastion();
  const run = '20260101T000000Z-0001';
  const folder = join(bastion.dir, 'state/runs', run);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const plan = JSON.stringify({ schemaVersion: PLAN_VERSION + 1, run });
  writeFileSync(join(folder, 'plan.json'), plan, { mode: 0o600 });
  const head = { type: 'stream-started', schemaVersion: EVENTS_VERSION + 1 };
  appendFileSync(join(folder, 'events.ndjson'), `${JSON.stringify(head)}\n`);
  for (const command of ['resume', 'pause', 'abort']) {
    const { code, stdout, stderr } = await bastion.fleet(command, run, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout), stderr).toMatchObject({
      error: {
        code: 'journal_newer',
        message: `the record of run ${run} has version ${PLAN_VERSION + 1}, and this fleet reads versions up to ${PLAN_VERSION}`,
        hint: expect.stringContaining('use the fleet that wrote it, or a newer one'),
      },
    });
  }
  const recovered = await bastion.fleet('recover', '--yes');
  expect(recovered.code).toBe(0);
  expect(recovered.stderr).toMatch(
    /run 20260101T000000Z-0001 is ignored.*has version \d+, and this fleet reads/,
  );
  expect(readFileSync(join(folder, 'plan.json'), 'utf8')).toBe(plan);
  expect(readFileSync(join(folder, 'events.ndjson'), 'utf8').split('\n')).toHaveLength(2);
});

const runOf = (version: string, name: string): string =>
  planShape.parse(JSON.parse(readFileSync(join(FOLDER, version, name, 'plan.json'), 'utf8'))).run;
