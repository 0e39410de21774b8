import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readJournal } from '../../src/engine/journal/journal-reading.js';
import { ownIdentity } from '../../src/files/process-identity.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { practiceBastion } from './support/practice-bastion.js';

const fleet = practiceLab({ hosts: 3, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

type Bastion = ReturnType<typeof practiceBastion>;
let bastion: Bastion;

function withHooks(hooks: string): Bastion {
  bastion = practiceBastion(fleet.lab);
  writeFileSync(
    join(bastion.dir, 'fleet.yaml'),
    `app: shop
root: ~/shop
service: { unit: shop.service }
release: { from: ./releases/good }
shared: [.env, db/]
policy: { waves: [1, rest], max_unavailable: 100%, min_healthy_time: 0s, healthy_deadline: 8s }
hooks:
${hooks}
`,
  );
  return bastion;
}

const lines = (file: string): readonly string[] => {
  const path = join(bastion.dir, file);
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
};

/** What hooks on the hosts have written to their shared folder. */
const onHosts = (file: string): readonly string[] =>
  fleet.lab.hosts.flatMap(({ home }) => {
    const path = join(home, 'shop/shared/db', file);
    const text = existsSync(path) ? readFileSync(path, 'utf8').trimEnd() : '';
    return text === '' ? [] : text.split('\n');
  });

const forget = (): void => {
  for (const { home } of fleet.lab.hosts) {
    const folder = join(home, 'shop/shared/db');
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder)) writeFileSync(join(folder, file), '');
  }
};
afterEach(forget);

const deploy = (source: string, id: string, ...flags: readonly string[]) =>
  bastion.fleet(
    'deploy',
    '--from',
    join(bastion.dir, 'releases', source),
    '--release',
    id,
    '--yes',
    ...flags,
  );

describe('hooks of a run', () => {
  test('run at their points, on the hosts and on the bastion, as often as is written', async () => {
    withHooks(`
  before_stage: [{ local: 'echo "stage $FLEET_HOST" >> log' }]
  before_activate:
    - { run: 'echo "migrate $FLEET_HOST $FLEET_KIND" >> db/log', per: run }
    - { local: 'echo "wave $FLEET_WAVE" >> log', per: wave }
    - 'echo "prepare $FLEET_HOST" >> db/log'
  after_activate: ['test "$(pwd -P)" = "$FLEET_RELEASE_PATH" && echo "after $FLEET_RELEASE" >> db/log']
  after_confirm: [{ local: 'echo "confirmed $FLEET_WAVE" >> log', per: wave }]
  after_run: [{ local: 'echo "end $FLEET_RESULT" >> log' }]
  on_failure: [{ local: 'echo failed >> log' }]`);
    const { code, stdout, stderr } = await deploy('good', 'r1');
    expect(code, `${stdout}${stderr}`).toBe(0);
    expect(lines('log').filter((line) => !line.startsWith('stage'))).toEqual([
      'wave 1',
      'confirmed 1',
      'wave 2',
      'confirmed 2',
      'end succeeded',
    ]);
    expect(
      lines('log')
        .filter((line) => line.startsWith('stage'))
        .toSorted(),
    ).toEqual(['stage web01', 'stage web02', 'stage web03']);
    expect(onHosts('log')).toEqual([
      'migrate web01 deploy',
      'prepare web01',
      'after r1',
      'prepare web02',
      'after r1',
      'prepare web03',
      'after r1',
    ]);
    const [run = ''] = readdirSync(join(bastion.dir, 'state/runs'));
    const shown = await bastion.fleet('show', run);
    expect(shown.stdout).toMatch(/before_stage +bastion, for 3: web\[01:03\] .*done/);
    expect(shown.stdout).toMatch(/before_activate +2 +bastion .*done/);
    expect(JSON.parse((await bastion.fleet('show', run, '--json')).stdout).hooks).toHaveLength(15);
  });

  test('are in the plan, and none runs in a dry run', async () => {
    withHooks(`
  before_activate: [{ local: 'echo ran >> log', per: run, name: migrate }]
  before_stage: ['echo ran >> db/log']`);
    const shown = await deploy('better', 'r2', '--dry-run');
    expect(shown.stdout).toContain('migrate: on this machine, once');
    const { stdout } = await deploy('better', 'r2', '--dry-run', '--json');
    expect(JSON.parse(stdout).hooks).toMatchObject([
      { point: 'before_stage', per: 'host', where: 'host', times: 3 },
      {
        name: 'migrate',
        point: 'before_activate',
        per: 'run',
        where: 'bastion',
        times: 1,
        on: null,
      },
    ]);
    expect([...lines('log'), ...onHosts('log')]).toEqual([]);
  });

  test('that fail before anything moved stop the run, with their last lines', async () => {
    withHooks(`
  before_activate: [{ run: 'echo begin; echo "no such table" >&2; exit 3', per: run, name: migrate }]
  on_failure: [{ local: 'echo "$FLEET_RESULT" >> log' }]`);
    const { code, stdout } = await deploy('better', 'r3');
    expect(code).toBe(4);
    expect(stdout).toContain('The before_activate hook migrate failed on web01.');
    expect(stdout).toMatch(/migrate: exit 3\n {2}output:\n {2}. begin\n {2}. no such table/);
    expect(lines('log')).toEqual(['aborted_clean']);
  });

  test('after the activation have their host rolled back, with the hooks of a rollback', async () => {
    withHooks(`
  after_activate: [{ local: '[ "$FLEET_HOST" != web02 ] || { echo too slow; exit 1; }', name: check }]
  before_revert: ['echo "leaving $FLEET_RELEASE" >> db/log; exit 9']
  after_revert: ['echo "back in \${PWD##*/}" >> db/log']`);
    const { code, stdout } = await deploy('better', 'r4');
    expect(code, stdout).toBe(4);
    expect(stdout).toContain('web02  after_activate hook check: exit 1');
    expect(stdout).toContain('failed, every touched host is rolled back');
    expect(onHosts('log')).toEqual([1, 2, 3].flatMap(() => ['leaving r4', 'back in r1']));
  });

  test('that were undone: a host that is not activated after its hooks has those of after_revert', async () => {
    withHooks(`
  before_activate:
    - { local: 'echo "out $FLEET_HOST" >> log' }
    - { local: 'exit 1', name: veto }
  after_revert: [{ local: 'echo "in $FLEET_HOST" >> log' }]`);
    expect((await deploy('better', 'r5')).code).toBe(4);
    expect(lines('log')).toEqual(['out web01', 'in web01']);
  });

  test('that only warn change nothing', async () => {
    withHooks(`
  before_activate: [{ local: 'echo hm; exit 1', if_fails: warn, name: check, per: run }]`);
    const { code, stderr } = await deploy('better', 'r6', '--output', 'plain');
    expect(code).toBe(0);
    expect(stderr).toContain('warning: before_activate hook check: exit 1; it printed last: hm');
    const [run = ''] = readdirSync(join(bastion.dir, 'state/runs')).toSorted().reverse();
    const shown = await bastion.fleet('show', run);
    expect(shown.stdout).toMatch(/check +before_activate +bastion .*failed, a warning/);
    expect(shown.stdout).toMatch(/bastion {2}before_activate hook check: exit 1\n.*output:\n.*hm/);
  });
});

test('a script of the release runs in the release that a rollback leaves', async () => {
  withHooks('  rollback_script: rollback.sh');
  mkdirSync(join(bastion.dir, 'releases/scripted'));
  for (const name of ['bin', 'public']) {
    mkdirSync(join(bastion.dir, 'releases/scripted', name));
    for (const file of readdirSync(join(bastion.dir, 'releases/good', name))) {
      const text = readFileSync(join(bastion.dir, 'releases/good', name, file));
      writeFileSync(join(bastion.dir, 'releases/scripted', name, file), text, { mode: 0o755 });
    }
  }
  const script = 'echo "$FLEET_FROM to $FLEET_RELEASE in $(basename "$PWD")" >> db/log\n';
  writeFileSync(join(bastion.dir, 'releases/scripted/rollback.sh'), script);
  expect((await deploy('scripted', 's1')).code).toBe(0);
  const { code, stderr } = await bastion.fleet('rollback', '--yes');
  expect(code, stderr).toBe(0);
  const [line] = onHosts('log');
  expect(line).toMatch(/^s1 to r\d in s1$/);
  expect(onHosts('log')).toHaveLength(3);
});

test('a hook of the bastion that was interrupted keeps resume from going on until a person decides', async () => {
  withHooks(`
  before_activate: [{ local: 'echo begun >> log; echo begun; sleep 30; echo ended >> log', per: run, name: migrate }]`);
  const left = await bastion.interruptedAt(
    ['hook migrate: begun', 'Press Ctrl-C again'],
    ...['deploy', '-i', fleet.lab.inventoryFile, '-g', 'prod', '--output', 'plain', '--yes'],
    ...['--from', join(bastion.dir, 'releases/good'), '--release', 't1'],
  );
  expect(left.code, left.stderr).toBe(130);
  expect(lines('log')).toEqual(['begun']);
  const [run = ''] = readdirSync(join(bastion.dir, 'state/runs')).toSorted().reverse();
  // The process of this test goes on; that of the run has gone.
  const owner = { ...ownIdentity(), pid: 1, start: '0' };
  writeFileSync(join(bastion.dir, 'state/runs', run, 'owner.json'), JSON.stringify(owner));
  const resume = (...flags: readonly string[]) => bastion.fleet(`resume ${run}`, '--yes', ...flags);
  const refused = await resume();
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('hook migrate (before_activate-1) began on the bastion');
  expect(refused.stderr).toContain(`fleet resume ${run} --hook-done before_activate-1`);
  expect((await resume('--hook-again', 'no-such')).stderr).toContain(
    'use one of: before_activate-1',
  );
  const resumed = await resume('--hook-done', 'migrate');
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(lines('log')).toEqual(['begun']);
  const { events } = await readJournal(join(bastion.dir, 'state/runs', run));
  expect(events.find(({ type }) => type === 'hook-settled')).toMatchObject({ run, how: 'done' });
  expect((await bastion.fleet('show', run)).stdout).toMatch(
    /migrate +before_activate +bastion .*interrupted, counted as done by /,
  );
});
