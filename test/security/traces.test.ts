import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { leaveClaimed } from '../cli/support/practice-bastion.js';
import { practiceLab } from '../lab/support/practice-lab.js';
import { builtFleet, endOf, says } from './support/built-fleet.js';

const practice = practiceLab({ hosts: 2, shared: { '.env': 'SHOP_PORT=@PORT@\n' } });
const fleet = builtFleet();
const log = join(fleet.stateDir, 'deploy.log');
const where = (): readonly string[] => fleet.on(practice.lab);

/** What a line of deploy.log says: the time, and each key with its value. */
type Line = Readonly<Record<string, string>>;

function parse(line: string): Line {
  const [at = ''] = line.split(' ');
  const pairs = [...line.slice(at.length).matchAll(/ (\w+)=("(?:[^"\\]|\\.)*"|\S*)/g)];
  expect(pairs.map(([text]) => text).join('')).toBe(line.slice(at.length));
  return {
    at,
    ...Object.fromEntries(
      pairs.map(([, key = '', value = '']) => [
        key,
        value.startsWith('"') ? String(JSON.parse(value)) : value,
      ]),
    ),
  };
}

function lines(): readonly Line[] {
  if (!existsSync(log)) return [];
  return readFileSync(log, 'utf8').trimEnd().split('\n').map(parse);
}
const acts = (): readonly Line[] => lines().filter(({ act }) => act !== undefined);

/** The two lines of the only act. */
function theAct(): readonly [Line, Line] {
  const [begins = {}, ended = {}, ...more] = acts();
  expect(more).toEqual([]);
  expect([begins.stage, ended.stage]).toEqual(['begins', 'ended']);
  expect(begins.id).toMatch(/^[0-9a-f]{8}$/);
  expect(ended).toMatchObject({ act: begins.act, id: begins.id });
  return [begins, ended];
}

const loginUid = (): string => {
  const said = readFileSync('/proc/self/loginuid', 'utf8').trim();
  return said === '4294967295' ? '-' : said;
};
/** What no variable changes. */
const REAL = { account: userInfo().username, uid: `${process.getuid?.()}`, login: loginUid() };

/** Each line of a host's log is JSON. */
function hostLog(index = 0): readonly Readonly<Record<string, unknown>>[] {
  const file = join(practice.lab.hosts[index]?.home ?? '', 'shop/.fleet/log');
  const texts = readFileSync(file, 'utf8').trimEnd().split('\n');
  return texts.map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>);
}

beforeAll(async () => {
  const args = ['deploy', ...where(), '--yes', '--from', fleet.newRelease()];
  expect(await fleet.run(args)).toMatchObject({ code: 0 });
}, 60_000);
beforeEach(() => rmSync(log, { recursive: true, force: true }));

describe('what is forced leaves a trace', () => {
  test('fleet lock release --force, in deploy.log and in the log of the host', async () => {
    leaveClaimed(practice.lab, 3600);
    const env = { FLEET_OPERATOR: 'another-user', SUDO_USER: 'eve' };
    await fleet.run(['lock', 'release', ...where(), '--force'], { env });
    const [begins, ended] = theAct();
    expect(begins).toMatchObject({
      act: 'lock-release',
      app: 'shop',
      group: 'prod',
      force: '1',
      from: 'gone of ada@elsewhere',
      names: 'web01',
      operator: `another-user@${hostname()}`,
      sudo: 'eve',
      ...REAL,
    });
    expect(ended).toMatchObject({ ok: '1', failed: '0' });
    const adopted = hostLog().findLast(({ verb }) => verb === 'adopt');
    expect(adopted).toMatchObject({
      owner: `another-user@${hostname()}`,
      by: {
        operator: `another-user@${hostname()}`,
        account: REAL.account,
        uid: process.getuid?.(),
        sudoUser: 'eve',
      },
    });
    expect(hostLog().at(-1)).toMatchObject({ verb: 'unclaim', owner: adopted?.owner });
  });

  test.each([
    ['--force', '1', 3600],
    ['--yes', '0', 0],
  ] as const)('fleet recover %s, with whose claim it took', async (flag, force, lease) => {
    leaveClaimed(practice.lab, lease);
    expect(await fleet.run(['recover', ...where(), '--yes', flag])).toMatchObject({ code: 0 });
    const [begins, ended] = theAct();
    expect(begins).toMatchObject({ act: 'recover', force, from: 'gone of ada@elsewhere', ...REAL });
    expect(ended.states).toBe('released:1');
    expect(hostLog().findLast(({ verb }) => verb === 'adopt')?.run).toBe(begins.as);
  });

  test('a refusal to force leaves none, since nothing was done', async () => {
    leaveClaimed(practice.lab, 3600);
    expect(await fleet.run(['recover', ...where(), '--yes'])).toMatchObject({ code: 7 });
    expect(await fleet.run(['lock', 'release', ...where()])).toMatchObject({ code: 2 });
    expect(existsSync(log)).toBe(false);
    await fleet.run(['recover', ...where(), '--yes', '--force']);
  });

  test('goes on with a warning where deploy.log cannot be written: the host has it', async () => {
    leaveClaimed(practice.lab, 3600);
    mkdirSync(log, { recursive: true });
    const ended = await fleet.run(['recover', ...where(), '--yes', '--force']);
    expect(ended).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/warning: .*deploy\.log/),
    });
    expect(hostLog().findLast(({ verb }) => verb === 'adopt')?.by).toMatchObject({
      account: REAL.account,
    });
  });
});

describe('fleet exec leaves a trace', () => {
  test('of the command, the hosts and what came of it', async () => {
    await fleet.run(['exec', ...where(), '--', 'cd "/" && exit 3']);
    const [begins, ended] = theAct();
    expect(begins).toMatchObject({ act: 'exec', hosts: '2', names: 'web01, web02', ...REAL });
    expect(begins.command).toBe('cd "/" && exit 3');
    expect(ended).toMatchObject({ exit: '4', ends: '3:2' });
  });

  test('in the log of each host, by whom and before the command runs', async () => {
    const before = hostLog(1).length;
    await fleet.run(['exec', ...where(), '--', 'grep -c log_exec shop/.fleet/log']);
    const [line, ...more] = hostLog(1).slice(before);
    expect(more).toEqual([]);
    expect(line).toMatchObject({ verb: 'log_exec', before: 'idle', after: 'idle' });
    expect(line?.by).toMatchObject({ account: REAL.account, uid: Number(REAL.uid) });
  });

  test('before the command runs, on disk', async () => {
    const child = fleet.start(['exec', ...where(), '--', 'echo at-work; sleep 30']);
    const ended = endOf(child);
    while (acts().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill('SIGKILL');
    await ended;
    expect(acts()).toMatchObject([{ stage: 'begins', command: 'echo at-work; sleep 30' }]);
  });

  test.each([
    ['mysql -psecret -e "select 1"', 'mysql'],
    ['PGPASSWORD=secret psql', '-'],
    ['"secret" x', '-'],
  ])('without what is secret in it, where that is asked for: %s', async (command, shown) => {
    await fleet.run(['exec', ...where(), '--no-log-command', '--', command]);
    expect(theAct()[0].command).toBe(shown);
    expect(readFileSync(log, 'utf8')).not.toContain('secret');
  });

  test('of one line, whatever the command and the name of the person hold', async () => {
    const env = { FLEET_OPERATOR: 'a\nb "c" \u202e\u009b \\ d' };
    const command = `true '\n2026-01-01T00:00:00Z act=exec stage=begins id=00000000' # ${'x'.repeat(9000)}`;
    await fleet.run(['exec', ...where(), '--', command], { env });
    const [begins] = theAct();
    expect(begins.operator).toBe(`a\nb "c" \u202e\u009b \\ d@${hostname()}`);
    expect(begins.command).toMatch(/^true '\n.* characters more$/s);
    expect(readFileSync(log, 'latin1')).toMatch(/^[\n\x20-\x7e]+$/);
  });
});

describe('what changes how a host boots leaves a trace', () => {
  test.each(['install', 'remove'])(
    'fleet doctor --%s-guard',
    async (change) => {
      const args = ['doctor', ...where(), '-y', `--${change}-guard`];
      expect(await fleet.run(args)).toMatchObject({ code: 0 });
      const [begins, ended] = theAct();
      expect(begins).toMatchObject({ act: `guard-${change}`, hosts: '2', ...REAL });
      expect(ended.states).toBe(change === 'install' ? 'installed:2' : 'removed:2');
      expect(hostLog().at(-1)).toMatchObject({
        verb: `${change}_guard`,
        by: { operator: `ops@${hostname()}`, account: REAL.account },
      });
    },
    30_000,
  );
});

describe('the name of a person', () => {
  test.each([
    ['FLEET_OPERATOR', ''],
    ['FLEET_OPERATOR', '  '],
  ])('is not empty where %s is set to "%s"', async (name, value) => {
    const env = { [name]: value, LOGNAME: 'ops' };
    await fleet.run(['exec', ...where(), '--', 'true'], { env });
    expect(theAct()[0].operator).toBe(`ops@${hostname()}`);
  });

  test('of root is shown with the account behind it, also in the line of a run', async () => {
    const env = { FLEET_OPERATOR: 'root', LOGNAME: 'root', SUDO_USER: 'root' };
    const args = ['deploy', ...where(), '--yes', '--from', fleet.newRelease()];
    expect(await fleet.run(args, { env })).toMatchObject({ code: 0 });
    expect(lines()).toMatchObject([{ kind: 'deploy', operator: `root@${hostname()}`, ...REAL }]);
    expect(hostLog().findLast(({ verb }) => verb === 'claim')?.by).toMatchObject({
      operator: `root@${hostname()}`,
      account: REAL.account,
      uid: process.getuid?.(),
    });
  }, 30_000);
});

describe('what people do to a run leaves a trace', () => {
  test('fleet pause, resume and abort by another', async () => {
    const config = readFileSync(join(fleet.dir, 'fleet.yaml'), 'utf8');
    const slow = config.replace('min_healthy_time: 300ms', 'min_healthy_time: 3s');
    writeFileSync(join(fleet.dir, 'slow.yaml'), slow);
    const args = [
      'deploy',
      ...where(),
      '-c',
      'slow.yaml',
      '--yes',
      '--on-pause',
      'wait',
      '--output',
      'plain',
      '-v',
    ];
    const child = fleet.start([...args, '--from', fleet.newRelease()], { env: { LOGNAME: 'ada' } });
    const ended = endOf(child);
    await says(child, /switching/);
    const [run = ''] = runs();
    await fleet.run(['pause', run], { env: { LOGNAME: 'bob' } });
    await fleet.run(['resume', run], { env: { LOGNAME: 'bob' } });
    await fleet.run(['abort', run], { env: { LOGNAME: 'bob' } });
    await ended;
    const told = acts().filter(({ stage }) => stage === 'begins');
    expect(told.map(({ act }) => act)).toEqual(['pause', 'resume', 'abort']);
    for (const act of told) {
      expect(act).toMatchObject({ run, of: `ada@${hostname()}`, operator: `bob@${hostname()}` });
    }
  }, 60_000);
});

/** The ids of the runs that have a journal, newest first. */
const runs = (): readonly string[] => readdirSync(join(fleet.stateDir, 'runs')).sort().reverse();

test('deploy.log is for its owner alone, and a line that was cut keeps to itself', async () => {
  writeFileSync(log, '2026-01-01T00:00:00Z run=cut', { mode: 0o600 });
  await fleet.run(['exec', ...where(), '--', 'true']);
  expect(lines()).toMatchObject([{ run: 'cut' }, { act: 'exec' }, { act: 'exec' }]);
  expect(statSync(log).mode & 0o777).toBe(0o600);
});
