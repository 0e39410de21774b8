import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTimeOf } from '../../src/files/process-identity.js';
import type { CallOutcome } from '../../src/host/client.js';
import type { HostBackup } from '../../src/host/protocol/backup.js';
import { type BackupRun, backupStep, restoreStep } from '../../src/host/steps/backup-steps.js';
import {
  confirmStep,
  factsStep,
  type Ownership,
  pruneSteps,
  unclaimStep,
} from '../../src/host/steps/steps.js';
import type { Backup } from '../../src/model/releases/backup.js';
import { activationSteps, claim, deploy, ownership } from './support/deploy.js';
import { ALL_SHELLS, type FakeHost, SERVICE, type Shell } from './support/fake-host.js';
import { fakeRelease, NOW } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';
import { hostsAfter } from './support/templates.js';

const one = fakeRelease(1);
const two = fakeRelease(2);
const by = ownership(2);

const BACKUP: Backup = {
  paths: ['shared/.env', 'shared/data'],
  command: null,
  restoreCommand: null,
  keep: 3,
  timeoutMs: 20_000,
};

let host: FakeHost;
afterEach(() => host.stop());

const withOne = hostsAfter(async (template) => {
  expect(codeOf(await deploy(template, ownership(1), { from: null, to: one }))).toBe('ok');
});

async function deployed(shell?: Shell): Promise<void> {
  host = await withOne(shell);
  mkdirSync(at('shared/data/deep'), { recursive: true });
  writeFileSync(at('shared/.env'), 'KEY=old\n', { mode: 0o640 });
  writeFileSync(at('shared/data/a'), 'data of one');
}

const at = (path: string): string => join(host.root, path);
const text = (path: string): string => readFileSync(at(path), 'utf8');

const RUN: BackupRun = { app: 'shop', host: 'web1', kind: 'deploy', from: one.id, to: two.id };

const stepOf = (backup: Partial<Backup>, own: Ownership = by, run: BackupRun = RUN) =>
  backupStep(own, run, { backup: { ...BACKUP, ...backup } });

const take = (backup: Partial<Backup> = {}): Promise<CallOutcome> => host.run([stepOf(backup)]);

async function claimed(): Promise<void> {
  expect(codeOf(await host.run([claim(by, one.id)]))).toBe('ok');
}

const reported = (outcome: CallOutcome): readonly HostBackup[] =>
  outcome.events.flatMap((event) => (event.event === 'backup' ? [event] : []));

const notes = (outcome: CallOutcome): readonly string[] =>
  outcome.events.flatMap((event) => (event.event === 'note' ? [event.message] : []));

async function listed(): Promise<readonly HostBackup[]> {
  return reported(await host.run([factsStep(SERVICE, [], { releases: false, backups: true })]));
}

/** What there is of backups, finished or not, and of a restore. */
const leftovers = (): readonly string[] =>
  readdirSync(at('.fleet'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/)(\.tmp-|apart-|restoring)/.test(path),
  );

const nothingKept = (): void => {
  expect(existsSync(at('.fleet/backups')) ? readdirSync(at('.fleet/backups')) : []).toEqual([]);
  expect(leftovers()).toEqual([]);
};

describe('a backup', () => {
  test.each(ALL_SHELLS)('keeps the paths and what the command writes, in %s', async (shell) => {
    await deployed(shell);
    await claimed();
    const command = 'echo "$FLEET_APP $FLEET_HOST $FLEET_KIND $FLEET_RUN" >"$FLEET_BACKUP/db"; pwd';
    const outcome = await host.run([two.stage(by), stepOf({ command })], two.payload);
    expect(codeOf(outcome)).toBe('ok');
    const folder = `.fleet/backups/${by.txn}`;
    expect(text(`${folder}/tree/shared/.env`)).toBe('KEY=old\n');
    expect(text(`${folder}/tree/shared/data/a`)).toBe('data of one');
    expect(existsSync(at(`${folder}/tree/shared/data/deep`))).toBe(true);
    expect(text(`${folder}/files/db`)).toBe('shop web1 deploy run2\n');
    expect(notes(outcome)).toEqual([at(`releases/${two.id}`)]);
    const [backup] = reported(outcome);
    expect(backup).toMatchObject({
      id: by.txn,
      run: 'run2',
      epoch: 2,
      from: one.id,
      to: two.id,
      kind: 'deploy',
      by: `O'Neil "x" $(id) Jörg@bastion`,
      paths: [{ path: 'shared/.env' }, { path: 'shared/data' }],
    });
    expect(backup?.commandKib).not.toBeNull();
    expect(JSON.parse(text(`${folder}/info`))).toMatchObject({ id: by.txn, kib: backup?.kib });
    expect(await listed()).toEqual([backup]);
    expect(leftovers()).toEqual([]);
  });

  test('is for the login user alone, and keeps modes, times and links', async () => {
    await deployed();
    chmodSync(at('shared/data/a'), 0o440);
    chmodSync(at('shared/data/deep'), 0o555);
    utimesSync(at('shared/data/a'), 1_000_000, 1_000_000);
    symlinkSync('/nowhere at all', at('shared/data/link'));
    await claimed();
    expect(codeOf(await take())).toBe('ok');
    const tree = `.fleet/backups/${by.txn}/tree/shared`;
    expect(statSync(at('.fleet/backups')).mode & 0o777).toBe(0o700);
    expect(statSync(at(`.fleet/backups/${by.txn}`)).mode & 0o777).toBe(0o700);
    expect(statSync(at(`${tree}/data/a`)).mode & 0o777).toBe(0o440);
    expect(statSync(at(`${tree}/data/a`)).mtimeMs).toBe(1_000_000_000);
    expect(statSync(at(`${tree}/.env`)).mode & 0o777).toBe(0o640);
    expect(readlinkSync(at(`${tree}/data/link`))).toBe('/nowhere at all');
    chmodSync(at('shared/data/deep'), 0o755);
  });

  test('keeps files of any name', async () => {
    await deployed();
    const names = [
      '-rf',
      'two\nlines',
      ' blank ',
      `quo"te'`,
      '$(id)',
      'Jörg',
      '*',
      'x'.repeat(255),
    ];
    for (const name of names) writeFileSync(at(`shared/data/${name}`), name);
    writeFileSync(at('-odd "name" $(id)'), 'odd');
    await claimed();
    expect(codeOf(await take({ paths: ['shared/data', '-odd "name" $(id)'] }))).toBe('ok');
    const tree = at(`.fleet/backups/${by.txn}/tree`);
    for (const name of names)
      expect(readFileSync(join(tree, 'shared/data', name), 'utf8')).toBe(name);
    expect(readFileSync(join(tree, '-odd "name" $(id)'), 'utf8')).toBe('odd');
    expect((await listed())[0]?.paths.map(({ path }) => path)).toContain('-odd "name" $(id)');
  });

  test.each([
    [
      'a path that does not exist',
      { paths: ['shared/absent'] },
      'shared/absent cannot be kept: it does not exist',
    ],
    [
      'a folder that does not exist',
      { paths: ['no/such'] },
      'no/such cannot be kept: no does not exist',
    ],
    [
      'a command that fails',
      { command: 'echo why >&2; exit 3' },
      'the backup command ended with exit code 3: why',
    ],
    [
      'a command that is killed',
      { command: 'kill -9 $$' },
      'the backup command was ended by SIGKILL',
    ],
    [
      'a command that does not exist',
      { command: 'no-such-program' },
      'the backup command ended with exit code 127',
    ],
  ])('fails clearly and leaves nothing: %s', async (_, backup, message) => {
    await deployed();
    await claimed();
    const outcome = await take(backup);
    expect(outcome).toMatchObject({
      kind: 'failed',
      failure: { code: 'backup_failed', step: 'backup' },
      phase: 'claimed',
    });
    expect(outcome.kind === 'ok' ? '' : outcome.failure.message).toContain(message);
    nothingKept();
    expect(codeOf(await host.run([unclaimStep(by)]))).toBe('ok');
    expect(host.current()).toBe(`releases/${one.id}`);
  });

  test('follows no link, so that who may write in shared/ does not choose what is kept', async () => {
    await deployed();
    rmSync(at('shared/data'), { recursive: true });
    symlinkSync('/etc', at('shared/data'));
    await claimed();
    for (const path of ['shared/data', 'shared/data/passwd']) {
      const outcome = await take({ paths: [path] });
      expect(outcome.kind === 'ok' ? '' : outcome.failure.message).toMatch(/is a link/);
    }
    nothingKept();
  });

  test.each(['/etc/passwd', '../x', 'releases/x', '.fleet/state', 'current/x', 'shared/../../x'])(
    'refuses the path %s before anything is done',
    async (path) => {
      await deployed();
      await claimed();
      expect(codeOf(await take({ paths: [path] }))).toBe('usage');
      nothingKept();
    },
  );

  test('is refused to a run that does not have the host', async () => {
    await deployed();
    expect(codeOf(await take())).toBe('wrong_phase');
    await host.run([claim(ownership(3), one.id)]);
    expect(codeOf(await take())).toBe('fenced');
    nothingKept();
  });

  test('ends a command that takes too long, with all that it has started', async () => {
    await deployed();
    await claimed();
    const file = join(host.dir, 'child');
    const command = `trap '' TERM; sh -c 'echo $$ >${file}; exec sleep 100' & echo begun; sleep 101`;
    const outcome = await take({ command, timeoutMs: 700 });
    expect(outcome).toMatchObject({
      failure: { message: 'the backup command was ended after 700 ms: begun', stderr: ['begun'] },
    });
    const child = readFileSync(file, 'utf8').trim();
    await expect.poll(() => startTimeOf(Number(child))).toBe(null);
    nothingKept();
  });

  test('does not wait for a process that the command leaves behind, whatever it holds open', async () => {
    await deployed();
    await claimed();
    const file = join(host.dir, 'child');
    const before = Date.now();
    const outcome = await take({ command: `sh -c 'echo $$ >${file}; exec sleep 100' & echo done` });
    expect(codeOf(outcome)).toBe('ok');
    expect(notes(outcome)).toEqual(['done']);
    expect(Date.now() - before).toBeLessThan(20_000);
    process.kill(Number(readFileSync(file, 'utf8')));
  });

  test('bounds what a command prints, and shows its last line', async () => {
    await deployed();
    await claimed();
    const flood =
      'head -c 50000000 /dev/zero | tr "\\0" "x"; echo; printf "\\033[2Jlast\\n"; exit 1';
    const outcome = await take({ command: flood });
    expect(outcome).toMatchObject({ failure: { code: 'backup_failed' } });
    expect(outcome.kind === 'ok' ? '' : outcome.failure.message).toMatch(/exit code 1: .*last$/);
    expect(JSON.stringify(outcome).length).toBeLessThan(100_000);
  });

  test('is not begun without the space for it, and leaves nothing if the space ends', async () => {
    await deployed();
    await claimed();
    const df = (free: number) =>
      host.tool('df', `#!/bin/sh\necho head\necho "/dev/x 1000 10 ${free} 1% /"\n`);
    df(1024);
    expect(codeOf(await take())).toBe('disk_full');
    df(500_000);
    host.tool(
      'cp',
      '#!/bin/sh\n/bin/cp "$@"\necho "cp: error writing x: No space left on device" >&2\nexit 1\n',
    );
    expect(codeOf(await take())).toBe('disk_full');
    nothingKept();
  });

  test('repeated by the same transaction gives the recorded answer, also after the activation', async () => {
    await deployed();
    await claimed();
    const command = 'echo x >>"$FLEET_ROOT/../ran"; date +%s%N >"$FLEET_BACKUP/at"';
    await host.run([two.stage(by)], two.payload);
    const first = await take({ command });
    writeFileSync(at('shared/.env'), 'KEY=new\n');
    const again = await take({ command });
    expect(again.replies).toMatchObject([{ verb: 'backup', ok: true, repeated: true }]);
    expect(reported(again)).toEqual(reported(first));
    expect(codeOf(await host.run(activationSteps(by, one.id, two.id)))).toBe('ok');
    expect((await take({ command })).replies).toMatchObject([{ ok: true, repeated: true }]);
    expect(text(`.fleet/backups/${by.txn}/tree/shared/.env`)).toBe('KEY=old\n');
    expect(readFileSync(join(host.dir, 'ran'), 'utf8')).toBe('x\n');
  });

  test('of a lost call is waited for by its twin, so that the command runs once', async () => {
    await deployed();
    await claimed();
    const command = 'echo x >>"$FLEET_ROOT/../ran"; sleep 1';
    const both = await Promise.all([take({ command }), take({ command })]);
    expect(both.map(codeOf)).toEqual(['ok', 'ok']);
    expect(readFileSync(join(host.dir, 'ran'), 'utf8')).toBe('x\n');
    expect(await listed()).toHaveLength(1);
    expect(leftovers()).toEqual([]);
  });

  test('lets the claim be renewed and taken over while it works, and is not kept then', async () => {
    await deployed();
    await claimed();
    const file = join(host.dir, 'begun');
    const slow = take({ command: `echo x >${file}; sleep 2` });
    while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
    const newer = ownership(3);
    expect(
      codeOf(await host.run([{ verb: 'adopt', args: adoptArgs(newer) }, unclaimStep(newer)])),
    ).toBe('ok');
    expect(codeOf(await slow)).toBe('fenced');
    expect(await listed()).toEqual([]);
    expect(codeOf(await host.run([claim(ownership(4), one.id)]))).toBe('ok');
    nothingKept();
  });

  test('that was killed is taken anew, and its leftovers and its command are gone', async () => {
    await deployed();
    await claimed();
    const file = join(host.dir, 'begun');
    host.tool(
      'du',
      `#!/bin/sh\n[ -e ${file} ] || { echo x >${file}; kill -9 $PPID; }\nexec /usr/bin/du "$@"\n`,
    );
    expect((await take()).kind).not.toBe('ok');
    expect(leftovers().length).toBeGreaterThan(0);
    expect(codeOf(await take())).toBe('ok');
    expect(codeOf(await host.run([unclaimStep(by), claim(ownership(3), one.id)]))).toBe('ok');
    expect(leftovers()).toEqual([]);
    expect(await listed()).toHaveLength(1);
  });
});

const adoptArgs = (own: Ownership): readonly (readonly [string, string])[] => [
  ['epoch', String(own.epoch)],
  ['run', own.run],
  ['txn', own.txn],
  ['owner', '"x"'],
  ['lease', '60'],
  ['over', by.run],
  ['force', '1'],
];

describe('backups that are kept', () => {
  /** A whole deploy with a backup; every one of them replaces the release before. */
  async function deployWith(number: number, from: typeof one, to: typeof one, keep?: number) {
    const own = ownership(number);
    const run = { ...RUN, from: from.id, to: to.id };
    const steps = [
      stepOf({ paths: ['shared/.env'] }, own, run),
      ...activationSteps(own, from.id, to.id),
      confirmStep(own, NOW),
      ...(keep === undefined ? [] : pruneSteps(own, [], keep)),
      unclaimStep(own),
    ];
    expect(codeOf(await host.run([claim(own, from.id)]))).toBe('ok');
    expect(codeOf(await host.run([to.stage(own)], to.payload))).toBe('ok');
    const outcome = await host.run(steps);
    expect(codeOf(outcome)).toBe('ok');
  }

  beforeEach(() => deployed());

  test('are as many as are to be kept, the newest by the epochs of the host', async () => {
    for (let number = 2; number <= 6; number += 1) {
      await deployWith(number, number % 2 === 0 ? one : two, number % 2 === 0 ? two : one, 3);
    }
    expect((await listed()).map(({ epoch }) => epoch)).toEqual([4, 5, 6]);
    expect(leftovers()).toEqual([]);
  });

  test('include that of the last transaction, and that which a rollback of current needs', async () => {
    const version = (own: Ownership) => `{"run":"${own.run}"}`;
    await deployWith(2, one, two);
    writeFileSync(at(`releases/${two.id}/version.json`), `${version(ownership(2))}\n`);
    expect((await listed()).map(({ recent }) => recent)).toEqual([true]);
    for (const number of [3, 4, 5]) {
      const own = ownership(number);
      const run = { ...RUN, from: two.id, to: two.id };
      await host.run([claim(own, two.id), stepOf({}, own, run), unclaimStep(own)]);
    }
    const own = ownership(6);
    await host.run([claim(own, two.id), ...pruneSteps(own, [], 1), unclaimStep(own)]);
    expect((await listed()).map(({ epoch }) => epoch)).toEqual([2, 5]);
  });
});

describe('a restore', () => {
  const own = ownership(3);
  const restoring: BackupRun = { ...RUN, kind: 'restore', to: null };
  const steps = (restoreCommand: string | null = null, timeoutMs = 20_000) => [
    backupStep(own, restoring, { backup: { ...BACKUP, paths: [] }, before: by.txn }),
    restoreStep(own, restoring, { backup: { restoreCommand, timeoutMs }, id: by.txn }),
  ];

  async function backedUp(shell: Shell = 'dash'): Promise<void> {
    await deployed(shell);
    await claimed();
    expect(codeOf(await take({ command: 'echo snapshot >"$FLEET_BACKUP/db"' }))).toBe('ok');
    expect(codeOf(await host.run([unclaimStep(by), claim(own, one.id)]))).toBe('ok');
    writeFileSync(at('shared/.env'), 'KEY=new\n');
    writeFileSync(at('shared/data/b'), 'data of two');
    rmSync(at('shared/data/a'));
  }

  const isBefore = (): void => {
    expect(text('shared/.env')).toBe('KEY=new\n');
    expect(readdirSync(at('shared/data')).sort()).toEqual(['b', 'deep']);
    expect(beside()).toEqual([]);
    expect(leftovers()).toEqual([]);
  };
  const beside = () => readdirSync(at('shared')).filter((name) => name.startsWith('.fleet'));
  const isRestored = (): void => {
    expect(text('shared/.env')).toBe('KEY=old\n');
    expect(lstatSync(at('shared/.env')).mode & 0o777).toBe(0o640);
    expect(readdirSync(at('shared/data')).sort()).toEqual(['a', 'deep']);
    expect(beside()).toEqual([]);
    expect(leftovers()).toEqual([]);
  };

  test.each(ALL_SHELLS)(
    'brings every path back, and keeps what was there, in %s',
    async (shell) => {
      await backedUp(shell);
      const outcome = await host.run(steps('cp "$FLEET_BACKUP/db" "$FLEET_ROOT/../db"'));
      expect(codeOf(outcome)).toBe('ok');
      isRestored();
      expect(readFileSync(join(host.dir, 'db'), 'utf8')).toBe('snapshot\n');
      const kept = `.fleet/backups/${own.txn}`;
      expect(text(`${kept}/tree/shared/.env`)).toBe('KEY=new\n');
      expect(text(`${kept}/tree/shared/data/b`)).toBe('data of two');
      expect(outcome.events).toContainEqual({ event: 'restored', id: by.txn });
    },
  );

  test('repeated by the same transaction changes nothing', async () => {
    await backedUp();
    expect(codeOf(await host.run(steps()))).toBe('ok');
    writeFileSync(at('shared/.env'), 'KEY=newest\n');
    const again = await host.run(steps());
    expect(again.replies).toMatchObject([{ repeated: true }, { repeated: true }]);
    expect(text('shared/.env')).toBe('KEY=newest\n');
  });

  test('brings back what is gone, with the folder that it was in', async () => {
    await backedUp();
    rmSync(at('shared'), { recursive: true });
    expect(codeOf(await host.run(steps()))).toBe('ok');
    isRestored();
    const [, before] = await listed();
    expect(before?.paths.map(({ kib }) => kib)).toEqual([null, null]);
  });

  test.each([
    [
      'the restore command fails',
      steps('echo why >&2; exit 9'),
      'the restore command ended with exit code 9: why',
    ],
    [
      'the restore command takes too long',
      steps('sleep 100', 500),
      'the restore command was ended after 500 ms',
    ],
  ])('leaves the files as they were if %s', async (_, failing, message) => {
    await backedUp();
    const outcome = await host.run(failing);
    expect(outcome).toMatchObject({ failure: { code: 'restore_failed' } });
    expect(outcome.kind === 'ok' ? '' : outcome.failure.message).toContain(message);
    isBefore();
    expect(codeOf(await host.run(steps().slice(1)))).toBe('ok');
    isRestored();
  });

  test('leaves the files as they were if the disk is full in the middle', async () => {
    await backedUp();
    const [before, restore] = steps();
    expect(codeOf(await host.run(before === undefined ? [] : [before]))).toBe('ok');
    host.tool(
      'cp',
      '#!/bin/sh\ncase $* in *data*) echo "cp: No space left on device" >&2; exit 1;; esac\nexec /bin/cp "$@"\n',
    );
    expect(codeOf(await host.run(restore === undefined ? [] : [restore]))).toBe('disk_full');
    isBefore();
  });

  test('of a backup that is not there is refused', async () => {
    await backedUp();
    const step = restoreStep(own, restoring, { backup: BACKUP, id: 'run9-web1' });
    expect(codeOf(await host.run([step]))).toBe('backup_unknown');
    isBefore();
  });

  test('goes into no folder behind a link that was put into shared/ meanwhile', async () => {
    await backedUp();
    rmSync(at('shared/data'), { recursive: true });
    mkdirSync(join(host.dir, 'home'));
    symlinkSync(join(host.dir, 'home'), at('shared/data'));
    const outcome = await host.run(steps().slice(1));
    expect(codeOf(outcome)).toBe('restore_failed');
    expect(readdirSync(join(host.dir, 'home'))).toEqual([]);
    expect(text('shared/.env')).toBe('KEY=new\n');
  });

  /** Kills the step at its Nth rename or link beside the paths. */
  function killAt(tool: 'mv' | 'ln' | 'cp', nth: number): void {
    const count = join(host.dir, 'count');
    writeFileSync(count, '');
    host.tool(
      tool,
      `#!/bin/sh\necho x >>${count}\n[ "$(wc -l <${count})" != ${nth} ] || kill -9 $PPID\nexec /bin/${tool} "$@"\n`,
    );
  }

  test.each(
    (['mv', 'ln', 'cp'] as const).flatMap((tool) =>
      [1, 2, 3, 4, 5, 6, 7].map((nth) => ({ tool, nth })),
    ),
  )(
    'killed at $tool $nth is finished when it is sent again, or put back by the next step',
    async ({ tool, nth }) => {
      await backedUp();
      const [before, restore] = steps();
      await host.run(before === undefined ? [] : [before]);
      killAt(tool, nth);
      const killed = await host.run(restore === undefined ? [] : [restore]);
      rmSync(join(host.dir, 'bin', tool));
      if (killed.kind === 'ok') return isRestored();
      // Each path is complete, as it was or restored.
      expect(['KEY=new\n', 'KEY=old\n']).toContain(text('shared/.env'));
      const clone = `${host.root}-clone`;
      spawnSync('cp', ['-a', host.root, clone]);
      expect(codeOf(await host.run(restore === undefined ? [] : [restore]))).toBe('ok');
      isRestored();
      rmSync(host.root, { recursive: true });
      spawnSync('mv', [clone, host.root]);
      expect(codeOf(await host.run([unclaimStep(own)]))).toBe('ok');
      if (existsSync(at('.fleet/restored'))) isRestored();
      else isBefore();
    },
  );
});
