import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import type { CallOutcome } from '../../../src/host/client.js';
import type { HostBackup } from '../../../src/host/protocol/backup.js';
import { type BackupRun, backupStep } from '../../../src/host/steps/backup-steps.js';
import { factsStep, type Ownership } from '../../../src/host/steps/steps.js';
import type { Backup } from '../../../src/model/releases/backup.js';
import { claim, deploy, ownership } from './deploy.js';
import { type FakeHost, SERVICE, type Shell } from './fake-host.js';
import { fakeRelease } from './fake-release.js';
import { codeOf } from './refused-step.js';
import { hostsAfter } from './templates.js';

export const one = fakeRelease(1);
export const two = fakeRelease(2);
export const by = ownership(2);

export const BACKUP: Backup = {
  paths: ['shared/.env', 'shared/data'],
  command: null,
  restoreCommand: null,
  keep: 3,
  timeoutMs: 20_000,
};

export let host: FakeHost;
afterEach(() => host.stop());

const withOne = hostsAfter(async (template) => {
  expect(codeOf(await deploy(template, ownership(1), { from: null, to: one }))).toBe('ok');
});

export async function deployed(shell?: Shell): Promise<void> {
  host = await withOne(shell);
  mkdirSync(at('shared/data/deep'), { recursive: true });
  writeFileSync(at('shared/.env'), 'KEY=old\n', { mode: 0o640 });
  writeFileSync(at('shared/data/a'), 'data of one');
}

export const at = (path: string): string => join(host.root, path);
export const text = (path: string): string => readFileSync(at(path), 'utf8');

export const RUN: BackupRun = {
  app: 'shop',
  host: 'web1',
  kind: 'deploy',
  from: one.id,
  to: two.id,
};

export const stepOf = (backup: Partial<Backup>, own: Ownership = by, run: BackupRun = RUN) =>
  backupStep(own, run, { backup: { ...BACKUP, ...backup } });

export const take = (backup: Partial<Backup> = {}): Promise<CallOutcome> =>
  host.run([stepOf(backup)]);

export async function claimed(): Promise<void> {
  expect(codeOf(await host.run([claim(by, one.id)]))).toBe('ok');
}

export const reported = (outcome: CallOutcome): readonly HostBackup[] =>
  outcome.events.flatMap((event) => (event.event === 'backup' ? [event] : []));

export const notes = (outcome: CallOutcome): readonly string[] =>
  outcome.events.flatMap((event) => (event.event === 'note' ? [event.message] : []));

export async function listed(): Promise<readonly HostBackup[]> {
  return reported(await host.run([factsStep(SERVICE, [], { releases: false, backups: true })]));
}

/** What there is of backups, finished or not, and of a restore. */
export const leftovers = (): readonly string[] =>
  readdirSync(at('.fleet'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/)(\.tmp-|apart-|restoring)/.test(path),
  );

export const nothingKept = (): void => {
  expect(existsSync(at('.fleet/backups')) ? readdirSync(at('.fleet/backups')) : []).toEqual([]);
  expect(leftovers()).toEqual([]);
};
