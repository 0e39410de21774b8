import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerChannel } from 'ssh2';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  sharedHostKey,
  sharedUserKey,
  startServer,
  temporaryFolder,
} from '../transport/support/ssh-server.js';
import { builtProgram } from './support/built-program.js';
import { type Answer, honestly, playHost } from './support/played-host.js';

const MIB = 1024 * 1024;

let program = '';
beforeAll(() => {
  program = builtProgram();
}, 300_000);

type Flood = (channel: ServerChannel) => void;

/** Writes the same for as long as anyone takes it. */
const pour =
  (text: string, on: 'stdout' | 'stderr' = 'stdout'): Flood =>
  (channel) => {
    const stream = on === 'stdout' ? channel : channel.stderr;
    const block = Buffer.from(text.repeat(Math.ceil(32_768 / text.length)));
    const write = (): void => {
      while (!channel.destroyed && channel.writable) if (!stream.write(block)) break;
    };
    channel.on('drain', write);
    stream.on('drain', write);
    write();
  };

const note = (length: number): string =>
  `${JSON.stringify({ event: 'note', message: 'x'.repeat(length) })}\n`;

const FLOODS: Readonly<Record<string, Flood>> = {
  'lines that are no one’s': pour('nothing of ours\n'),
  'one line without an end': pour('a'),
  stderr: pour('what a mess\n', 'stderr'),
  'small notes': pour(note(1)),
  'large notes': pour(note(60_000)),
  'looks of a probe': pour('{"event":"probe","healthy":false,"reason":"no"}\n'),
  releases: pour('{"event":"release","id":"x"}\n'),
  replies: pour('{"verb":"verify","ok":true,"phase":"verified"}\n'),
  'brackets to be parsed': pour(`{"event":${'['.repeat(60_000)}\n`),
  'lines of the journal': pour(`|journal|${'y'.repeat(60_000)}\n`),
};

/** Floods in the place of an answer to the verb. */
const floodAt =
  (verb: string, flood: Flood): Answer =>
  (call) =>
    call.words.includes(verb) ? flood(call.channel) : honestly(call);

/** Answers, and goes on from there. */
const floodAfter =
  (verb: string, flood: Flood): Answer =>
  (call) => {
    honestly(call);
    if (call.words.includes(verb)) flood(call.channel);
  };

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The most memory that the process had, in bytes. */
  readonly peak: number;
  readonly journalBytes: number;
}

interface Evil {
  readonly answer: Answer;
  readonly transport: string;
  readonly serves?: boolean;
}

async function bastion({ answer, transport, serves = true }: Evil) {
  const dir = temporaryFolder();
  const hosts = await Promise.all(
    ['good1', 'evil', 'good2'].map(async (name) => {
      const isEvil = name === 'evil';
      const onExec = playHost(name, isEvil ? answer : honestly, serves || !isEvil);
      const { port } = await startServer({ onExec });
      return { name, address: '127.0.0.1', port };
    }),
  );
  const key = join(dir, 'id');
  writeFileSync(key, sharedUserKey.privateText, { mode: 0o600 });
  const known = hosts.map(({ port }) => `[127.0.0.1]:${port} ${sharedHostKey.publicLine}\n`);
  writeFileSync(join(dir, 'known'), known.join(''));
  mkdirSync(join(dir, 'inventories'));
  mkdirSync(join(dir, 'app'));
  writeFileSync(join(dir, 'app/file'), 'new\n');
  const ssh = { user: 'deploy', identity_file: key, known_hosts: join(dir, 'known'), transport };
  writeFileSync(
    join(dir, 'inventories/all.yaml'),
    JSON.stringify({ ssh, groups: { web: { hosts } } }),
  );
  const policy = {
    waves: ['rest'],
    max_unavailable: 3,
    tolerate: { wave: 1, run: 1 },
    on_failure: 'rollback-host',
    healthy_deadline: '2s',
    min_healthy_time: '100ms',
    confirm_deadline: '8s',
  };
  const service = { unit: 'shop.service' };
  const release = { from: './app' };
  writeFileSync(
    join(dir, 'fleet.yaml'),
    JSON.stringify({ app: 'shop', root: '/opt/shop', service, release, policy }),
  );
  return (...args: readonly string[]): Promise<Ran> => runFleet(dir, args);
}

async function runFleet(dir: string, args: readonly string[]): Promise<Ran> {
  const argv = ['--max-old-space-size=256', program, ...args];
  const env = { PATH: process.env.PATH, HOME: dir, XDG_STATE_HOME: join(dir, 'state') };
  const child = spawn(process.execPath, argv, { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    texts.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    texts.stderr += chunk;
  });
  let peak = 0;
  const look = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid));
  }, 20);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(look);
  return { code, ...texts, peak, journalBytes: journalBytes(dir) };
}

function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function journalBytes(dir: string): number {
  const run = readFileSync(join(dir, 'state/fleet/deploy.log'), 'utf8').match(/run=(\S+)/)?.[1];
  return statSync(join(dir, 'state/fleet/runs', run ?? '', 'events.ndjson')).size;
}

function expectHungUp(run: Ran): void {
  const { hosts } = JSON.parse(run.stdout);
  const done = hosts.filter(({ state }: Record<string, string>) => state === 'done');
  expect(done.map(({ host }: Record<string, string>) => host)).toEqual(['good1', 'good2']);
  expect(hosts[1].error).toMatchObject({
    code: 'bad_reply',
    message: expect.stringMatching(/disconnected from the host: it (printed|sent) /),
  });
  expect([4, 5, 6]).toContain(run.code);
  expect(run.peak).toBeLessThan(320 * MIB);
  expect(run.journalBytes).toBeLessThan(300_000);
}

describe.each(['ssh2', 'openssh'])('one host of three that floods, by %s', (transport) => {
  test.each(Object.keys(FLOODS))(
    'with %s in its activation is disconnected, and the others are deployed to',
    async (name) => {
      const answer = floodAt('activate', FLOODS[name] ?? pour(''));
      const fleet = await bastion({ answer, transport });
      expectHungUp(await fleet('deploy', '-g', 'web', '--yes', '--json'));
    },
    60_000,
  );

  test('in an exec of its own is also disconnected', async () => {
    const answer = floodAt('activate', pour(note(1)));
    const fleet = await bastion({ answer, transport, serves: false });
    expectHungUp(await fleet('deploy', '-g', 'web', '--yes', '--json'));
  }, 60_000);

  test.each(['facts', 'status'])(
    'between its calls, after %s, changes nothing for anyone',
    async (verb) => {
      const answer = floodAfter(verb, pour('and another thing\n'));
      const fleet = await bastion({ answer, transport });
      const run = await fleet('deploy', '-g', 'web', '--yes', '--json');
      const { hosts } = JSON.parse(run.stdout);
      expect(hosts.map(({ state }: Record<string, string>) => state)).toEqual(
        Array(3).fill('done'),
      );
      expect(run.code, run.stderr).toBe(0);
      expect(run.peak).toBeLessThan(320 * MIB);
    },
    60_000,
  );
});
