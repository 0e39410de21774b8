import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { OUTPUT_SCHEMAS } from '../../src/ui/json-schema.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { createBastion, type Ran } from './support/fake-context.js';

const practice = practiceLab({ hosts: 3 });

let minutes = 0;
const bastion = createBastion(() => new Date(Date.UTC(2026, 0, 2, 3, minutes)));

const CONFIG = `
app: shop
root: ~/shop
service: { unit: shop.service, template: shop.service }
policy: { waves: [1, rest], max_unavailable: 100%, min_healthy_time: 50ms, healthy_deadline: 4s }
`;

const template = (more = ''): string =>
  `[Unit]\nDescription={{ app }}\n[Service]\nWorkingDirectory=%h/shop/current\nExecStart=/bin/sh start${more}\n`;

const config = (text = CONFIG): void => writeFileSync(join(bastion.dir, 'fleet.yaml'), text);
const unit = (text: string): void => writeFileSync(join(bastion.dir, 'shop.service'), text);

function typed(...words: readonly string[]): Promise<Ran> {
  minutes += 10;
  return bastion.fleet(...words, '-i', practice.lab.inventoryFile, '-g', 'prod');
}

const installed = (): readonly string[] =>
  practice.lab.hosts.map(({ dir }) =>
    readFileSync(join(dir, 'etc/systemd/system/shop.service'), 'utf8'),
  );

/** Runs on, or dies at once. */
function release(start: string): void {
  writeFileSync(join(bastion.dir, 'rel/start'), `${start}\n`);
}
const deploy = (): Promise<Ran> => typed('deploy', '--from', './rel', '--yes');

beforeAll(() => {
  config();
  unit(template());
  mkdirSync(join(bastion.dir, 'rel'));
  for (const { dir } of practice.lab.hosts)
    writeFileSync(join(dir, 'etc/systemd/system/shop.service'), '[Service]\nExecStart=/x\n');
  release('exec sleep 3600');
});

test('a plan shows what changes, the same for several hosts once', async () => {
  const plan = await typed('plan', 'deploy', '--from', './rel');
  expect(plan).toMatchObject({ code: 0 });
  expect(plan.stdout).toMatch(/unit files {2}shop\.service, changed on 3: web\[01:03\]/);
  expect(plan.stdout.match(/\+ Description=shop/g)).toHaveLength(1);
  const json = await typed('plan', 'deploy', '--from', './rel', '--json');
  expect(OUTPUT_SCHEMAS.plan.parse(JSON.parse(json.stdout)).unitFiles).toMatchObject([
    {
      name: 'shop.service',
      hosts: ['web01', 'web02', 'web03'],
      text: template().replace('{{ app }}', 'shop'),
    },
  ]);
});

test('a plan shows three changes and counts the others, where each host has its own', async () => {
  unit(template('\n# {{ host }}'));
  config(
    CONFIG.replace(
      'template: shop.service',
      'template: { shop.service: shop.service, more.service: shop.service }',
    ),
  );
  const plan = await typed('plan', 'deploy', '--from', './rel');
  config();
  unit(template());
  expect(plan.stdout.match(/\+ # web0/g)).toHaveLength(3);
  expect(plan.stdout).toContain('--json shows these too');
});

test('a plan shows a change once that is the same on hosts whose files differ elsewhere', async () => {
  const files = practice.lab.hosts.map(({ dir }) => join(dir, 'etc/systemd/system/shop.service'));
  const before = files.map((file) => readFileSync(file, 'utf8'));
  const text = (host: string, more = '') =>
    `# ${host}\n\n\n${template().replace('{{ app }}', 'shop')}${more}`;
  for (const [index, file] of files.entries()) writeFileSync(file, text(`web0${index + 1}`));
  unit(text('{{ host }}', 'Nice=4\n'));
  const plan = await typed('plan', 'deploy', '--from', './rel');
  for (const [index, file] of files.entries()) writeFileSync(file, before[index] ?? '');
  unit(template());
  expect(plan.stdout).toMatch(/unit files {2}shop\.service, changed on 3: web\[01:03\]/);
  expect(plan.stdout.match(/\+ Nice=4/g)).toHaveLength(1);
});

test('a deploy installs it, the same deploy again has nothing to do, and another unit is a change', async () => {
  expect(await deploy()).toMatchObject({ code: 0 });
  const text = template().replace('{{ app }}', 'shop');
  expect(installed()).toEqual([text, text, text]);
  expect((await deploy()).stderr).toContain('Nothing to do');
  unit(template('\nNice=5'));
  const again = await deploy();
  expect(again).toMatchObject({ code: 0 });
  expect(again.stderr).toMatch(/is on every host already[\s\S]*\+ Nice=5/);
  expect(installed()[2]).toContain('Nice=5');
}, 60_000);

test('a release that dies takes its unit file with it, and a rollback has that of its release', async () => {
  const good = installed();
  unit(template('\nNice=7'));
  release('exit 3');
  expect(await deploy()).toMatchObject({ code: 4 });
  expect(installed()).toEqual(good);
  release('exec sleep 7200');
  expect(await deploy()).toMatchObject({ code: 0 });
  expect(installed()[0]).toContain('Nice=7');
  const plan = await typed('plan', 'rollback');
  expect(plan.stdout).toMatch(
    /unit files {2}shop\.service, changed on 3: web\[01:03\]\n(.*\n)*.*- Nice=7\n.*\+ Nice=5/,
  );
  const json = OUTPUT_SCHEMAS.plan.parse(
    JSON.parse((await typed('plan', 'rollback', '--json')).stdout),
  );
  expect(json.unitFiles).toMatchObject([
    { name: 'shop.service', hosts: ['web01', 'web02', 'web03'], text: good[0], byHand: false },
  ]);
  const back = await typed('rollback', '--yes');
  expect(back).toMatchObject({ code: 0 });
  expect(installed()).toEqual(good);
}, 60_000);

test('a file that was changed by hand is shown by status, and by the plan that overwrites it', async () => {
  const [first] = practice.lab.hosts;
  const file = join(first?.dir ?? '', 'etc/systemd/system/shop.service');
  const was = readFileSync(file, 'utf8');
  writeFileSync(file, `${was}Nice=9\n`);
  const status = await typed('status');
  expect(status).toMatchObject({ code: 0 });
  expect(status.stdout).toMatch(/web01.*drift\n/);
  expect(status.stdout).toContain(
    'the unit file shop.service was changed by hand since its deploy',
  );
  const verified = await typed('status', '--verify');
  expect(verified).toMatchObject({ code: 4 });
  expect(verified.stdout).toMatch(/web01 {2}unit file shop\.service:\n(.*\n)*.*\+ Nice=9/);
  const json = JSON.parse((await typed('status', '--json')).stdout);
  expect(OUTPUT_SCHEMAS.status.parse(json)).toEqual(json);
  expect(json.hosts).toMatchObject([
    {
      unitFiles: [
        { unit: 'shop.service', found: 'file', installed: expect.arrayContaining(['Nice=9']) },
      ],
    },
    { unitFiles: [] },
    { unitFiles: [] },
  ]);

  unit(template('\nNice=5'));
  const plan = await typed('plan', 'deploy', '--from', './rel');
  expect(plan.stdout).toContain('it was changed by hand there: this run overwrites that');
  expect(await deploy()).toMatchObject({ code: 0 });
  expect(readFileSync(file, 'utf8')).toBe(was);
  expect((await typed('status', '--verify')).code).toBe(0);
}, 60_000);

test('a unit that was there before fleet keeps its own text through a rollback, also what no plan can show', async () => {
  const own = '[Service]\n\tNice=2\nWorkingDirectory=%h/shop/current\nExecStart=/bin/sh start';
  for (const { dir } of practice.lab.hosts)
    writeFileSync(join(dir, 'etc/systemd/system/shop.service'), own);
  config(CONFIG.replace(', template: shop.service', ''));
  release('exec sleep 3601');
  expect(await deploy()).toMatchObject({ code: 0 });
  config();
  unit(template('\nNice=3'));
  release('exec sleep 3602');
  expect(await deploy()).toMatchObject({ code: 0 });
  expect(await typed('rollback', '--yes')).toMatchObject({ code: 0 });
  expect(installed()).toEqual([own, own, own]);
}, 60_000);

describe('a unit file that systemd does not take', () => {
  test.each([
    ['has no program', '[Service]\nWorkingDirectory=%h\n', /Service has no ExecStart=/],
    ['has an unknown section', `${template()}[Instal]\nWantedBy=x\n`, /Unknown section 'Instal'/],
    ['has a line without a value', template('\nNice'), /Missing '='/],
  ])('is refused in the plan if it %s, before any host is changed', async (_, text, why) => {
    unit(text);
    const before = installed();
    for (const words of [
      ['plan', 'deploy'],
      ['deploy', '--yes'],
    ] as const) {
      const refused = await typed(...words, '--from', './rel');
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(why) });
      expect(refused.stderr).toMatch(
        /3: web\[01:03\]: systemd there does not take (line \d+ of )?shop\.service/,
      );
    }
    const doctor = await typed('doctor');
    expect(doctor).toMatchObject({ code: 2, stdout: expect.stringMatching(why) });
    expect(installed()).toEqual(before);
  });

  test('is refused by the one host whose systemd is older, and what it would ignore is a warning', async () => {
    const [, second] = practice.lab.hosts;
    const older = join(second?.dir ?? '', 'faults/bin/systemd-analyze');
    const says = (line: string, exit: number) =>
      writeFileSync(older, `#!/bin/sh\nfor file; do :; done\necho "${line}" >&2\nexit ${exit}\n`, {
        mode: 0o755,
      });
    unit(template('\nNice=6'));
    says('$file:3: Failed to parse service type, ignoring: notify-reload', 0);
    const refused = await typed('plan', 'deploy', '--from', './rel');
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toMatch(
      /web02: systemd there does not take line 3 of shop\.service: Failed/,
    );
    expect(refused.stderr).not.toContain('web01');
    says("$file:4: Unknown key 'ProtectProc' in section [Service], ignoring.", 0);
    const plan = await typed('plan', 'deploy', '--from', './rel');
    expect(plan).toMatchObject({ code: 0 });
    expect(plan.stderr).toMatch(
      /web02: systemd there ignores line 4 of shop\.service: Unknown key 'ProtectProc'/,
    );
    rmSync(older);
  });
});

test.each([
  ['X={{ vars.port }}\n', /names \{\{ vars\.port \}\}, which web01 does not have/],
  ['X={{ root }}\n', /names \{\{ root \}\}/],
  ['', /is empty/],
  ['a\u0000b\n', /control characters/],
  ['#\n'.repeat(500), /more than 400 lines/],
])(
  'a template %j is refused by check and by deploy, before any host is asked',
  async (text, why) => {
    unit(text);
    for (const words of [['check'], ['deploy', '--from', './rel', '--yes']] as const) {
      const refused = await typed(...words);
      expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(why) });
    }
  },
);

test('a template that is not there, or a unit without one, is refused', async () => {
  config(CONFIG.replace('template: shop.service', 'template: none.service'));
  expect((await typed('check')).stderr).toMatch(/the template of shop\.service cannot be read/);
  unit(template());
  config(CONFIG.replace('unit: shop.service', 'unit: [shop.service, more.service]'));
  expect((await typed('check')).stderr).toMatch(/service\.template: more\.service has no template/);
  config(CONFIG.replace('template: shop.service', 'template: { shop.conf: shop.service }'));
  expect((await typed('check')).stderr).toMatch(/the name of a unit file/);
});
