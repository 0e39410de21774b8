import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createHostClient } from '../../src/host/client.js';
import { serveCommand } from '../../src/host/command.js';
import { loadHostProgram } from '../../src/host/program.js';
import type { Step } from '../../src/host/protocol/protocol.js';
import { readFacts } from '../../src/host/reply/facts.js';
import { factsStep } from '../../src/host/steps/steps.js';
import { claim, ownership } from '../host/support/deploy.js';
import {
  createFakeHost,
  type FakeHost,
  SERVICE,
  SHELLS,
  type Shell,
} from '../host/support/fake-host.js';
import { localConnection } from '../host/support/local-connection.js';
import { codeOf } from '../host/support/refused-step.js';

/** The login of these hosts is whoever runs the tests; only root can play the other users. */
const isRoot = process.getuid?.() === 0;
const OTHER = 65_534;
const by = ownership(1);
const program = loadHostProgram();
const FACTS = factsStep(SERVICE, [], { releases: true });

let host: FakeHost;
afterEach(() => host.stop());

const inRoot = (path: string): string => join(host.root, path);
const calls = (): string => join(host.dir, 'ls-calls');

/** A host with the program, a claim and a release, all of it the login's; its `ls` is counted. */
async function owned(shell: Shell): Promise<void> {
  host = createFakeHost(shell);
  host.unit('shop.service', { action: 'start' });
  expect(codeOf(await host.run([claim(by, null)]))).toBe('ok');
  writeFileSync(inRoot('.fleet/releases/r1'), 'staged 2026-01-01T00:00:00Z run\n{}\n');
  writeFileSync(calls(), '');
  host.tool('ls', `#!/bin/dash\necho >>${calls()}\nexec /bin/ls "$@"\n`);
}

interface Session {
  run(step: Step): Promise<string>;
  unsafe(): Promise<readonly { readonly path: string; readonly what: string }[]>;
  looks(): number;
}

/** All calls of a session go to the program that one command began. */
async function session<T>(work: (session: Session) => Promise<T>, root = host.root): Promise<T> {
  const connection = localConnection({ env: host.env });
  const client = createHostClient({ connect: connection, root, program });
  const run = (step: Step) => client.run([step], { timeoutMs: 30_000 });
  writeFileSync(calls(), '');
  const result = await work({
    run: async (step) => codeOf(await run(step)),
    unsafe: async () => {
      const found = readFacts((await run(FACTS)).events)?.unsafe ?? [];
      return found.map(({ path, what }) => ({ path, what }));
    },
    looks: () => readFileSync(calls(), 'utf8').length,
  });
  await connection.close();
  return result;
}

/** Facts, then a claim, as a run makes them. */
const begun = (root?: string) =>
  session(
    async ({ unsafe, run, looks }) => ({
      unsafe: await unsafe(),
      claim: await run(claim(by, null)),
      looks: looks(),
    }),
    root,
  );
/** A busybox has an `ls` in itself, which is not counted. */
const looksOf = (shell: Shell, count: number): number => (shell === 'busybox' ? 0 : count);

type Change = readonly [string, string, () => void];
const opened = (path: string, mode: number): Change => [
  `${path} by mode ${mode.toString(8)}`,
  path,
  () => chmodSync(inRoot(path), mode),
];
const given = (path: string): Change => [
  `${path} of another user`,
  path,
  () => chownSync(inRoot(path), OTHER, OTHER),
];
/** That of releases may lead to a folder which is as safe; this leads to none. */
const linked = (path: string): Change => [
  `${path} as a link`,
  path,
  () => {
    renameSync(inRoot(path), join(host.dir, 'elsewhere'));
    symlinkSync(join(host.dir, path === 'releases' ? 'gone' : 'elsewhere'), inRoot(path));
  },
];
const MADE = ['releases', '.fleet', '.fleet/releases', '.fleet/state', '.fleet/releases/r1'];
const CHANGES: readonly Change[] = [
  opened('', 0o757),
  opened('', 0o1777),
  ...MADE.map((path) => opened(path, 0o757)),
  ...MADE.map(linked),
  ...(isRoot ? [...['', '..', ...MADE].map(given), opened('..', 0o757)] : []),
];

describe.each(SHELLS)('in %s, a session that begins where all is owned', (shell) => {
  test('looks once, for facts and for its claim', async () => {
    await owned(shell);
    const safe = { unsafe: [], claim: 'ok', looks: looksOf(shell, 1) };
    expect(await begun()).toEqual(safe);
    expect(await begun('~/shop')).toEqual(safe);
    chmodSync(host.dir, 0o1777);
    expect(await begun()).toEqual(safe);
  });

  test.each(CHANGES)('does not speak for the next: %j', async (_, path, change) => {
    await owned(shell);
    expect(await begun()).toEqual({ unsafe: [], claim: 'ok', looks: looksOf(shell, 1) });
    change();
    const { unsafe, claim: code } = await begun();
    expect(unsafe.map((each) => each.path)).toContain(join(host.root, path));
    expect(code).toBe('root_unsafe');
  });

  test.each(CHANGES.filter(([name]) => /^(releases|\.fleet) (as|of)/.test(name)))(
    'still reports what is no longer the login’s own folder: %j',
    async (_, path, change) => {
      await owned(shell);
      await session(async ({ unsafe, run }) => {
        expect(await unsafe()).toEqual([]);
        change();
        expect((await unsafe()).map((each) => each.path)).toEqual([inRoot(path)]);
        expect(await run(claim(by, null))).toBe('root_unsafe');
      });
    },
  );

  test('treats a name as nothing more than a name', async () => {
    await owned(shell);
    for (const name of ['a b', '*', '[s]tate', '-x']) {
      const path = inRoot(`.fleet/${name}`);
      writeFileSync(path, '');
      expect((await begun()).unsafe).toEqual([]);
      chmodSync(path, 0o666);
      expect((await begun()).claim).toBe('root_unsafe');
      chmodSync(path, 0o644);
    }
  });

  test.skipIf(shell === 'busybox')('is not begun where ls says nothing', async () => {
    await owned(shell);
    const words = { id: 1, words: ['step', 'status', `root=${host.root}`] };
    const begin = () =>
      spawnSync('/bin/sh', ['-c', serveCommand(program, host.root, words)], { env: host.env });
    expect(begin().status).toBe(0);
    host.tool('ls', '#!/bin/dash\nexit 0\n');
    expect(begin().status).toBe(69);
  });

  test('looks for itself at another root, and at a way with a link', async () => {
    await owned(shell);
    const other = join(host.dir, 'other');
    mkdirSync(other);
    chmodSync(other, 0o757);
    symlinkSync('shop', join(host.dir, 'hop'));
    const first = { id: 1, words: ['step', 'facts', `root=${host.root}`] };
    const more = [
      ['step', 'facts', `root=${other}`],
      ['step', 'facts', `root=${join(host.dir, 'hop')}`],
    ];
    const input = more.map((words, index) => `call ${index + 2} 3\n${words.join('\n')}\n`).join('');
    const { stdout } = spawnSync('/bin/sh', ['-c', serveCommand(program, host.root, first)], {
      env: host.env,
      input,
      encoding: 'utf8',
    });
    const found = stdout.match(/"path":"[^"]*","what":"[a-z]*"/g);
    expect(found).toEqual([`"path":"${other}","what":"writable"`]);
    expect(readFileSync(calls(), 'utf8')).toHaveLength(looksOf(shell, 3));
  });

  test('is begun by its command alone: no call can say so', async () => {
    await owned(shell);
    chmodSync(host.root, 0o757);
    const words = ['step', 'facts', `root=${host.root}`];
    const input = [['owned', ...words], words, [...words, 'owned'], [...words, 'OWNED=/']]
      .map((call, index) => `call ${index + 2} ${call.length}\n${call.join('\n')}\n`)
      .join('');
    for (const first of [words, ['owned', ...words]]) {
      const command = serveCommand(program, host.root, { id: 1, words: first });
      const env = { ...host.env, OWNED: host.root };
      const { stdout } = spawnSync('/bin/sh', ['-c', command], { env, input, encoding: 'utf8' });
      expect(stdout.match(/"unsafe":\[\{/g)).toHaveLength(first === words ? 2 : 1);
      expect(stdout.match(/"code":"usage"/g)).toHaveLength(first === words ? 3 : 4);
    }
  });
});
