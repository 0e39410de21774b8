import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parsePlanFile, planFileOf } from '../../src/engine/plan-file/plan-file.js';
import { runOn } from '../lab/support/client.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { everythingOn, practiceBastion } from './support/practice-bastion.js';

const practice = practiceLab({ hosts: 3, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });

/** A bastion that applies `plan.json`, with an inventory of its own. */
function applier(bastion = practiceBastion(practice.lab)) {
  const inventory = join(bastion.dir, 'prod.yaml');
  writeFileSync(inventory, readFileSync(practice.lab.inventoryFile));
  const file = join(bastion.dir, 'plan.json');
  const edit = (name: string, change: (text: string) => string): void => {
    const path = join(bastion.dir, name);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  };
  return {
    ...bastion,
    file,
    edit,
    plan: (kind: string, ...flags: readonly string[]) =>
      bastion.typed('plan', kind, '-i', 'prod.yaml', '-g', 'prod', '--out', 'plan.json', ...flags),
    apply: (...flags: readonly string[]) =>
      bastion.typed('apply', 'plan.json', '-i', 'prod.yaml', '--yes', ...flags),
  };
}

/** The lines under the refusal: what has changed. */
const changesIn = (stderr: string): readonly string[] =>
  stderr
    .split('\n')
    .filter((line) => /^(fleet|release|hosts|config|current release|runs|state|plan): /.test(line));

describe('a plan in a file', () => {
  test('is carried out on any bastion, once, and every record has who planned it and why', async () => {
    const planner = applier();
    const made = await planner.plan('deploy', '--reason', 'ticket 4711', '--json');
    expect(made).toMatchObject({ code: 0 });
    expect(statSync(planner.file).mode & 0o777).toBe(0o600);
    const { digest } = parsePlanFile(readFileSync(planner.file, 'utf8'), 'plan.json');
    expect(JSON.parse(made.stdout)).toMatchObject({ file: { path: 'plan.json', digest } });
    expect(readdirSync(join(planner.dir, 'state'))).toEqual(['tmp']);

    // A job on another machine has the same project in another folder.
    const other = applier();
    writeFileSync(other.file, readFileSync(planner.file));
    const applied = await other.apply('--json');
    expect(applied).toMatchObject({ code: 0 });
    expect(JSON.parse(applied.stdout)).toMatchObject({ state: 'succeeded', reason: 'ticket 4711' });
    const log = readFileSync(join(other.dir, 'state/deploy.log'), 'utf8');
    expect(log).toContain(`reason="ticket 4711" planned_by=ada@bastion plan=${digest}`);
    const { runs } = JSON.parse((await other.typed('history', '--json')).stdout);
    expect(runs).toMatchObject([{ reason: 'ticket 4711' }]);
    const shown = await other.typed('show', runs[0].run);
    expect(shown.stdout).toContain('  reason   ticket 4711\n');

    const before = everythingOn(practice.lab);
    expect(await other.apply()).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /applied already by ada@bastion, in run \S+: succeeded.*run_over/,
      ),
    });
    const elsewhere = await planner.apply();
    expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringContaining('plan_moved') });
    expect(changesIn(elsewhere.stderr)).toContainEqual(
      'hosts: web[01:03]: to be updated → on the release already',
    );
    expect(everythingOn(practice.lab)).toEqual(before);
  }, 60_000);

  test('is made and carried out as a person answers, and a no leaves it as it was', async () => {
    const planner = applier();
    const made = await planner.plan('deploy', '--from', './releases/better');
    expect(made.stderr).toContain(
      'The plan is in plan.json. To carry it out: fleet apply -i prod.yaml plan.json\n',
    );
    const answer = (keys: string) =>
      planner.answerTyped(keys, 'apply', 'plan.json', '-i', 'prod.yaml', '--output', 'plain');
    expect(await answer('n\n')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /Apply the plan of ada@bastion: deploy shop \S+ to 3 hosts of prod\? /,
      ),
    });
    expect(await answer('y\n')).toMatchObject({ code: 0 });
    expect(await planner.typed('apply', 'plan.json')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('add --yes'),
    });
  }, 60_000);

  test('of a rollback goes to the release that the plan names', async () => {
    const planner = applier();
    const made = await planner.plan('rollback');
    expect(made.stderr).toContain('fleet apply');
    expect(made).toMatchObject({ code: 0 });
    const { plan } = parsePlanFile(readFileSync(planner.file, 'utf8'), 'plan.json');
    expect(await planner.apply('--json')).toMatchObject({ code: 0 });
    const { stdout } = await planner.fleet('status', '--json');
    const { hosts } = JSON.parse(stdout) as { hosts: { release: string }[] };
    expect(new Set(hosts.map(({ release }) => release))).toEqual(new Set([plan.release.id]));
  }, 60_000);

  test('is applied with a warning after a day, and names its hosts itself', async () => {
    const planner = applier();
    await planner.plan('deploy');
    const file = parsePlanFile(readFileSync(planner.file, 'utf8'), 'plan.json');
    const plan = { ...file.plan, createdAt: '2025-12-30T01:00:00.000Z' };
    const { version } = file.fleet;
    writeFileSync(planner.file, planFileOf({ ...file, plan, version, projectDir: planner.dir }));
    const old = await planner.answerTyped('n\n', 'apply', 'plan.json', '-i', 'prod.yaml');
    expect(old.stderr).toContain('warning: the plan was made 74h ago, by ada@bastion');
    for (const flag of ['-g', '-l']) {
      expect(await planner.apply(flag, 'prod')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('a plan file names its hosts'),
      });
    }
  }, 60_000);
});

describe('a plan in a file is refused, and nothing is changed', () => {
  let before: unknown;
  beforeAll(() => {
    before = everythingOn(practice.lab);
  });

  async function refused(
    change: (at: ReturnType<typeof applier>) => void | Promise<void>,
    ...flags: readonly string[]
  ): Promise<readonly string[]> {
    const at = applier();
    appendFileSync(join(at.dir, 'releases/better/page'), 'of this test');
    expect(await at.plan('deploy', '--from', './releases/better')).toMatchObject({ code: 0 });
    await change(at);
    const ended = await at.apply(...flags);
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('plan_moved') });
    expect(everythingOn(practice.lab)).toEqual(before);
    expect(readdirSync(join(at.dir, 'state')).sort()).toEqual(['locks', 'tmp']);
    expect(readdirSync(join(at.dir, 'state/tmp'))).toEqual([]);
    return changesIn(ended.stderr);
  }

  test('with everything that has changed, in one list', async () => {
    const changes = await refused((at) => {
      appendFileSync(join(at.dir, 'releases/better/index.html'), 'more');
      at.edit('fleet.yaml', (text) =>
        text.replace('min_healthy_time: 300ms', 'min_healthy_time: 2s'),
      );
      at.edit('fleet.yaml', (text) => text.replace('8s }', '8s, max_unavailable: 50% }'));
      at.edit('prod.yaml', (text) => text.replace(/^.*web01.*\n/m, ''));
    });
    expect(changes).toEqual([
      expect.stringMatching(/^release: content: sha256:\w+ → sha256:\w+$/),
      'hosts: not in prod any more: web01',
      'config: policy.max_unavailable: 25% → 50%',
      'config: policy.min_healthy_time: 300ms → 2s',
    ]);
  }, 60_000);

  test('over another address, also with what preflight refuses', async () => {
    const changes = await refused((at) => {
      at.edit('prod.yaml', (text) =>
        text.replace(/(web01, address: 127\.0\.0\.\d+), port: \d+/, '$1, port: 9'),
      );
    });
    expect(changes).toEqual([expect.stringMatching(/^hosts: web01: ssh\.port: \d+ → 9$/)]);
  }, 60_000);

  test('over a host that came to the group', async () => {
    const at = applier();
    appendFileSync(join(at.dir, 'releases/better/page'), 'of this test');
    at.edit('prod.yaml', (text) => text.replace(/^.*web03.*\n/m, ''));
    expect(await at.plan('deploy', '--from', './releases/better')).toMatchObject({ code: 0 });
    writeFileSync(join(at.dir, 'prod.yaml'), readFileSync(practice.lab.inventoryFile));
    const ended = await at.apply('--json');
    expect(ended).toMatchObject({ code: 2 });
    const { error } = JSON.parse(ended.stdout);
    expect(error).toMatchObject({ code: 'plan_moved' });
    expect(error.problems).toEqual([{ message: 'hosts: new in prod: web03' }]);
  }, 60_000);

  test('over another fleet', async () => {
    const changes = await refused((at) => {
      const file = parsePlanFile(readFileSync(at.file, 'utf8'), 'plan.json');
      writeFileSync(at.file, planFileOf({ ...file, version: '99.0.0', projectDir: at.dir }));
    });
    expect(changes).toEqual([expect.stringMatching(/^fleet: 99\.0\.0 → /)]);
  }, 60_000);

  test('over a host that has gone down', async () => {
    const [first = ''] = practice.lab.hosts.map(({ name }) => name);
    const changes = await refused(async () => {
      await runOn(practice.lab, first, 'systemctl stop shop');
      before = everythingOn(practice.lab);
    });
    await runOn(practice.lab, first, 'systemctl start shop');
    expect(changes).toEqual(['state: web01: condition: serving → out']);
  }, 60_000);
});

describe('a plan file', () => {
  test.each([
    ['cut off', (text: string) => text.slice(0, -100), 'is not a whole plan file'],
    ['edited', (text: string) => text.replace('"web01"', '"web09"'), 'was changed after'],
    ['of something else', () => '{"format": "other"}', 'is not a whole plan file'],
    [
      'without its digest',
      (text: string) => text.replace(/,\s*"digest": "sha256:\w+"\n\}/, '}'),
      'was changed',
    ],
  ])('%s is refused', async (_, change, why) => {
    const at = applier();
    await at.plan('deploy');
    at.edit('plan.json', change);
    expect(await at.apply()).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(new RegExp(`plan\\.json ${why}.*plan_invalid`)),
    });
  });

  test('may be laid out anew, e.g. by jq', async () => {
    const at = applier();
    await at.plan('deploy');
    const file = readFileSync(at.file, 'utf8');
    const { digest, ...rest } = JSON.parse(file);
    const anew = JSON.stringify({ digest, ...rest });
    expect(parsePlanFile(anew, 'plan.json')).toEqual(parsePlanFile(file, 'plan.json'));
  });

  test('has no key, agent, history or path of the person who made it', async () => {
    const at = applier();
    await at.plan('deploy');
    const text = readFileSync(at.file, 'utf8');
    expect(text).not.toContain(at.dir);
    expect(text).not.toContain('id_ed25519');
    expect(text).not.toContain('known_hosts"');
    expect(parsePlanFile(text, 'x').plan.app.release.from).toEqual({
      kind: 'folder',
      path: 'releases/good',
    });
  });

  test('replaces an earlier one or an empty file, and nothing else', async () => {
    const at = applier();
    await at.plan('deploy');
    expect(await at.plan('deploy')).toMatchObject({ code: 0 });
    writeFileSync(at.file, '');
    expect(await at.plan('deploy')).toMatchObject({ code: 0 });
    const good = readFileSync(at.file);
    writeFileSync(at.file, 'my notes');
    const kept = { code: 2, stderr: expect.stringContaining('it was left as it is') };
    expect(await at.plan('deploy')).toMatchObject(kept);
    expect(readFileSync(at.file, 'utf8')).toBe('my notes');
    renameSync(at.file, join(at.dir, 'notes'));
    writeFileSync(join(at.dir, 'other.json'), good);
    symlinkSync('other.json', at.file);
    expect(await at.plan('deploy')).toMatchObject(kept);
    rmSync(at.file);
    mkdirSync(at.file);
    expect(await at.plan('deploy')).toMatchObject(kept);
  }, 60_000);

  test('is not written by a command that changes hosts, nor where none can be', async () => {
    const at = applier();
    expect(await at.fleet('deploy', '--yes', '--out', 'plan.json')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('fleet plan deploy'),
    });
    const away = join(mkdtempSync(join(tmpdir(), 'fleet-out-')), 'no/plan.json');
    expect(await at.fleet('plan deploy', '--out', away)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('file_unusable'),
    });
    expect(await at.typed('apply', 'none.json', '--yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('file_unusable'),
    });
  });
});
