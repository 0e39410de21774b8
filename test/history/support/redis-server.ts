import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, hasProgram } from './database-server.js';

/** A Redis server of this machine on a free port, with its data in a temporary folder. */
export interface RedisServer {
  readonly port: number;
  readonly dir: string;
  url(name: string): string;
  /** Ends it as a power cut would: what was not written is lost. */
  kill(): Promise<void>;
  /** The same data on the same port again. */
  start(): Promise<void>;
  /** Stops it from answering, and lets it go on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  /** What redis-cli prints for a command. */
  cli(...words: readonly string[]): string;
  stop(): Promise<void>;
}

export const SAFE = [
  '--appendonly',
  'yes',
  '--appendfsync',
  'always',
  '--maxmemory-policy',
  'noeviction',
];

export const hasRedis = (): boolean => hasProgram('/usr/bin/redis-server');

export async function startRedis(flags: readonly string[] = SAFE): Promise<RedisServer> {
  const dir = mkdtempSync(join(tmpdir(), 'fleet-redis-'));
  const port = await freePort();
  const common = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--save', ''];
  let child: ChildProcess | null = null;
  const cli = (...words: readonly string[]): string =>
    execFileSync('redis-cli', ['-p', `${port}`, ...words], { encoding: 'utf8' }).trim();
  const kill = async (): Promise<void> => {
    const ended = child;
    child = null;
    if (ended === null || ended.exitCode !== null) return;
    const exit = new Promise((resolve) => ended.once('exit', resolve));
    ended.kill('SIGKILL');
    await exit;
  };
  const start = async (): Promise<void> => {
    child = spawn('redis-server', [...common, ...flags], { stdio: 'ignore' });
    for (let tries = 0; tries < 200; tries += 1) {
      if (answers(port)) return;
      await delay(25);
    }
    throw new Error('redis-server does not start');
  };
  await start();
  return {
    port,
    dir,
    url: (name) => `redis://127.0.0.1:${port}/0/${name}`,
    kill,
    start,
    signal: (signal) => void child?.kill(signal),
    cli,
    async stop() {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function answers(port: number): boolean {
  try {
    const said = execFileSync('redis-cli', ['-p', `${port}`, 'ping'], { stdio: 'pipe' }).toString();
    return /PONG|NOAUTH/.test(said);
  } catch {
    return false;
  }
}
