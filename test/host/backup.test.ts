import {
  chmodSync,
  existsSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startTimeOf } from '../../src/files/process-identity.js';
import { type Ownership, unclaimStep } from '../../src/host/steps/steps.js';
import {
  at,
  by,
  claimed,
  deployed,
  host,
  leftovers,
  listed,
  notes,
  nothingKept,
  one,
  reported,
  stepOf,
  take,
  text,
  two,
} from './support/backup-host.js';
import { activationSteps, claim, ownership } from './support/deploy.js';
import { ALL_SHELLS } from './support/fake-host.js';
import { codeOf } from './support/refused-step.js';

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
