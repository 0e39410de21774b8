import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type BackupRun, backupStep, restoreStep } from '../../src/host/steps/backup-steps.js';
import {
  confirmStep,
  type Ownership,
  pruneSteps,
  unclaimStep,
} from '../../src/host/steps/steps.js';
import {
  at,
  BACKUP,
  by,
  claimed,
  deployed,
  host,
  leftovers,
  listed,
  one,
  RUN,
  stepOf,
  take,
  text,
  two,
} from './support/backup-host.js';
import { activationSteps, claim, ownership } from './support/deploy.js';
import { ALL_SHELLS, type Shell } from './support/fake-host.js';
import { NOW } from './support/fake-release.js';
import { codeOf } from './support/refused-step.js';

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
