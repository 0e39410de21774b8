import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createFileApprovals } from '../../../src/engine/approval/file-store.js';
import type { Person } from '../../../src/model/hosts/person.js';
import { asRunId } from '../../../src/model/names.js';
import { temporaryFolder } from '../../transport/support/ssh-server.js';

const run = asRunId('20260202T000000Z-0001');
const person: Person = {
  bastion: 'b1',
  proven: { account: 'ada', uid: process.getuid?.() ?? 0, loginUid: null },
  said: { name: null, sudoUser: null, sudoUid: null, ssh: null, ci: null },
};
const at = '2026-02-02T00:00:00Z';
const digest = 'sha256:plan';
const names = { kind: 'deploy', app: 'shop', group: 'prod', release: 'r1', reason: null } as const;
const request = {
  schemaVersion: 1,
  run,
  digest,
  ...names,
  by: 'ada@b1',
  person,
  at,
  expiresAt: at,
} as const;
const answer = {
  schemaVersion: 1,
  run,
  digest,
  decision: 'approved',
  by: 'bob@b1',
  person,
  at,
  reason: null,
} as const;

let count = 0;
function freshStore(mode = 0o700) {
  const folder = join(temporaryFolder(), 'approvals');
  mkdirSync(folder);
  chmodSync(folder, mode);
  const random = () => {
    count += 1;
    return `r${count}`;
  };
  return { folder, store: createFileApprovals(folder, random) };
}

describe('approvals in a folder', () => {
  test('are there whole, and only for their owner', async () => {
    const { folder, store } = freshStore();
    expect(await store.list()).toEqual([]);
    await store.ask(request, '{"plan":1}');
    expect(await store.list()).toEqual([run]);
    expect(await store.find(run)).toEqual({
      request: { document: request, owner: process.getuid?.() },
      plan: '{"plan":1}',
      answer: null,
      use: null,
    });
    expect(readdirSync(folder)).toEqual([run]);
    expect(statSync(join(folder, run, 'plan.json')).mode & 0o777).toBe(
      process.getuid?.() === 0 ? 0o644 : 0o600,
    );
  });

  test('gives one of many the answer, and one the use', async () => {
    const { folder, store } = freshStore();
    await store.ask(request, '');
    const answers = ['ben', 'cara', 'dan'].map((by) => store.answer({ ...answer, by }));
    expect((await Promise.all(answers)).filter((isFirst) => isFirst)).toHaveLength(1);
    const uses = [1, 2, 3].map(() => store.use({ schemaVersion: 1, run, by: 'ada@b1', at }));
    expect((await Promise.all(uses)).filter((isFirst) => isFirst)).toHaveLength(1);
    expect(await store.find(run)).toMatchObject({ answer: { document: { by: 'ben' } } });
    expect(readdirSync(join(folder, run)).sort()).toEqual([
      'answer.json',
      'plan.json',
      'request.json',
      'used.json',
    ]);
  });

  test('does not count what others of the group could have written', async () => {
    const { folder, store } = freshStore(0o2770);
    await store.ask(request, '');
    await store.answer(answer);
    const file = join(folder, run, 'answer.json');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(await store.find(run)).toMatchObject({ answer: { document: answer } });
    chmodSync(file, 0o660);
    expect(await store.find(run)).toMatchObject({ answer: null });
  });

  test.runIf(process.getuid?.() === 0)(
    'have the account that wrote them, by the kernel',
    async () => {
      const { folder, store } = freshStore(0o2770);
      await store.ask(request, '');
      chownSync(folder, 0, 4242);
      chownSync(join(folder, run), 0, 4242);
      const file = join(folder, run, 'answer.json');
      const write = ['--reuid=4243', '--regid=4242', '--clear-groups', 'sh', '-c'];
      const open = ['chmod', '711', join(folder, '..'), '--'];
      execFileSync(open[0] ?? '', open.slice(1, 3));
      execFileSync('setpriv', [
        ...write,
        'umask 027; printf %s "$1" >"$2"',
        'sh',
        JSON.stringify(answer),
        file,
      ]);
      expect(await store.find(run)).toMatchObject({ answer: { owner: 4243 } });
    },
  );
});
