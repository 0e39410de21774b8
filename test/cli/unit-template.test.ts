import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
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
  const back = await typed('rollback', '--yes');
  expect(back).toMatchObject({ code: 0 });
  expect(back.stderr).toContain('unit files');
  expect(installed()).toEqual(good);
}, 60_000);

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
